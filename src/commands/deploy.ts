/** `deploy`: brings the stack to what is wanted; with --dry-run, says what that would take. */
import { asTime, backfillCommand } from '../backfill/command.js';
import type { Host } from '../host/host.js';
import type { Entry } from '../reconcile/plan.js';
import type { Settings } from '../settings/index.js';
import { reconcile } from './reconcile.js';
import { type Ground, realGround } from './session.js';

export function deploy(
  settings: Settings,
  host: Host,
  { dryRun, ground = realGround }: { dryRun: boolean; ground?: Ground },
): Promise<number> {
  return reconcile(settings, host, {
    command: 'deploy',
    dryRun,
    ground,
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

function turnsEventsOn({ differences }: Entry): boolean {
  return differences.some(({ field, to }) => field === 'EventBridge' && to === 'on');
}

/** Fields of the mail's way whose change lets no message through that was not let through before. */
const harmless =
  /^(memory|timeout|code|architecture|runtime|reserved concurrency|permissions boundary|asynchronous retries|event age|retries|tag .*)$/;

/** Whether there may be mail that could not be routed before. */
function mendsTheWay({ resource, differences }: Entry): boolean {
  const onTheWay = ['bucket events', 'execution role', 'function', 'rule', 'target', 'permission'].includes(resource);
  return onTheWay && differences.some(({ field }) => !harmless.test(field));
}
