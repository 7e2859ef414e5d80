/**
 * The last look before a part of the old path goes: none of AWS's calls for that knows a condition, and the question may have stood on
 * the screen for an hour.
 */
import { OperatorError } from '../../aws/errors.js';
import { readNotifications } from '../resources/bucket/notifications.js';
import { executionRole } from '../resources/execution-role.js';
import { routingFunction } from '../resources/function/function.js';
import { permission } from '../resources/permission.js';
import { rule } from '../resources/rule.js';
import type { Scope } from '../scope.js';
import { type LegacyView, readLegacy } from './state.js';
import { verdict } from './verdict.js';

/**
 * Reads both paths once more.
 *
 * @throws OperatorError when the old path may not go any more: the new one is not in order by now, or the old one is another.
 */
export async function assertUnchanged(observed: LegacyView, scope: Scope): Promise<void> {
  const [role, fn, statements, events, bucketEvents, legacy] = await Promise.all([
    executionRole.read(scope),
    routingFunction.read(scope),
    permission.read(scope),
    rule.read(scope),
    readNotifications(scope),
    readLegacy(scope),
  ]);
  const now = {
    ...observed,
    executionRole: role,
    function: fn,
    permission: statements,
    rule: events,
    bucketEvents,
    legacy,
  };
  const decided = verdict(now, scope);
  if (decided.fate === 'kept' || decided.fate === 'left')
    throw new OperatorError(
      `deploy.sh's router was to go, but meanwhile somebody else changed something; as things are it is ${decided.why}.`,
    );
}
