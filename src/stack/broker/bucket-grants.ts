/**
 * What a statement grants on the mail bucket, and the same statement without it. Pure: policies in, policies out.
 */
import { listOf, type Statement } from '../../aws/policy/document.js';
import { matches } from '../../aws/policy/evaluate.js';

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

/**
 * Whether a statement lets a role read more of the bucket than `s3:GetObject` on `inbound/*` and listing `inbound/`.
 * Conditions other than on `s3:prefix` are taken as met: what a statement could allow is what counts.
 *
 * @param bucketArn `arn:aws:s3:::<bucket>`
 */
export function readsMore(statement: Statement, bucketArn: string): boolean {
  if (statement.Effect === 'Deny') return false;
  const reads = objectReads.filter((action) => allowsAction(statement, action));
  const onlyGetObject = reads.every((action) => action === 's3:GetObject');
  if (reads.length > 0 && reachesObjects(statement, bucketArn, onlyGetObject)) return true;
  if (!reachesResource(statement, bucketArn)) return false;
  return (
    allowsAction(statement, 's3:ListBucketVersions') ||
    (allowsAction(statement, 's3:ListBucket') && !listsInboundOnly(statement))
  );
}

/**
 * The statement without anything on the bucket, granting on every other bucket just what it did.
 *
 * @returns the statements that take its place (none, when it was about this bucket alone); undefined when the policy language
 * can't say it: NotAction, NotResource, and a wildcard that covers this bucket and some others. `arn:aws:s3:::*` is one of these: "all of
 * S3 but this bucket" can only be said as "all but this bucket", which with the action `*` would be the whole account.
 */
export function withoutBucket(statement: Statement, bucketArn: string): Statement[] | undefined {
  const { Resource, ...rest } = statement;
  if (Resource === undefined || statement.NotAction !== undefined) return undefined;
  const resources = listOf(Resource);
  const covering = resources.filter((resource) => resource !== '*' && covers(resource, bucketArn));
  if (!covering.every((resource) => isWithin(resource, bucketArn))) return undefined;
  // `*` takes the other resources in.
  if (resources.includes('*')) return [{ ...rest, NotResource: [bucketArn, `${bucketArn}/*`] }];
  const others = resources.filter((resource) => !covering.includes(resource));
  return others.length === 0 ? [] : [{ ...rest, Resource: others }];
}

function allowsAction(statement: Statement, action: string): boolean {
  const named = (patterns: string[]) =>
    patterns.some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase()));
  return statement.NotAction === undefined ? named(listOf(statement.Action)) : !named(listOf(statement.NotAction));
}

function reachesResource(statement: Statement, arn: string): boolean {
  return statement.NotResource === undefined
    ? listOf(statement.Resource).some((pattern) => matches(open(pattern), arn))
    : !listOf(statement.NotResource).some((pattern) => matches(pattern, arn));
}

/** Whether it reaches any object of the bucket; with `exceptInbound`, any that isn't under `inbound/`. */
function reachesObjects(statement: Statement, bucketArn: string, exceptInbound: boolean): boolean {
  if (statement.NotResource !== undefined)
    return !listOf(statement.NotResource).some((pattern) => pattern === '*' || pattern === `${bucketArn}/*`);
  return listOf(statement.Resource).some(
    (pattern) =>
      canStartWith(open(pattern), `${bucketArn}/`) && !(exceptInbound && pattern.startsWith(`${bucketArn}/inbound/`)),
  );
}

/** `s3:prefix` must be a string that begins with `inbound/`, in every operator that speaks of it, and there must be one. */
function listsInboundOnly({ Condition = {} }: Statement): boolean {
  const prefixes = ['StringEquals', 'StringLike'].flatMap((operator) =>
    Object.entries(Condition[operator] ?? {}).flatMap(([key, value]) =>
      key.toLowerCase() === 's3:prefix' ? listOf(value) : [],
    ),
  );
  return prefixes.length > 0 && prefixes.every((prefix) => prefix.startsWith('inbound/'));
}

/** Whether a pattern matches the bucket or any object that could be in it. */
function covers(pattern: string, bucketArn: string): boolean {
  return matches(open(pattern), bucketArn) || canStartWith(open(pattern), `${bucketArn}/`);
}

/** Whether a pattern matches nothing outside the bucket. */
function isWithin(pattern: string, bucketArn: string): boolean {
  return pattern === bucketArn || pattern.startsWith(`${bucketArn}/`);
}

/** A policy variable may stand for anything. */
function open(pattern: string): string {
  return pattern.replace(/\$\{[^}]*\}/g, '*');
}

/** Whether a pattern matches any text that begins with `start`: follows all ways of reading `start` at once. */
function canStartWith(pattern: string, start: string): boolean {
  let positions = new Set(skipStars(pattern, 0));
  for (const character of start) {
    const next = new Set<number>();
    for (const position of positions) {
      const token = pattern[position];
      if (token === '*') next.add(position);
      else if (token === '?' || token === character)
        for (const after of skipStars(pattern, position + 1)) next.add(after);
    }
    positions = next;
  }
  return positions.size > 0;
}

/** The position itself, and those behind the stars that stand there, since a star may stand for nothing. */
function skipStars(pattern: string, position: number): number[] {
  const positions = [position];
  for (let at = position; pattern[at] === '*'; at++) positions.push(at + 1);
  return positions;
}
