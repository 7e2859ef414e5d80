/**
 * What a statement grants on the mail bucket, and the same statement without it. Pure: policies in, policies out.
 */
import { listOf, type OneOrMany, type Statement } from '../../policy/document.js';
import { matches } from '../../policy/evaluate.js';
import { coversBucket, coversObjects, isWithinBucket, matchesBucket, objectKeys, open } from './arn-patterns.js';

/** S3's actions that read an object or say something of it. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */
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
 * other than on `s3:prefix` are taken as met: what a statement could allow is what counts.
 *
 * @param bucketArn `arn:aws:s3:::<bucket>`
 */
export function readsBeyondInbound(statement: Statement, bucketArn: string): Read[] {
  if (statement.Effect === 'Deny') return [];
  const objects = objectReads
    .filter((action) => takesAction(statement, action))
    .flatMap((action) => objectsOf(statement, bucketArn, action).map((resource) => ({ action, resource })));
  const lists = ['s3:ListBucket', 's3:ListBucketVersions']
    .filter((action) => takesAction(statement, action) && takesBucket(statement, bucketArn))
    .filter((action) => action !== 's3:ListBucket' || !onPrefix(statement, ['StringEquals', 'StringLike']))
    .map((action) => ({ action, resource: bucketArn }));
  return [...objects, ...lists];
}

/**
 * The statement without anything on the bucket, granting on everything else just what it did.
 *
 * A wildcard that covers this bucket and others is what the policy language can't say this of. `NotResource` would take in
 * what the wildcard doesn't: of `arn:aws:s3:::*` the access points, which all of S3's reading actions work on as well, and
 * for `s3:*` what belongs to the account and to no bucket, as `s3:PutAccountPublicAccessBlock`.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 *
 * @returns the statements that take its place (none, when it was about this bucket alone); undefined when it can't be said
 */
export function withoutBucket(statement: Statement, bucketArn: string): Statement[] | undefined {
  const { Resource, NotResource, ...rest } = statement;
  const here = [bucketArn, `${bucketArn}/*`];
  if (Resource === undefined) return [{ ...rest, NotResource: [...new Set([...listOf(NotResource), ...here])] }];
  const resources = listOf(Resource);
  const covering = resources.filter((resource) => resource !== '*' && coversBucket(resource, bucketArn));
  // `*` takes the other resources in.
  if (resources.includes('*')) return [{ ...rest, NotResource: here }];
  if (!covering.every((resource) => isWithinBucket(resource, bucketArn))) return undefined;
  const others = resources.filter((resource) => !covering.includes(resource));
  return others.length === 0 ? [] : [{ ...rest, Resource: others }];
}

/** The statement with `arn:aws:s3:::<bucket>` in place of the wildcards that cover this bucket and others: for an operator to fill in. */
export function withBucketsNamed(statement: Statement, bucketArn: string): Statement {
  const named = listOf(statement.Resource).flatMap((resource) => {
    if (!coversBucket(resource, bucketArn)) return [resource];
    if (isWithinBucket(resource, bucketArn)) return [];
    const bucket = `${bucketArn.slice(0, bucketArn.lastIndexOf(':'))}:<bucket>`;
    const key = open(resource).indexOf('/');
    if (key >= 0) return [bucket + open(resource).slice(key)];
    return resource.endsWith('*') ? [bucket, `${bucket}/*`] : [bucket];
  });
  return { ...statement, Resource: named };
}

export function takesAction(statement: Statement, action: string): boolean {
  const named = (patterns: OneOrMany<string> | undefined) =>
    listOf(patterns).some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase()));
  return statement.NotAction === undefined ? named(statement.Action) : !named(statement.NotAction);
}

/** Whether a condition holds the statement to one side of `inbound/`: it must be there, and name prefixes of it alone. */
export function onPrefix({ Condition = {} }: Statement, operators: string[]): boolean {
  const prefixes = operators.flatMap((operator) =>
    Object.entries(Condition[operator] ?? {}).flatMap(([key, value]) =>
      key.toLowerCase() === 's3:prefix' ? listOf(value) : [],
    ),
  );
  return prefixes.length > 0 && prefixes.every((prefix) => prefix.startsWith('inbound/'));
}

function takesBucket({ Resource, NotResource }: Statement, bucketArn: string): boolean {
  return NotResource === undefined
    ? listOf(Resource).some((pattern) => matchesBucket(pattern, bucketArn))
    : !listOf(NotResource).some((pattern) => matches(pattern, bucketArn));
}

/** The objects of the bucket that an action of the statement reaches, as patterns within the bucket; GetObject may reach `inbound/`. */
function objectsOf({ Resource, NotResource }: Statement, bucketArn: string, action: string): string[] {
  const all = `${bucketArn}/*`;
  if (NotResource !== undefined)
    return listOf(NotResource).some((pattern) => coversObjects(pattern, bucketArn)) ? [] : [all];
  return listOf(Resource)
    .filter((pattern) => objectKeys(pattern, bucketArn).some((key) => !mayRead(action, key)))
    .map((pattern) => (isWithinBucket(pattern, bucketArn) ? pattern : all));
}

/** Whether what the action reads of these keys is what the broker may read anyway. */
export function mayRead(action: string, keys: string): boolean {
  return action === 's3:GetObject' && keys.startsWith('inbound/');
}
