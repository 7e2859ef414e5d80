/** What whoever runs `backfill` must be allowed. */
import type { Permission } from '../../stack/resource.js';
import type { StackContext } from '../../stack/scope.js';

/**
 * The permissions, by the way in which it is done. When the function does it, whoever runs it need not be able to read any mail.
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
      list(['inbound/*']),
      { for: 'read', actions: ['lambda:GetFunction', 'lambda:InvokeFunction'], resources: [names.functionArn] },
    ];
  const inbound = ['s3:GetObject', ...(settings.deleteSource ? ['s3:DeleteObject'] : [])];
  return [
    // A dry run looks for copies by listing them.
    list(['inbound/*', 'bots/*']),
    { for: 'read', actions: inbound, resources: [`${names.bucketArn}/inbound/*`] },
    { for: 'read', actions: ['s3:PutObject'], resources: [`${names.bucketArn}/bots/*/inbound/*`] },
  ];
}
