/**
 * Whether the old path may go by now. Pure: by what was read, at the moment it was read.
 */
import type { Entry } from '../../reconcile/plan.js';
import { asTime } from '../../terminal/text.js';
import type { Resource } from '../resource.js';
import { executionRole } from '../resources/execution-role.js';
import { routingFunction } from '../resources/function/function.js';
import { permission } from '../resources/permission.js';
import { onSince, rule } from '../resources/rule.js';
import type { Scope } from '../scope.js';
import { differencesFromScript, isThere } from './compare.js';
import { oldRouter } from './deploy-sh.js';
import type { LegacyView } from './state.js';

/** What is to become of the old path. `kept` and `left`: nothing is written for it, for the reason given. */
export type Verdict = { fate: 'absent' } | { fate: 'gone' } | { fate: 'kept' | 'left'; why: string };

/**
 * How long the old path is kept beside the new one after EventBridge was turned on, milliseconds: twice the time that S3 takes until
 * it delivers. https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-event-notifications-eventbridge.html
 */
export const keptFor = 10 * 60_000;

export function verdict(observed: LegacyView, scope: Scope): Verdict {
  const { settings, names } = scope;
  if (settings.keepLegacy) return { fate: 'left', why: 'left alone: --keep-legacy' };
  if (!isThere(observed)) return { fate: 'absent' };
  if (names.functionName === oldRouter.functionName || names.roleName === oldRouter.roleName)
    return { fate: 'left', why: 'left alone: a name of it is in use here (--function-name, --role-name)' };
  const differences = differencesFromScript(observed, scope);
  if (differences.length > 0)
    return { fate: 'left', why: `left alone: it is not as deploy.sh makes it: ${differences.join('; ')}` };
  const missing = missingOfNewPath(observed, scope);
  return missing === undefined ? { fate: 'gone' } : { fate: 'kept', why: `kept for now: ${missing}` };
}

/**
 * What the new path still lacks; undefined when every part of it stands, and has stood for long enough. Only what this very reading
 * found in order counts: what is mended in this run is trusted in the next.
 */
function missingOfNewPath(observed: LegacyView, scope: Scope): string | undefined {
  const since = onSince(observed.rule);
  if (observed.bucketEvents.EventBridgeConfiguration === undefined || since === undefined)
    return 'it routes the mail until EventBridge does; deploy again ten minutes after this deploy';
  const mending = [
    ...unsettled(executionRole, observed, scope),
    ...unsettled(routingFunction, observed, scope),
    ...unsettled(permission, observed, scope),
    ...unsettled(rule, observed, scope),
  ];
  if (mending.length > 0)
    return `of the new path, ${[...new Set(mending)].join(' and ')} must be in order first; deploy again`;
  const { configuration, reservedConcurrency } = { ...observed.function.existing };
  if (configuration?.State !== 'Active' || configuration.LastUpdateStatus !== 'Successful')
    return 'the new function is not active yet; deploy again';
  if (reservedConcurrency === 0) return 'a reserved concurrency of 0 keeps the new function from running';
  const until = since + keptFor;
  if (observed.legacy.readAt < until)
    return `S3 takes about five minutes until it delivers to EventBridge; deploy again at ${asTime(Math.ceil(until / 1_000) * 1_000)} or later`;
  return undefined;
}

/** The kinds of what a deploy would change of a resource. */
function unsettled(
  { deploy }: Pick<Resource<unknown, LegacyView>, 'deploy'>,
  observed: LegacyView,
  scope: Scope,
): string[] {
  return deploy(observed, scope)
    .filter(({ writes }: Entry) => writes.length > 0)
    .map(({ resource }) => resource);
}
