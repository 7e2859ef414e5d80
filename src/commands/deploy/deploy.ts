/** `deploy`: brings the stack to what is wanted; with --dry-run, says what that would take. */

import type { Entry } from '../../reconcile/plan.js';
import type { Settings } from '../../settings/index.js';
import { repairsRouting } from '../../stack/routing-path.js';
import type { Scope } from '../../stack/scope.js';
import type { Host } from '../../terminal/host.js';
import { asTime } from '../../terminal/text.js';
import { backfillCommand } from '../shared/backfill-command.js';
import { planAndApply } from '../shared/plan-and-apply.js';
import type { Waiting } from '../shared/read-and-plan.js';
import { defaultRuntime, type Runtime } from '../shared/session.js';
import { probeTimeout } from '../verify/command.js';

export interface DeployOptions {
  /** Stop after the plan. */
  dryRun: boolean;
  /** See afterwards whether it works. */
  verify?: boolean;
  runtime?: Runtime;
}

export async function deploy(
  settings: Settings,
  host: Host,
  { dryRun, verify = false, runtime = defaultRuntime }: DeployOptions,
): Promise<number> {
  return planAndApply(settings, host, {
    command: 'deploy',
    dryRun,
    runtime,
    ...(verify && { verify: await prepareVerification(settings, host, runtime) }),
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
      if (!applied.some(repairsRouting)) return { lines: ['Done.'] };
      return {
        next: backfill,
        lines: ['Done. Mail that was not routed before this waits in inbound/; route it with:', `  ${backfill}`],
      };
    },
  });
}

/** What can be wrong with what it is given is told before anything is written. */
async function prepareVerification(settings: Settings, host: Host, runtime: Runtime) {
  const { agentToken, verification } = await import('../verify/verify.js');
  const options = { timeout: probeTimeout, token: await agentToken(settings), runtime };
  return (scope: Scope, waiting: Waiting) => verification(scope, host, waiting, options);
}

function turnsEventsOn({ differences }: Entry): boolean {
  return differences.some(({ field, to }) => field === 'EventBridge' && to === 'on');
}
