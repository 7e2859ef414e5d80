/**
 * Broad grants: statements of the broker's role that grant more on the mail bucket than reading `inbound/`.
 * The plan reports each one; with `removeBroadGrants` it saves and removes them.
 */
import {
  canonical,
  describeStatement,
  type PolicyDocument,
  parsePolicy,
  type Statement,
} from '../../policy/document.js';
import { attention, difference, type Entry } from '../../reconcile/plan.js';
import type { Scope } from '../scope.js';
import { deniedBy, type Restrictions, restrictionsOf } from './already-denied.js';
import { fitsManaged, fitTags, type InlineTexts, inlineOverflow, inlineTexts, withInline } from './iam-quotas.js';
import { readsInboundTagOf } from './inbound-access.js';
import { isBrokerPolicy, isRetained } from './own-policies.js';
import { desiredBrokerPolicy } from './policy.js';
import { detach, type GrantRemoval, narrow, narrowAgain, savedArn } from './remove-grant.js';
import { grantsBeyondInbound } from './s3-grants.js';
import type { BrokerPolicy, BrokerRole, SavedPolicy, SeenBucket } from './state.js';
import { narrowedEarlier, withBucketsNamed, withoutBucket, withoutBucketEarlier } from './without-bucket.js';

const kind = 'broad grant';

/** The AWS-managed policies that grant access to S3 only. */
const detachable = ['AmazonS3FullAccess', 'AmazonS3ReadOnlyAccess'];

/** Whether an ARN is one of AWS's S3 policies, the only ones this tool detaches and reattaches. */
export function isDetachable(arn: string, { identity }: Scope): boolean {
  return detachable.some((name) => arn === `arn:${identity.partition}:iam::aws:policy/${name}`);
}

/** A statement that grants more on the bucket than reading `inbound/`. */
interface Grant {
  statement: Statement;
  /** The statement as it was granted: another one where an earlier version of this tool narrowed it. */
  granted: Statement;
  /** `statement 2`, or its Sid. */
  label: string;
  /** The policies that deny it; undefined unless all of it is certain to be denied. */
  deniedBy: string[] | undefined;
}

export function grantEntries(role: BrokerRole, bucket: SeenBucket, scope: Scope): Entry[] {
  const restrictions = restrictionsOf(role);
  // The role's policies and tags as they are after the preceding entries, of which the broker's own policy is the first.
  let inline = withInline(inlineTexts(role), scope.names.brokerPolicyName, desiredBrokerPolicy(role, bucket, scope));
  let tags = [...Object.keys(role.tags), readsInboundTagOf(scope.names)];
  const unreadable = (role.unreadable ?? []).map(({ name, why }) =>
    attention(kind, `${role.name}/${name}`, `unknown what it grants: ${why}`),
  );
  const known = role.policies.flatMap((policy): Entry[] => {
    const grants = isBrokerPolicy(policy) ? [] : grantsOf(role, policy, restrictions, scope);
    const broad = grants.filter((grant) => grant.deniedBy === undefined);
    if (grants.length === 0) return [];
    const by = grants.flatMap((grant) => grant.deniedBy ?? []);
    if (broad.length === 0) return [deniedEntry(role, policy, grants, by, scope)];

    const report = (why: string) => reportEntry(role, policy, broad, why, scope);
    const removal = removalOf(role, policy, broad, inline, scope);
    if (typeof removal === 'string') return [report(removal)];
    const left = withInline(inline, removal.remainder.name, removal.remainder.document);
    const overflow = inlineOverflow(left);
    if (overflow !== undefined) return [report(`it can't be narrowed automatically: ${overflow}; narrow it by hand`)];
    const needed = removal.tagKey === undefined ? tags : [...tags, removal.tagKey];
    if (!fitTags(needed))
      return [report('removing it takes one more tag on the role, which already has the maximum: delete a tag first')];
    inline = left;
    tags = needed;
    if (scope.settings.removeBroadGrants) return [removal.entry];
    return [{ ...report('--remove-broad-grants removes that access'), offer: 'remove-broad-grants' }];
  });
  return [...known, ...unreadable];
}

function grantsOf(role: BrokerRole, policy: BrokerPolicy, restrictions: Restrictions, { names }: Scope): Grant[] {
  const { bucketArn } = names;
  const narrowedBefore = isRetained(policy) || savedOf(role, policy) !== undefined;
  return policy.document.Statement.flatMap((statement, index) => {
    const label = `statement ${statement.Sid ?? index + 1}`;
    const granted = narrowedBefore ? narrowedEarlier(statement, bucketArn) : undefined;
    if (granted !== undefined) return [{ statement, granted, label, deniedBy: undefined }];
    if (grantsBeyondInbound(statement, bucketArn).length === 0) return [];
    return [{ statement, granted: statement, label, deniedBy: deniedBy(statement, restrictions, bucketArn) }];
  });
}

/** What is saved of an inline policy from before it was narrowed. */
function savedOf(role: BrokerRole, { kind, name }: BrokerPolicy): SavedPolicy | undefined {
  return kind === 'inline' ? role.saved.find((one) => one.name === name) : undefined;
}

/** How the grants are removed; a text when they can't be: the reason, and what to do instead. */
function removalOf(
  role: BrokerRole,
  policy: BrokerPolicy,
  broad: Grant[],
  inline: InlineTexts,
  scope: Scope,
): GrantRemoval | string {
  if (policy.kind === 'managed' && !isDetachable(policy.arn, scope))
    return `the only managed policies this tool detaches are ${detachable.join(' and ')}: detach or edit it by hand`;
  if (broad.some(({ granted }) => granted.NotAction !== undefined || granted.NotResource !== undefined))
    return 'NotAction and NotResource are not rewritten automatically: edit it by hand';
  const want = narrowed(policy.document, broad, scope);
  if (want === undefined)
    return "it can't be narrowed without changing what it grants elsewhere: edit it by hand, naming each bucket";
  if (policy.kind === 'managed') {
    const retained = inline.get(scope.names.retainedPolicyName);
    return detach(role, policy, want, retained === undefined ? [] : parsePolicy(retained).Statement, scope);
  }
  if (isRetained(policy)) return narrowAgain(role, policy, want, scope);
  const saved = savedOf(role, policy);
  if (saved !== undefined && saved.arn !== savedArn(role, policy, scope))
    return isRestOf(policy.document, saved, scope)
      ? narrowAgain(role, policy, want, scope)
      : `it was narrowed before and changed since; its first version stays saved (${saved.arn}): narrow it by hand`;
  if (!fitsManaged(policy.text)) return 'it is too large to be saved as a managed policy: narrow it by hand';
  return narrow(role, policy, want, scope);
}

/** Whether a document is what an earlier version of this tool left of a saved one: it removed fewer grants. */
function isRestOf({ Statement }: PolicyDocument, { text }: SavedPolicy, { names }: Scope): boolean {
  const saved = parsePolicy(text).Statement;
  const left = saved.flatMap((one) => withoutBucketEarlier(one, names.bucketArn));
  const possible = new Set([...saved, ...left].map(canonical));
  return Statement.every((statement) => possible.has(canonical(statement)));
}

/** The document with its broad statements narrowed to every other bucket; undefined where no policy can express that. */
function narrowed(document: PolicyDocument, broad: Grant[], { names }: Scope): PolicyDocument | undefined {
  const statements = document.Statement.map((statement) => {
    const grant = broad.find((one) => one.statement === statement);
    return grant === undefined ? [statement] : withoutBucket(grant.granted, names.bucketArn);
  });
  return statements.every((one) => one !== undefined) ? { ...document, Statement: statements.flat() } : undefined;
}

/** Reports grants that are not removed: each broad statement, and the one to replace it with. */
function reportEntry({ name }: BrokerRole, policy: BrokerPolicy, broad: Grant[], why: string, { names }: Scope): Entry {
  const { bucket, bucketArn } = names;
  const statements = broad.map(({ statement, granted, label }) => {
    const instead = withoutBucket(granted, bucketArn) ?? [withBucketsNamed(statement, bucketArn)];
    const to = instead.length === 0 ? undefined : instead.map(describeStatement).join('; ');
    return difference(label, describeStatement(statement), to);
  });
  const onlyDetours = broad.every(({ statement, granted }) => statement !== granted);
  const what = onlyDetours
    ? `allows access points, Access Grants and batch jobs, through which ${bucket} could be reached`
    : `grants more on ${bucket} than reading inbound/`;
  return attention(kind, `${name}/${policy.name}`, `${what}; ${why}`, statements);
}

/** Reports grants that other policies deny at present. */
function deniedEntry(
  { name }: BrokerRole,
  policy: BrokerPolicy,
  grants: Grant[],
  by: string[],
  { names }: Scope,
): Entry {
  const denying = [...new Set(by)].join(', ');
  const why = `grants more on ${names.bucket} than reading inbound/, but that is denied by ${denying}: left as is`;
  const statements = grants.map(({ statement, label }) => difference(label, describeStatement(statement), undefined));
  return attention(kind, `${name}/${policy.name}`, why, statements);
}
