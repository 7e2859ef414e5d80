/**
 * The entries of a plan that remove the old path, in order: the notification first, then the parts it invokes. Pure.
 */
import type { Write } from '../../aws/writes.js';
import type { Entry } from '../../reconcile/plan.js';
import { putNotifications } from '../resources/bucket/notifications.js';
import type { Scope } from '../scope.js';
import { oldRouter } from './deploy-sh.js';
import { oldNotificationIn, withoutOldNotification } from './notification.js';
import type { LegacyView } from './state.js';

const { functionName: FunctionName, roleName: RoleName, rolePolicyName, notificationId, statementId } = oldRouter;

/** The entry for the notification. */
export function oldNotificationEntries({ bucketEvents: have }: LegacyView, scope: Scope): Entry[] {
  if (oldNotificationIn(have) === undefined) return [];
  const stops = noLongerRouted(scope);
  return [
    removal('notification', notificationId, [putNotifications(withoutOldNotification(have), scope)], {
      note: "deploy.sh's router is no longer needed: EventBridge delivers, and the new path is up to date",
      consequence: stops === '' ? '' : `, and so stop routing ${stops}`,
    }),
  ];
}

/** What deploy.sh's function routes and the new one does not: it has one prefix, and accepts any domain. */
function noLongerRouted({ settings: { prefixes, mailDomain } }: Scope): string {
  return [
    ...(prefixes.includes(oldRouter.prefix) ? [] : [`mail to ${oldRouter.prefix}-0x…`]),
    ...(mailDomain === undefined ? [] : [`mail to any domain but ${mailDomain}`]),
  ].join(', and ');
}

/** The entries for the statement, the function and the role. */
export function oldPartsEntries({ legacy: { function: fn, role } }: LegacyView): Entry[] {
  const entries: Entry[] = [];
  if (fn?.statements.some(({ Sid }) => Sid === statementId))
    entries.push(
      removal('permission', statementId, [
        { call: 'lambda:RemovePermission', input: { FunctionName, StatementId: statementId } },
      ]),
    );
  if (fn !== undefined)
    entries.push(
      removal('function', FunctionName, [{ call: 'lambda:DeleteFunction', input: { FunctionName } }], {
        note: `its logs stay, in ${oldRouter.logGroupName}`,
      }),
    );
  if (role !== undefined) {
    const policy: Write[] =
      role.policy === undefined
        ? []
        : [{ call: 'iam:DeleteRolePolicy', input: { RoleName, PolicyName: rolePolicyName } }];
    entries.push(
      removal('execution role', RoleName, [...policy, { call: 'iam:DeleteRole', input: { RoleName } }], {
        note: 'if anything else uses this role, keep it with --keep-legacy',
      }),
    );
  }
  return entries;
}

function removal(
  resource: string,
  name: string,
  writes: Write[],
  { note, consequence = '' }: { note?: string; consequence?: string } = {},
): Entry {
  return {
    resource,
    name,
    action: 'delete',
    ...(note === undefined ? {} : { note }),
    differences: [],
    destroys: `delete the ${resource} ${name}, which deploy.sh made${consequence}`,
    writes,
  };
}
