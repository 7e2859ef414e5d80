/** The permissions that `trace` needs for a whole answer. What is denied is shown as unknown. */
import { INBOUND_PREFIX, WALLETS_PREFIX } from '../../../handler/mail/address.js';
import { accountInArn } from '../../policy/arns.js';
import { broker } from '../../stack/broker/broker.js';
import type { Permission } from '../../stack/resource.js';
import type { StackContext } from '../../stack/scope.js';
import { logsPermission } from '../logs/permissions.js';

/** Copies are listed, never read. */
export function tracePermissions(stack: StackContext): Permission[] {
  const { names, identity } = stack;
  const { partition, account } = identity;
  const ours = accountInArn(names.dataRoleArn) === account ? [names.dataRoleArn] : [];
  const policies = [`arn:${partition}:iam::${account}:policy/*`, `arn:${partition}:iam::aws:policy/*`];
  const role = ['iam:GetRole', 'iam:GetRolePolicy', 'iam:ListRolePolicies', 'iam:ListAttachedRolePolicies'];
  return [
    logsPermission(stack),
    {
      for: 'read',
      actions: ['s3:ListBucket'],
      resources: [names.bucketArn],
      condition: { StringLike: { 's3:prefix': [`${INBOUND_PREFIX}*`, `${WALLETS_PREFIX}*`] } },
    },
    { for: 'read', actions: ['s3:GetObject'], resources: [`${names.bucketArn}/${INBOUND_PREFIX}*`] },
    { for: 'read', actions: ['s3:GetBucketPolicy'], resources: [names.bucketArn] },
    { for: 'read', actions: ['lambda:GetFunctionConfiguration'], resources: [names.functionArn] },
    ...broker.permissions(stack).filter((permission) => permission.for === 'read'),
    ...ours.flatMap((arn): Permission[] => [
      { for: 'read', actions: role, resources: [arn] },
      { for: 'read', actions: ['iam:GetPolicy', 'iam:GetPolicyVersion'], resources: policies },
    ]),
  ];
}
