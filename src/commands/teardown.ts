/** `teardown`: takes down what is ours, in reverse, and says what stays. */
import type { Host } from '../host/host.js';
import type { Settings } from '../settings/index.js';
import { reconcile } from './reconcile.js';
import { type Ground, realGround } from './session.js';

export function teardown(
  settings: Settings,
  host: Host,
  { dryRun, ground = realGround }: { dryRun: boolean; ground?: Ground },
): Promise<number> {
  return reconcile(settings, host, {
    command: 'teardown',
    dryRun,
    ground,
    afterwards: () => ({ lines: ['Done. New mail stays in inbound/ from now on.'] }),
  });
}
