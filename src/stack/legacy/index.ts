/**
 * deploy.sh's installation, which routed the mail before: it works on beside the new path until that has surely taken over, and then
 * goes as a whole. What isn't exactly as the script makes it stays, and it is said why.
 */
import { attention, unchanged } from '../../reconcile/plan.js';
import type { Resource } from '../resource.js';
import { checkAfterPut, checkBeforePut } from '../resources/bucket/notifications.js';
import { isThere } from './compare.js';
import { oldFunctionArn, oldRoleArn, oldRouter } from './deploy-sh.js';
import { assertUnchanged } from './recheck.js';
import { oldNotificationEntries, oldPartsEntries } from './removal.js';
import { type LegacyState, type LegacyView, readLegacy } from './state.js';
import { verdict } from './verdict.js';

const kind = 'old router';
const name = oldRouter.functionName;

export const legacy: Resource<LegacyState, LegacyView> = {
  /** The bucket's notification configuration holds the old notification. */
  alsoChanges: ['bucketEvents'],

  read: readLegacy,

  /** The notification goes first. */
  deploy(observed, scope) {
    const decided = verdict(observed, scope);
    if (decided.fate === 'absent') return [];
    if (decided.fate === 'left' && scope.settings.keepLegacy) return [unchanged(kind, name, decided.why)];
    if (decided.fate !== 'gone') return [attention(kind, name, decided.why)];
    return [...oldNotificationEntries(observed, scope), ...oldPartsEntries(observed)];
  },

  teardown: (observed) =>
    isThere(observed) ? [attention(kind, name, 'left alone: deploy.sh made it, not this tool')] : [],

  permissions({ identity, settings }) {
    if (settings.keepLegacy) return [];
    const functions = [oldFunctionArn(identity)];
    const roles = [oldRoleArn(identity)];
    return [
      { for: 'read', actions: ['lambda:GetFunction', 'lambda:GetPolicy', 'lambda:ListTags'], resources: functions },
      {
        for: 'read',
        actions: ['iam:GetRole', 'iam:GetRolePolicy', 'iam:ListRolePolicies', 'iam:ListAttachedRolePolicies'],
        resources: roles,
      },
      { for: 'deploy', actions: ['lambda:RemovePermission', 'lambda:DeleteFunction'], resources: functions },
      { for: 'deploy', actions: ['iam:DeleteRolePolicy', 'iam:DeleteRole'], resources: roles },
    ];
  },

  /** The statement serves nobody once the notification is gone, and IAM deletes no role that somebody gave another policy meanwhile. */
  async prepare(write, scope, observed) {
    await checkBeforePut(write, observed.bucketEvents, scope);
    if (write.call !== 'lambda:RemovePermission' && write.call !== 'iam:DeleteRole')
      await assertUnchanged(observed, scope);
  },

  settle: (write, _answer, scope) => checkAfterPut(write, scope),
};
