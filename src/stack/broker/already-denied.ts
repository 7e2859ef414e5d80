/**
 * Whether what a statement allows is forbidden anyway: by a Deny of another policy, or since the role's permissions boundary does not
 * allow it. Such a grant is no broad one, and nothing is taken. Only what is certain counts: a Deny under a condition may not apply.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import { listOf, type Statement } from '../../policy/document.js';
import { coversObjects, isWithinPattern, matchesBucket, objectKeys } from './arn-patterns.js';
import { isBrokerPolicy } from './policy.js';
import { mayRead, onPrefix, type Read, readsBeyondInbound, takesAction } from './s3-grants.js';
import type { BrokerRole } from './state.js';

/** What holds a role back. */
export interface Restraints {
  /** The role's Deny statements, but for our own, with the policy they are in. */
  denies: Array<{ policy: string; statement: Statement }>;
  boundary?: { name: string; statements: Statement[] };
}

/** Our own Deny doesn't count: it goes with `teardown --broker`. */
export function restraintsOf({ policies, boundary }: Pick<BrokerRole, 'policies' | 'boundary'>): Restraints {
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

function deniesIn(policy: string, statements: Statement[]): Restraints['denies'] {
  return statements.filter(({ Effect }) => Effect === 'Deny').map((statement) => ({ policy, statement }));
}

/**
 * The names of the policies that together forbid whatever of the bucket the statement would let be read beyond `inbound/`;
 * undefined when any of it may be left.
 *
 * @param bucketArn `arn:aws:s3:::<bucket>`
 */
export function deniedBy(statement: Statement, restraints: Restraints, bucketArn: string): string[] | undefined {
  const { denies, boundary } = restraints;
  const found = readsBeyondInbound(statement, bucketArn).map((read) => {
    const denying = denies.find((one) => denied(read, one.statement, bucketArn));
    if (denying !== undefined) return denying.policy;
    if (boundary === undefined) return undefined;
    const lets = boundary.statements
      .flatMap((one) => readsBeyondInbound(one, bucketArn))
      .some(({ action }) => action === read.action);
    return lets ? undefined : boundary.name;
  });
  return found.every((name) => name !== undefined) ? [...new Set(found)] : undefined;
}

function denied({ action, resource }: Read, deny: Statement, bucketArn: string): boolean {
  if (!takesAction(deny, action)) return false;
  if (resource !== bucketArn) return unconditional(deny) && deniedObjects(action, resource, deny, bucketArn);
  const conditioned = action === 's3:ListBucket' && soleOutsideInbound(deny);
  return (unconditional(deny) || conditioned) && deniedBucket(deny, bucketArn);
}

function unconditional({ Condition = {} }: Statement): boolean {
  return Object.keys(Condition).length === 0;
}

/** Whether its only condition is that what is listed does not begin with `inbound/`; that holds for a listing of everything too. */
function soleOutsideInbound(deny: Statement): boolean {
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
    .every((keys) => mayRead(action, keys));
}
