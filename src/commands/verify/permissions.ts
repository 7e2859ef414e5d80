/** The permissions that `verify` needs in addition to those of `deploy --dry-run`. */

import { INBOUND_PREFIX, WALLETS_PREFIX } from '../../../handler/mail/address.js';
import { vaultBucketName } from '../../agentkeys/names.js';
import { accountInArn } from '../../policy/arns.js';
import type { Permission } from '../../stack/resource.js';
import type { StackContext } from '../../stack/scope.js';
import { probePrefix } from './probe/cleanup.js';

export function verifyPermissions({ names, identity, settings }: StackContext): Permission[] {
  const { partition, region, account } = identity;
  const ours = accountInArn(names.dataRoleArn) === account ? [names.dataRoleArn] : [];
  const policies = [`arn:${partition}:iam::${account}:policy/*`, `arn:${partition}:iam::aws:policy/*`];
  const simulated = [...(settings.broker ? [names.brokerRoleArn] : []), ...ours, names.roleArn];
  // The probe's own messages and their copies: no other mail is read or written.
  const probes = [
    `${names.bucketArn}/${INBOUND_PREFIX}${probePrefix}*`,
    `${names.bucketArn}/${WALLETS_PREFIX}*/${probePrefix}*`,
  ];
  return [
    { for: 'read', actions: ['iam:SimulatePrincipalPolicy'], resources: simulated },
    {
      for: 'read',
      actions: ['iam:GetRole', 'iam:GetRolePolicy', 'iam:ListRolePolicies', 'iam:ListAttachedRolePolicies'],
      resources: [...ours, names.roleArn],
    },
    { for: 'read', actions: ['iam:GetPolicy', 'iam:GetPolicyVersion'], resources: policies },
    {
      for: 'read',
      actions: [
        's3:GetBucketPolicyStatus',
        's3:GetBucketPublicAccessBlock',
        's3:GetBucketAcl',
        's3:GetBucketObjectLockConfiguration',
      ],
      resources: [names.bucketArn],
    },
    ...(settings.accessAnalyzer
      ? [{ for: 'read' as const, actions: ['access-analyzer:CheckNoNewAccess'], resources: ['*'] }]
      : []),
    { for: 'read', actions: ['ses:DescribeActiveReceiptRuleSet', 'ses:ListRuleSets'], resources: ['*'] },
    {
      for: 'read',
      actions: ['ses:GetRuleSet'],
      resources: [`arn:${partition}:ses:${region}:${account}:mailmanager-rule-set/*`],
    },
    ...vaultPermissions(settings, identity),
    { for: 'read', actions: ['lambda:InvokeFunction'], resources: [names.functionArn] },
    ...(settings.retryQueue
      ? [{ for: 'read' as const, actions: ['sqs:SendMessage'], resources: [names.retryQueueArn] }]
      : []),
    {
      for: 'read',
      actions: ['s3:PutObject', 's3:GetObject', 's3:DeleteObject', 's3:DeleteObjectVersion'],
      resources: probes,
    },
  ];
}

/** The policies of the vault bucket and of its role, where they are checked. */
function vaultPermissions(
  { vault, vaultBucket, vaultRole, stack }: StackContext['settings'],
  { partition, account }: StackContext['identity'],
): Permission[] {
  if (!vault || vaultRole === undefined) return [];
  const bucket = `arn:${partition}:s3:::${vaultBucket ?? vaultBucketName(account, stack)}`;
  const role = ['iam:GetRole', 'iam:GetRolePolicy', 'iam:ListRolePolicies', 'iam:ListAttachedRolePolicies'];
  return [
    { for: 'read', actions: ['s3:GetBucketPolicy'], resources: [bucket] },
    { for: 'read', actions: role, resources: [vaultRole] },
  ];
}
