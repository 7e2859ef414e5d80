/**
 * Broad grants: statements of the broker's role that let it read more of the mail bucket than `inbound/`.
 * Each is shown; with `removeBroadGrants` it is taken away, saved before.
 */
import { describeStatement, type PolicyDocument, parsePolicy, type Statement } from '../../policy/document.js';
import { attention, difference, type Entry } from '../../reconcile/plan.js';
import type { Scope } from '../scope.js';
import { deniedBy, type Restraints, restraintsOf } from './already-denied.js';
import { fitsManaged, fitsTag, type InlineTexts, inlineOverflow, inlineTexts, withInline } from './iam-quotas.js';
import { brokerPolicy, brokerPolicyName, isBrokerPolicy } from './policy.js';
import { detach, type GrantRemoval, narrow, retainedPolicyName, savedArn } from './remove-grant.js';
import { readsBeyondInbound, withBucketsNamed, withoutBucket } from './s3-grants.js';
import type { BrokerPolicy, BrokerRole } from './state.js';

const kind = 'broad grant';

/** The AWS-managed policies that are about S3 and nothing else. */
const detachable = ['AmazonS3FullAccess', 'AmazonS3ReadOnlyAccess'];

/** Whether an ARN is one of AWS's own S3 policies: nothing else is detached, and nothing else attached again. */
export function isDetachable(arn: string, { identity }: Scope): boolean {
  return detachable.some((name) => arn === `arn:${identity.partition}:iam::aws:policy/${name}`);
}

/** A statement that reads more of the bucket than `inbound/`. */
interface Grant {
  statement: Statement;
  /** `statement 2`, or its Sid. */
  label: string;
  /** The policies that keep it from doing so, where they surely do. */
  deniedBy: string[] | undefined;
}

export function grantEntries(role: BrokerRole, scope: Scope): Entry[] {
  const restraints = restraintsOf(role);
  // What the role has once the entries before are applied, ours the first of them.
  let inline = withInline(inlineTexts(role), brokerPolicyName, brokerPolicy(scope));
  let tags = Object.keys(role.tags);
  return role.policies.flatMap((policy): Entry[] => {
    const grants = isBrokerPolicy(policy) ? [] : grantsOf(policy, restraints, scope);
    const broad = grants.filter((grant) => grant.deniedBy === undefined);
    if (grants.length === 0) return [];
    const by = grants.flatMap((grant) => grant.deniedBy ?? []);
    if (broad.length === 0) return [harmless(role, policy, grants, by, scope)];

    const told = (why: string) => shown(role, policy, broad, why, scope);
    const taking = takingOf(role, policy, broad, inline, scope);
    if (typeof taking === 'string') return [told(taking)];
    const left = withInline(inline, taking.leaves.name, taking.leaves.document);
    const overflow = inlineOverflow(left);
    if (overflow !== undefined) return [told(`it can not be narrowed: ${overflow}; narrow it by hand`)];
    if (!fitsTag(tags, taking.note))
      return [told('what is taken is noted in a tag, and the role has as many as IAM allows: remove one')];
    inline = left;
    tags = [...tags, taking.note];
    if (scope.settings.removeBroadGrants) return [taking.entry];
    return [{ ...told('--remove-broad-grants takes that away'), offer: 'remove-broad-grants' }];
  });
}

function grantsOf({ document }: BrokerPolicy, restraints: Restraints, { names }: Scope): Grant[] {
  return document.Statement.flatMap((statement, index) => {
    if (readsBeyondInbound(statement, names.bucketArn).length === 0) return [];
    const label = `statement ${statement.Sid ?? index + 1}`;
    return [{ statement, label, deniedBy: deniedBy(statement, restraints, names.bucketArn) }];
  });
}

/** How the grants are taken away; as a text, why they are not. */
function takingOf(
  role: BrokerRole,
  policy: BrokerPolicy,
  broad: Grant[],
  inline: InlineTexts,
  scope: Scope,
): GrantRemoval | string {
  if (policy.kind === 'managed' && !isDetachable(policy.arn, scope))
    return 'a managed policy like this is yours to change: detach it, or rewrite it by hand';
  if (broad.some(({ statement }) => statement.NotAction !== undefined || statement.NotResource !== undefined))
    return 'all but something is not rewritten, only its author knows what was meant: rewrite it by hand';
  const want = narrowed(policy.document, broad, scope);
  if (want === undefined)
    return 'it can not be narrowed without touching what it grants elsewhere: rewrite it by hand, bucket by bucket';
  if (policy.kind === 'managed') {
    const retained = inline.get(retainedPolicyName);
    return detach(role, policy, want, retained === undefined ? [] : parsePolicy(retained).Statement, scope);
  }
  if (!fitsManaged(policy.text)) return 'it is too large to be saved: narrow it by hand';
  const earlier = role.saved.find(({ arn, name }) => name === policy.name && arn !== savedArn(role, policy, scope));
  if (earlier !== undefined)
    return `it was narrowed before, and is kept as it was then (${earlier.arn}): narrow it by hand`;
  return narrow(role, policy, want, scope);
}

/** The document with its broad statements narrowed to every other bucket; undefined where that can't be said. */
function narrowed(document: PolicyDocument, broad: Grant[], { names }: Scope): PolicyDocument | undefined {
  const statements = document.Statement.map((statement) =>
    broad.some((grant) => grant.statement === statement) ? withoutBucket(statement, names.bucketArn) : [statement],
  );
  return statements.every((one) => one !== undefined) ? { ...document, Statement: statements.flat() } : undefined;
}

/** Grants that are only shown: each statement at fault, and what would have to stand in its place. */
function shown({ name }: BrokerRole, policy: BrokerPolicy, broad: Grant[], why: string, { names }: Scope): Entry {
  const { bucket, bucketArn } = names;
  const statements = broad.map(({ statement, label }) => {
    const instead = withoutBucket(statement, bucketArn) ?? [withBucketsNamed(statement, bucketArn)];
    const [to] = instead.map(describeStatement);
    return difference(label, describeStatement(statement), to);
  });
  return attention(kind, `${name}/${policy.name}`, `reads more of ${bucket} than inbound/; ${why}`, statements);
}

/** What could be a broad grant, and is none while the policies that hold it back are there. */
function harmless({ name }: BrokerRole, policy: BrokerPolicy, grants: Grant[], by: string[], { names }: Scope): Entry {
  const holding = [...new Set(by)].join(', ');
  const why = `would read more of ${names.bucket} than inbound/, but is held back by ${holding}: left as it is`;
  const statements = grants.map(({ statement, label }) => difference(label, describeStatement(statement), undefined));
  return attention(kind, `${name}/${policy.name}`, why, statements);
}
