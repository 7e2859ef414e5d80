/** The permissions that the role of the agents' sessions needs for their secrets. */
import { CREDENTIALS_FOLDER, OMNI_TAG, vaultBucketName, WALLET_TAG } from '../../agentkeys/names.js';
import type { Permission } from '../../stack/resource.js';
import type { StackContext } from '../../stack/scope.js';

/**
 * To list, read, store and delete the secrets of the session's own wallet or actor, which the tag names; without the tag, nothing.
 * In the mail bucket, and with `vaultBucket` or `vaultRole` in the vault's own, whose layout is `omni`.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function vaultPermissions({ names, identity, settings }: StackContext): Permission[] {
  const { vaultBucket, vaultRole, stack } = settings;
  const omni = vaultBucket !== undefined || vaultRole !== undefined;
  const bucketArn = omni
    ? `arn:${identity.partition}:s3:::${vaultBucket ?? vaultBucketName(identity.account, stack)}`
    : names.bucketArn;
  const tag = `aws:PrincipalTag/${omni ? OMNI_TAG : WALLET_TAG}`;
  const own = `bots/\${${tag}}/${CREDENTIALS_FOLDER}*`;
  const tagged = { Null: { [tag]: 'false' } };
  return [
    {
      for: 'read',
      actions: ['s3:ListBucket'],
      resources: [bucketArn],
      condition: { StringLike: { 's3:prefix': own }, ...tagged },
    },
    {
      for: 'read',
      actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
      resources: [`${bucketArn}/${own}`],
      condition: tagged,
    },
  ];
}
