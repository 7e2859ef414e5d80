/**
 * ARNs: their parts, and incomplete ones in policies. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
 */

import { listOf, type Statement } from './document.js';

/** `arn:partition:service:region:account:resource` */
const FIELDS = 6;

/**
 * A Resource or NotResource value of an identity policy or a permissions boundary, with `*` for each missing field.
 *
 * In an identity-based policy, an ARN with fewer than six fields stands for all ARNs that begin with these fields: `arn:aws:s3` is
 * `arn:aws:s3:*:*:*`. A field that is present and empty stays empty, so `arn:aws:s3:::` matches no bucket. Session policies and resource
 * policies with an incomplete ARN are malformed, so nothing is completed there.
 *
 * @returns the same text if it has all six fields, is not an ARN (`*`), or has a `*` in its last field, which may match the missing ones:
 * `arn:aws:s3:*`. A colon in a policy variable separates no fields.
 */
export function completeArn(pattern: string): string {
  const fields = pattern.replace(/\$\{[^}]*\}/g, '').split(':');
  if (fields[0] !== 'arn' || fields.at(-1)?.includes('*')) return pattern;
  return pattern + ':*'.repeat(Math.max(0, FIELDS - fields.length));
}

/** The partition of a region. */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** The name at the end of the ARN of a role, a user or a policy, without its path. */
export function nameInArn(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** The account in an ARN; empty if it has none, as a bucket's. */
export function accountInArn(arn: string): string {
  const [, , , , account = ''] = arn.split(':');
  return account;
}

/** The S3 buckets that statements name in their resources; wildcards name none. */
export function bucketsNamedBy(statements: ReadonlyArray<Pick<Statement, 'Resource'>>): string[] {
  const resources = statements.flatMap(({ Resource }) => listOf(Resource));
  return resources.flatMap((arn) => /^arn:[^:]*:s3:::([^/*?$]+)(?:\/|$)/.exec(arn)?.[1] ?? []);
}
