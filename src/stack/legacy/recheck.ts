/**
 * The check before a part of the old path is removed: AWS has no conditional calls for that, and the operator may have taken an hour to
 * confirm.
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
 * Reads both paths again.
 *
 * @throws OperatorError when the old path must not be removed any more: the new path needs changes, or the old one was changed
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
      `deploy.sh's router was not removed, because something changed after the plan was made: it is now ${decided.why}.`,
    );
}
