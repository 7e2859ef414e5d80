/**
 * Whether the old path can be removed. Pure: based on what was read, at the time it was read.
 */
import type { Entry } from '../../reconcile/plan.js';
import { asTime } from '../../terminal/text.js';
import type { Resource } from '../resource.js';
import { executionRole } from '../resources/execution-role.js';
import { routingFunction } from '../resources/function/function.js';
import { permission } from '../resources/permission.js';
import { onSince, rule } from '../resources/rule.js';
import type { Scope } from '../scope.js';
import { differencesFromScript, isThere, otherBucketOf } from './compare.js';
import { oldRouter } from './deploy-sh.js';
import type { LegacyView } from './state.js';

/** What happens to the old path. `kept` (for now) and `left` (for good): nothing is written for it, for the reason given. */
export type Verdict = { fate: 'absent' } | { fate: 'gone' } | { fate: 'kept' | 'left'; why: string };

/**
 * How long the old path is kept beside the new one after EventBridge was turned on, milliseconds: twice the time after which S3 delivers
 * events. https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-event-notifications-eventbridge.html
 */
export const keptFor = 10 * 60_000;

export function verdict(observed: LegacyView, scope: Scope): Verdict {
  const { settings, names } = scope;
  if (settings.keepLegacy) return { fate: 'left', why: 'not looked at, and left alone: --keep-legacy' };
  if (!isThere(observed)) return { fate: 'absent' };
  if (names.functionName === oldRouter.functionName || names.roleName === oldRouter.roleName)
    return { fate: 'left', why: 'left alone: a name of it is in use here (--function-name, --role-name)' };
  const other = otherBucketOf(observed, scope);
  if (other !== undefined)
    return { fate: 'left', why: `left alone: it is the router of the bucket ${other}, not of ${names.bucket}` };
  const differences = differencesFromScript(observed, scope);
  if (differences.length > 0)
    return { fate: 'left', why: `left alone: it is not as deploy.sh makes it: ${differences.join('; ')}` };
  const missing = missingOfNewPath(observed, scope);
  return missing === undefined ? { fate: 'gone' } : { fate: 'kept', why: `kept for now: ${missing}` };
}

/**
 * What the new path still lacks; undefined if every part of it is up to date, and has been for long enough. A part that this run repairs
 * counts only in the next run.
 */
function missingOfNewPath(observed: LegacyView, scope: Scope): string | undefined {
  const since = onSince(observed.rule);
  if (observed.bucketEvents.EventBridgeConfiguration === undefined || since === undefined)
    return 'it routes the mail until EventBridge does; deploy again ten minutes after this deploy';
  const changing = [
    ...changedKinds(executionRole, observed, scope),
    ...changedKinds(routingFunction, observed, scope),
    ...changedKinds(permission, observed, scope),
    ...changedKinds(rule, observed, scope),
  ];
  if (changing.length > 0)
    return `${[...new Set(changing)].join(' and ')} of the new path must be up to date first; deploy again`;
  const { configuration, reservedConcurrency } = { ...observed.function.existing };
  if (configuration?.State !== 'Active' || configuration.LastUpdateStatus !== 'Successful')
    return 'the new function is not active yet; deploy again';
  if (reservedConcurrency === 0) return 'a reserved concurrency of 0 keeps the new function from running';
  const until = since + keptFor;
  if (observed.legacy.readAt < until)
    return `S3 takes about five minutes until it delivers to EventBridge; deploy again at ${asTime(Math.ceil(until / 1_000) * 1_000)} or later`;
  return undefined;
}

/** The kinds of a resource's entries that a deploy would change. */
function changedKinds(
  { deploy }: Pick<Resource<unknown, LegacyView>, 'deploy'>,
  observed: LegacyView,
  scope: Scope,
): string[] {
  return deploy(observed, scope)
    .filter(({ writes }: Entry) => writes.length > 0)
    .map(({ resource }) => resource);
}
