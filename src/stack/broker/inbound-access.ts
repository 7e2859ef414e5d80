/**
 * Whether the broker is to list and read `inbound/`. Older AgentKeys accounts serve logins from there; in newer ones the broker has no
 * access to S3 at all, and a deploy must not introduce it unasked. Pure.
 */
import { INBOUND_PREFIX } from '../../../handler/mail/address.js';
import { analyse, type Question } from '../../policy/access/index.js';
import { listOf, type PolicyDocument, parsePolicy, type Statement } from '../../policy/document.js';
import { reaches } from '../../policy/principals.js';
import type { Names, StackContext } from '../scope.js';
import { isWithinPattern, open, overlaps } from './arn-patterns.js';
import { isOwnPolicy } from './own-policies.js';
import { appliesToAction } from './s3-grants.js';
import { ofBucketPolicy, sessionArn, sessionsOf } from './sessions.js';
import { type BrokerRole, recordsDetached, recordsNarrowed, type SeenBucket } from './state.js';

/** The key of the broker's role's tag that records the decision: `true` or `false`. */
export function readsInboundTagOf({ brokerTagPrefix }: Pick<Names, 'brokerTagPrefix'>): string {
  return `${brokerTagPrefix}reads-inbound`;
}

/** What decided: the setting; the role's tag, or what else this tool did to the role; or the policies in force. */
export type InboundAccess =
  | { reads: boolean; by: 'setting' | 'record' | 'policies' }
  /** Not decided, and why. */
  | { reads: undefined; why: string };

export function inboundAccess(role: BrokerRole, bucket: SeenBucket, stack: StackContext): InboundAccess {
  const { brokerReadsInbound: reads } = stack.settings;
  return reads === undefined ? withoutSetting(role, bucket, stack) : { reads, by: 'setting' };
}

/** What was recorded, or else what the policies show. */
export function withoutSetting(role: BrokerRole, bucket: SeenBucket, stack: StackContext): InboundAccess {
  const recorded = recordedIn(role, stack);
  return recorded === undefined ? byPolicies(role, bucket, stack) : { reads: recorded, by: 'record' };
}

/** A role without the tag that carries a policy of this tool's, or a record of a removed grant, is of an earlier version, which always gave the access. */
function recordedIn({ tags, policies }: BrokerRole, { names }: StackContext): boolean | undefined {
  const { [readsInboundTagOf(names)]: tag } = tags;
  if (tag === 'true' || tag === 'false') return tag === 'true';
  const removed = Object.keys(tags).some((key) => recordsDetached(key) || recordsNarrowed(key));
  return removed || policies.some(isOwnPolicy) ? true : undefined;
}

function byPolicies(role: BrokerRole, bucket: SeenBucket, stack: StackContext): InboundAccess {
  const policy = readableIn(bucket);
  const may = policiesThatMayAllow(role, policy.document, stack);
  // An unconditional grant of all of it that is not denied: this tool's own adds nothing to that.
  if (may?.inBucket.length !== 0 && allowsAll(role, policy.document, stack)) return { reads: true, by: 'policies' };
  const unknown = [...(role.unreadable ?? []).map((one) => one.why), ...(policy.why === undefined ? [] : [policy.why])];
  if (unknown.length > 0) return { reads: undefined, why: unknown.join('; ') };
  if (may === undefined) return { reads: undefined, why: 'its policies are too complex to analyse' };
  const found = [...new Set([...may.inBucket, ...may.elsewhere])];
  if (found.length === 0) return { reads: false, by: 'policies' };
  const how = 'may allow it, for some messages, under a condition or by an access point';
  return { reads: undefined, why: `${found.join(', ')} ${how}` };
}

/** The bucket policy; `why` if it is not known. */
function readableIn({ policy, policyDenied }: SeenBucket): { document?: PolicyDocument; why?: string } {
  if (policyDenied) return { why: 'AWS denied s3:GetBucketPolicy on the bucket' };
  try {
    return policy === undefined ? {} : { document: parsePolicy(policy) };
  } catch {
    return { why: "the bucket policy can't be parsed" };
  }
}

/** The actions that return a message's content. */
const reading = ['', 'Version', 'Torrent', 'VersionTorrent', 'VersionForReplication'].map((of) => `s3:GetObject${of}`);

/**
 * The policies that may allow reading something in `inbound/`, in the bucket or by an access point. Where there are none, it was proved
 * that the role can't.
 *
 * @returns undefined if the policies are too complex to tell
 */
function policiesThatMayAllow(
  role: BrokerRole,
  bucketPolicy: PolicyDocument | undefined,
  stack: StackContext,
): { inBucket: string[]; elsewhere: string[] } | undefined {
  const { names, identity } = stack;
  const { partition, account } = identity;
  const resources = bucketPolicy === undefined ? [] : [ofBucketPolicy(bucketPolicy, names.bucketArn)];
  const allow = (Action: string[], Resource: string[]): Statement => ({ Effect: 'Allow', Action, Resource });
  const throughLambda = reading.map((action) => action.replace('s3:', 's3-object-lambda:'));
  const inBucket = { harm: [allow(reading, [messagesIn(names.bucketArn)])], permitted: [] };
  // Which bucket an access point belongs to, its ARN doesn't tell.
  const elsewhere = {
    harm: [
      allow(reading, [`arn:${partition}:s3:*:${account}:accesspoint/*/object/${INBOUND_PREFIX}*`]),
      allow(throughLambda, [`arn:${partition}:s3-object-lambda:*:${account}:accesspoint/*`]),
    ],
    // A key may look like an access point's ARN.
    permitted: [allow(['*'], [`arn:${partition}:s3:::*`])],
  };
  try {
    const judge = analyse(sessionsOf(role, resources, stack), { actions: [], resources: [], values: {}, keys: {} });
    const found = (question: Question) =>
      judge(question).flatMap(({ verdict, policy }) => (verdict === 'inside' ? [] : [policy]));
    return { inBucket: found(inBucket), elsewhere: found(elsewhere) };
  } catch {
    // Too complex, most likely. Whatever it is, nothing is proven.
    return undefined;
  }
}

/** Whether a statement without a condition allows reading all of `inbound/`. Whether another denies it is not considered. */
function allowsAll(
  { arn, policies, boundary }: BrokerRole,
  bucketPolicy: PolicyDocument | undefined,
  { names, identity }: StackContext,
): boolean {
  const principal = { arn: sessionArn(arn, 'broker'), roleArn: arn, account: identity.account };
  const named = (bucketPolicy?.Statement ?? []).filter((statement) => {
    const naming = reaches(statement, principal, boundary !== undefined);
    return naming === 'direct' || naming === 'role';
  });
  const statements = [...policies.flatMap(({ document }) => document.Statement), ...named];
  return statements.some(
    (statement) =>
      statement.Effect === 'Allow' &&
      Object.keys(statement.Condition ?? {}).length === 0 &&
      appliesToAction(statement, 's3:GetObject') &&
      appliesToAll(statement, messagesIn(names.bucketArn)),
  );
}

function appliesToAll({ Resource, NotResource }: Statement, objects: string): boolean {
  return NotResource === undefined
    ? listOf(Resource).some((pattern) => isWithinPattern(objects, pattern))
    : !listOf(NotResource).some((pattern) => overlaps(open(pattern), objects));
}

function messagesIn(bucketArn: string): string {
  return `${bucketArn}/${INBOUND_PREFIX}*`;
}
