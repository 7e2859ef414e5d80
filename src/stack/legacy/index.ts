/**
 * deploy.sh's installation, which routed the mail before: it stays beside the new path until that works for certain, and is then removed as
 * a whole. If it isn't exactly as the script creates it, it stays, and the plan says why.
 */
import { attention } from '../../reconcile/plan.js';
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
  /** The old notification is in the bucket's notification configuration. */
  alsoChanges: ['bucketEvents'],

  read: readLegacy,

  /** The notification is removed first. */
  deploy(observed, scope) {
    const decided = verdict(observed, scope);
    if (decided.fate === 'absent') return [];
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

  /** Not before RemovePermission: the statement has no use without the notification. Not before DeleteRole: IAM rejects it if the role has a policy. */
  async prepare(write, scope, observed) {
    await checkBeforePut(write, observed.bucketEvents, scope);
    if (write.call !== 'lambda:RemovePermission' && write.call !== 'iam:DeleteRole')
      await assertUnchanged(observed, scope);
  },

  settle: (write, _answer, scope) => checkAfterPut(write, scope),
};
