/** The permissions that `backfill` needs. */
import { INBOUND_PREFIX, routedPrefix, WALLETS_PREFIX } from '../../../handler/mail/address.js';
import type { Permission } from '../../stack/resource.js';
import type { StackContext } from '../../stack/scope.js';

/**
 * The permissions for an executor. With `lambda`, the caller needs no permission to read mail.
 *
 * @param via `here` or `lambda`.
 */
export function backfillPermissions({ names, settings }: StackContext, via: string): Permission[] {
  const list = (prefixes: string[]): Permission => ({
    for: 'read',
    actions: ['s3:ListBucket'],
    resources: [names.bucketArn],
    condition: { StringLike: { 's3:prefix': prefixes } },
  });
  if (via === 'lambda')
    return [
      list([`${INBOUND_PREFIX}*`]),
      { for: 'read', actions: ['lambda:GetFunction', 'lambda:InvokeFunction'], resources: [names.functionArn] },
    ];
  const inbound = ['s3:GetObject', ...(settings.deleteSource ? ['s3:DeleteObject'] : [])];
  return [
    // Whether the function routes this bucket's mail.
    { for: 'read', actions: ['lambda:GetFunction'], resources: [names.functionArn] },
    // A dry run finds copies by listing them.
    list([`${INBOUND_PREFIX}*`, `${WALLETS_PREFIX}*`]),
    { for: 'read', actions: inbound, resources: [`${names.bucketArn}/${INBOUND_PREFIX}*`] },
    { for: 'read', actions: ['s3:PutObject'], resources: [`${names.bucketArn}/${routedPrefix('*')}*`] },
  ];
}
