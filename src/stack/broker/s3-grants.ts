/**
 * What a statement grants on the mail bucket beyond what the design allows the broker. Pure: policies in, accesses out.
 */
import { INBOUND_PREFIX } from '../../../handler/mail/address.js';
import { listOf, type OneOrMany, type Statement } from '../../policy/document.js';
import { matches } from '../../policy/evaluate.js';
import { coversObjects, isWithinBucket, isWithinPattern, matchesBucket, objectKeys } from './arn-patterns.js';
import { bucketActions, isUnknownAction, objectActions } from './s3-actions.js';

/** One kind of access to the bucket: an action, and the resources within the bucket. */
export interface Access {
  /** An S3 action; for one that is not known here, the pattern in the statement. */
  action: string;
  /** The bucket's ARN, or a pattern of ARNs of its objects. */
  resource: string;
}

/**
 * What a statement grants on the bucket beyond `s3:GetObject` on `inbound/*` and listing `inbound/`: reading, writing, listing and
 * changing the bucket. Conditions other than on `s3:prefix` are assumed to hold: what counts is what the statement could allow.
 *
 * @param bucketArn `arn:aws:s3:::<bucket>`
 */
export function grantsBeyondInbound(statement: Statement, bucketArn: string): Access[] {
  if (statement.Effect === 'Deny') return [];
  const unknown = unknownActions(statement);
  const objects = [...applying(objectActions, statement), ...unknown].flatMap((action) =>
    objectsOf(statement, bucketArn, action).map((resource) => ({ action, resource })),
  );
  if (!appliesToBucket(statement, bucketArn)) return objects;
  const bucket = [...applying(bucketActions, statement), ...unknown]
    .filter((action) => action !== 's3:ListBucket' || !onPrefix(statement, ['StringEquals', 'StringLike']))
    .map((action) => ({ action, resource: bucketArn }));
  return [...objects, ...bucket];
}

function applying(actions: string[], statement: Statement): string[] {
  return actions.filter((action) => appliesToAction(statement, action));
}

/** The statement's actions that match none that is known here. */
function unknownActions({ Action }: Statement): string[] {
  const known = [...objectActions, ...bucketActions].map((action) => action.toLowerCase());
  return listOf(Action).filter(
    (pattern) => isUnknownAction(pattern) && !known.some((action) => matches(pattern.toLowerCase(), action)),
  );
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
    .filter((pattern) => objectKeys(pattern, bucketArn).some((key) => !isDesigned(action, key)))
    .map((pattern) => (isWithinBucket(pattern, bucketArn) ? pattern : all));
}

/** Whether the design allows the broker this action on these keys. */
export function isDesigned(action: string, keys: string): boolean {
  return action === 's3:GetObject' && keys.startsWith(INBOUND_PREFIX);
}
