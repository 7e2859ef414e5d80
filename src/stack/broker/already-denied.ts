/**
 * Whether what a statement allows is denied anyway: by a Deny statement of another policy, or because the role's permissions boundary
 * doesn't allow it. Such a grant needs no removal. A Deny with a condition may not apply, so it does not count.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import { listOf, type Statement } from '../../policy/document.js';
import { coversObjects, isWithinPattern, matchesBucket, objectKeys } from './arn-patterns.js';
import { isBrokerPolicy } from './own-policies.js';
import { bucketActions, objectActions } from './s3-actions.js';
import { type Access, appliesToAction, grantsBeyondInbound, isDesigned, onPrefix } from './s3-grants.js';
import type { BrokerRole } from './state.js';

/** What restricts a role, whatever its Allow statements say. */
export interface Restrictions {
  /** The role's Deny statements with the policy they are in, except those of the policy that this tool manages. */
  denies: Array<{ policy: string; statement: Statement }>;
  boundary?: { name: string; statements: Statement[] };
}

/** The Deny in this tool's own policy doesn't count: `teardown --broker` removes it. */
export function restrictionsOf({ policies, boundary }: Pick<BrokerRole, 'policies' | 'boundary'>): Restrictions {
  const denies = policies
    .filter((policy) => !isBrokerPolicy(policy))
    .flatMap(({ name, document }) => deniesIn(name, document.Statement));
  if (boundary === undefined) return { denies };
  const { name, document } = boundary;
  return {
    denies: [...denies, ...deniesIn(name, document.Statement)],
    boundary: { name, statements: document.Statement },
  };
}

function deniesIn(policy: string, statements: Statement[]): Restrictions['denies'] {
  return statements.filter(({ Effect }) => Effect === 'Deny').map((statement) => ({ policy, statement }));
}

/**
 * The names of the policies that together deny all access to the bucket beyond reading `inbound/` that the statement allows.
 *
 * @param bucketArn `arn:aws:s3:::<bucket>`
 * @returns undefined when any of this may be allowed
 */
export function deniedBy(statement: Statement, restrictions: Restrictions, bucketArn: string): string[] | undefined {
  const { denies, boundary } = restrictions;
  const bounds = new Set(
    boundary?.statements.flatMap((one) => grantsBeyondInbound(one, bucketArn)).map(({ action }) => action),
  );
  const found = grantsBeyondInbound(statement, bucketArn).map((access) => {
    if (!known.has(access.action)) return undefined;
    const denying = denies.find((one) => denied(access, one.statement, bucketArn));
    if (denying !== undefined) return denying.policy;
    return bounds.has(access.action) ? undefined : boundary?.name;
  });
  return found.every((name) => name !== undefined) ? [...new Set(found)] : undefined;
}

/** An action that is not known here is compared with nothing. */
const known = new Set([...objectActions, ...bucketActions]);

function denied({ action, resource }: Access, deny: Statement, bucketArn: string): boolean {
  if (!appliesToAction(deny, action)) return false;
  if (resource !== bucketArn) return unconditional(deny) && deniedObjects(action, resource, deny, bucketArn);
  const conditioned = action === 's3:ListBucket' && onlyOutsideInbound(deny);
  return (unconditional(deny) || conditioned) && deniedBucket(deny, bucketArn);
}

function unconditional({ Condition = {} }: Statement): boolean {
  return Object.keys(Condition).length === 0;
}

/** Whether its only condition is that the listed prefix does not start with `inbound/`; a listing without a prefix meets it too. */
function onlyOutsideInbound(deny: Statement): boolean {
  const tests = Object.values(deny.Condition ?? {}).flatMap((keys) => Object.keys(keys));
  return tests.length === 1 && onPrefix(deny, ['StringNotEquals', 'StringNotLike']);
}

function deniedBucket({ Resource, NotResource }: Statement, bucketArn: string): boolean {
  return NotResource === undefined
    ? listOf(Resource).some((pattern) => isWithinPattern(bucketArn, pattern))
    : !listOf(NotResource).some((pattern) => matchesBucket(pattern, bucketArn));
}

function deniedObjects(
  action: string,
  objects: string,
  { Resource, NotResource }: Statement,
  bucketArn: string,
): boolean {
  if (NotResource === undefined)
    return listOf(Resource).some((pattern) => coversObjects(pattern, bucketArn) || isWithinPattern(objects, pattern));
  return listOf(NotResource)
    .flatMap((pattern) => objectKeys(pattern, bucketArn))
    .every((keys) => isDesigned(action, keys));
}
