/** `teardown`: deletes the stack in reverse order, and reports what is kept. */

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
    afterwards: () => ({ lines: ['Done. New mail is no longer routed; it stays in inbound/.'] }),
  });
}
