/** `deploy`: brings the stack to what is wanted; with --dry-run, says what that would take. */
import { asTime, backfillCommand } from '../backfill/command.js';
import type { Host } from '../host/host.js';
import type { Entry } from '../reconcile/plan.js';
import type { Settings } from '../settings/index.js';
import { mendsTheWay } from '../stack/mail-way.js';
import type { Scope } from '../stack/scope.js';
import { probeTimeout } from './probe-timeout.js';
import type { Waiting } from './reading.js';
import { reconcile } from './reconcile.js';
import { type Ground, realGround } from './session.js';

export interface DeployOptions {
  /** Stop after the plan. */
  dryRun: boolean;
  /** See afterwards whether it works. */
  verify?: boolean;
  ground?: Ground;
}

export async function deploy(
  settings: Settings,
  host: Host,
  { dryRun, verify = false, ground = realGround }: DeployOptions,
): Promise<number> {
  return reconcile(settings, host, {
    command: 'deploy',
    dryRun,
    ground,
    ...(verify && { verify: await prepareVerification(settings, host, ground) }),
    afterwards(applied, scope, started) {
      const backfill = backfillCommand(scope);
      if (applied.some(turnsEventsOn)) {
        const next = backfillCommand(scope, { '--since': asTime(started) });
        return {
          next,
          lines: [
            'Done. S3 begins to deliver events about five minutes after EventBridge was',
            'turned on. Mail that arrives until then waits in inbound/; in ten minutes,',
            'route it with:',
            `  ${next}`,
            'Without --since it routes all earlier mail too.',
          ],
        };
      }
      if (!applied.some(mendsTheWay)) return { lines: ['Done.'] };
      return {
        next: backfill,
        lines: ['Done. Mail that was not routed before this waits in inbound/; route it with:', `  ${backfill}`],
      };
    },
  });
}

/** What can be wrong with what it is given is told before anything is written. */
async function prepareVerification(settings: Settings, host: Host, ground: Ground) {
  const { agentToken, verification } = await import('./verify.js');
  const options = { timeout: probeTimeout, token: await agentToken(settings), ground };
  return (scope: Scope, waiting: Waiting) => verification(scope, host, waiting, options);
}

function turnsEventsOn({ differences }: Entry): boolean {
  return differences.some(({ field, to }) => field === 'EventBridge' && to === 'on');
}
