/**
 * What a statement grants on the mail bucket, and the same statement without it. Pure: policies in, policies out.
 */
import { INBOUND_PREFIX } from '../../../handler/mail/address.js';
import { listOf, type OneOrMany, type Statement } from '../../policy/document.js';
import { matches } from '../../policy/evaluate.js';
import {
  coversBucket,
  coversObjects,
  isWithinBucket,
  isWithinPattern,
  matchesBucket,
  objectKeys,
  open,
} from './arn-patterns.js';

/** S3's actions that read an object or its metadata. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */
const objectReads = [
  's3:GetObject',
  's3:GetObjectAcl',
  's3:GetObjectAttributes',
  's3:GetObjectLegalHold',
  's3:GetObjectRetention',
  's3:GetObjectTagging',
  's3:GetObjectTorrent',
  's3:GetObjectVersion',
  's3:GetObjectVersionAcl',
  's3:GetObjectVersionAttributes',
  's3:GetObjectVersionForReplication',
  's3:GetObjectVersionTagging',
  's3:GetObjectVersionTorrent',
];

/** One way of reading the bucket: an action, and the resources within the bucket. */
export interface Read {
  action: string;
  /** The bucket's ARN, or a pattern of ARNs of its objects. */
  resource: string;
}

/**
 * What a statement lets a role read of the bucket beyond `s3:GetObject` on `inbound/*` and listing `inbound/`. Conditions
 * other than on `s3:prefix` are assumed to hold: what counts is what the statement could allow.
 *
 * @param bucketArn `arn:aws:s3:::<bucket>`
 */
export function readsBeyondInbound(statement: Statement, bucketArn: string): Read[] {
  if (statement.Effect === 'Deny') return [];
  const objects = objectReads
    .filter((action) => appliesToAction(statement, action))
    .flatMap((action) => objectsOf(statement, bucketArn, action).map((resource) => ({ action, resource })));
  const lists = ['s3:ListBucket', 's3:ListBucketVersions']
    .filter((action) => appliesToAction(statement, action) && appliesToBucket(statement, bucketArn))
    .filter((action) => action !== 's3:ListBucket' || !onPrefix(statement, ['StringEquals', 'StringLike']))
    .map((action) => ({ action, resource: bucketArn }));
  return [...objects, ...lists];
}

/**
 * The statement without access to the bucket, granting exactly the same on everything else.
 *
 * No policy can express that for a wildcard that covers this bucket and others. `NotResource` would grant more than the wildcard
 * does: instead of `arn:aws:s3:::*` also access points, which S3's read actions accept too, and with `s3:*` the account-level
 * actions such as `s3:PutAccountPublicAccessBlock`.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 *
 * @returns the statements that replace it (none if it was about this bucket alone); undefined where no policy can express it
 */
export function withoutBucket(statement: Statement, bucketArn: string): Statement[] | undefined {
  const { Resource, NotResource, ...rest } = statement;
  const here = [bucketArn, `${bucketArn}/*`];
  if (Resource === undefined) return [{ ...rest, NotResource: [...new Set([...listOf(NotResource), ...here])] }];
  const resources = listOf(Resource);
  const covering = resources.filter((resource) => resource !== '*' && coversBucket(resource, bucketArn));
  // `*` includes the other resources.
  if (resources.includes('*')) return [{ ...rest, NotResource: here }];
  if (!covering.every((resource) => isWithinBucket(resource, bucketArn))) return undefined;
  const others = resources.filter((resource) => !covering.includes(resource));
  return others.length === 0 ? [] : [{ ...rest, Resource: others }];
}

/** The statement with the placeholder `arn:aws:s3:::<bucket>` for each wildcard that covers this bucket and others. */
export function withBucketsNamed(statement: Statement, bucketArn: string): Statement {
  const named = listOf(statement.Resource).flatMap((resource) => {
    if (!coversBucket(resource, bucketArn)) return [resource];
    if (isWithinBucket(resource, bucketArn)) return [];
    const bucket = `${bucketArn.slice(0, bucketArn.lastIndexOf(':'))}:<bucket>`;
    const complete = open(resource);
    const key = complete.indexOf('/');
    if (key >= 0) return [bucket + complete.slice(key)];
    return complete.endsWith('*') ? [bucket, `${bucket}/*`] : [bucket];
  });
  return { ...statement, Resource: named };
}

export function appliesToAction(statement: Statement, action: string): boolean {
  const named = (patterns: OneOrMany<string> | undefined) =>
    listOf(patterns).some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase()));
  return statement.NotAction === undefined ? named(statement.Action) : !named(statement.NotAction);
}

/** Whether the statement has a condition with one of these operators on `s3:prefix`, and all its values start with `inbound/`. */
export function onPrefix({ Condition = {} }: Statement, operators: string[]): boolean {
  const prefixes = operators.flatMap((operator) =>
    Object.entries(Condition[operator] ?? {}).flatMap(([key, value]) =>
      key.toLowerCase() === 's3:prefix' ? listOf(value) : [],
    ),
  );
  return prefixes.length > 0 && prefixes.every((prefix) => prefix.startsWith(INBOUND_PREFIX));
}

function appliesToBucket({ Resource, NotResource }: Statement, bucketArn: string): boolean {
  return NotResource === undefined
    ? listOf(Resource).some((pattern) => matchesBucket(pattern, bucketArn))
    : !listOf(NotResource).some((pattern) => isWithinPattern(bucketArn, pattern));
}

/** The objects of the bucket that the statement allows the action on, as ARN patterns; without those that the design allows. */
function objectsOf({ Resource, NotResource }: Statement, bucketArn: string, action: string): string[] {
  const all = `${bucketArn}/*`;
  if (NotResource !== undefined)
    return listOf(NotResource).some((pattern) => coversObjects(pattern, bucketArn)) ? [] : [all];
  return listOf(Resource)
    .filter((pattern) => objectKeys(pattern, bucketArn).some((key) => !mayRead(action, key)))
    .map((pattern) => (isWithinBucket(pattern, bucketArn) ? pattern : all));
}

/** Whether the design allows the broker this action on these keys. */
export function mayRead(action: string, keys: string): boolean {
  return action === 's3:GetObject' && keys.startsWith(INBOUND_PREFIX);
}
