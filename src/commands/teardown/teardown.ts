/** `teardown`: takes down what is ours, in reverse, and says what stays. */

import type { Settings } from '../../settings/index.js';
import type { Host } from '../../terminal/host.js';
import { planAndApply } from '../shared/plan-and-apply.js';
import { defaultRuntime, type Runtime } from '../shared/session.js';

export function teardown(
  settings: Settings,
  host: Host,
  { dryRun, runtime = defaultRuntime }: { dryRun: boolean; runtime?: Runtime },
): Promise<number> {
  return planAndApply(settings, host, {
    command: 'teardown',
    dryRun,
    runtime,
    afterwards: () => ({ lines: ['Done. New mail stays in inbound/ from now on.'] }),
  });
}
