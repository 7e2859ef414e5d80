/**
 * Broad grants: statements of the broker's role that let it read more of the mail bucket than `inbound/`.
 * The plan reports each one; with `removeBroadGrants` it saves and removes them.
 */
import { describeStatement, type PolicyDocument, parsePolicy, type Statement } from '../../policy/document.js';
import { attention, difference, type Entry } from '../../reconcile/plan.js';
import type { Scope } from '../scope.js';
import { deniedBy, type Restrictions, restrictionsOf } from './already-denied.js';
import { fitsManaged, fitsTag, type InlineTexts, inlineOverflow, inlineTexts, withInline } from './iam-quotas.js';
import { brokerPolicy, brokerPolicyName, isBrokerPolicy } from './policy.js';
import { detach, type GrantRemoval, narrow, retainedPolicyName, savedArn } from './remove-grant.js';
import { readsBeyondInbound, withBucketsNamed, withoutBucket } from './s3-grants.js';
import type { BrokerPolicy, BrokerRole } from './state.js';

const kind = 'broad grant';

/** The AWS-managed policies that grant access to S3 only. */
const detachable = ['AmazonS3FullAccess', 'AmazonS3ReadOnlyAccess'];

/** Whether an ARN is one of AWS's S3 policies, the only ones this tool detaches and reattaches. */
export function isDetachable(arn: string, { identity }: Scope): boolean {
  return detachable.some((name) => arn === `arn:${identity.partition}:iam::aws:policy/${name}`);
}

/** A statement that allows reading more of the bucket than `inbound/`. */
interface Grant {
  statement: Statement;
  /** `statement 2`, or its Sid. */
  label: string;
  /** The policies that deny it; undefined unless all of it is certain to be denied. */
  deniedBy: string[] | undefined;
}

export function grantEntries(role: BrokerRole, scope: Scope): Entry[] {
  const restrictions = restrictionsOf(role);
  // The role's policies and tags as they are after the preceding entries, of which the broker's own policy is the first.
  let inline = withInline(inlineTexts(role), brokerPolicyName, brokerPolicy(scope));
  let tags = Object.keys(role.tags);
  return role.policies.flatMap((policy): Entry[] => {
    const grants = isBrokerPolicy(policy) ? [] : grantsOf(policy, restrictions, scope);
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
    if (!fitsTag(tags, removal.tagKey))
      return [report('removing it takes one more tag on the role, which already has the maximum: delete a tag first')];
    inline = left;
    tags = [...tags, removal.tagKey];
    if (scope.settings.removeBroadGrants) return [removal.entry];
    return [{ ...report('--remove-broad-grants removes that access'), offer: 'remove-broad-grants' }];
  });
}

function grantsOf({ document }: BrokerPolicy, restrictions: Restrictions, { names }: Scope): Grant[] {
  return document.Statement.flatMap((statement, index) => {
    if (readsBeyondInbound(statement, names.bucketArn).length === 0) return [];
    const label = `statement ${statement.Sid ?? index + 1}`;
    return [{ statement, label, deniedBy: deniedBy(statement, restrictions, names.bucketArn) }];
  });
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
  if (broad.some(({ statement }) => statement.NotAction !== undefined || statement.NotResource !== undefined))
    return 'NotAction and NotResource are not rewritten automatically: edit it by hand';
  const want = narrowed(policy.document, broad, scope);
  if (want === undefined)
    return "it can't be narrowed without changing what it grants elsewhere: edit it by hand, naming each bucket";
  if (policy.kind === 'managed') {
    const retained = inline.get(retainedPolicyName);
    return detach(role, policy, want, retained === undefined ? [] : parsePolicy(retained).Statement, scope);
  }
  if (!fitsManaged(policy.text)) return 'it is too large to be saved as a managed policy: narrow it by hand';
  const earlier = role.saved.find(({ arn, name }) => name === policy.name && arn !== savedArn(role, policy, scope));
  if (earlier !== undefined)
    return `it was narrowed before and changed since; its first version stays saved (${earlier.arn}): narrow it by hand`;
  return narrow(role, policy, want, scope);
}

/** The document with its broad statements narrowed to every other bucket; undefined where no policy can express that. */
function narrowed(document: PolicyDocument, broad: Grant[], { names }: Scope): PolicyDocument | undefined {
  const statements = document.Statement.map((statement) =>
    broad.some((grant) => grant.statement === statement) ? withoutBucket(statement, names.bucketArn) : [statement],
  );
  return statements.every((one) => one !== undefined) ? { ...document, Statement: statements.flat() } : undefined;
}

/** Reports grants that are not removed: each broad statement, and the one to replace it with. */
function reportEntry({ name }: BrokerRole, policy: BrokerPolicy, broad: Grant[], why: string, { names }: Scope): Entry {
  const { bucket, bucketArn } = names;
  const statements = broad.map(({ statement, label }) => {
    const instead = withoutBucket(statement, bucketArn) ?? [withBucketsNamed(statement, bucketArn)];
    const [to] = instead.map(describeStatement);
    return difference(label, describeStatement(statement), to);
  });
  return attention(
    kind,
    `${name}/${policy.name}`,
    `allows reading more of ${bucket} than inbound/; ${why}`,
    statements,
  );
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
  const why = `allows reading more of ${names.bucket} than inbound/, but that is denied by ${denying}: left as is`;
  const statements = grants.map(({ statement, label }) => difference(label, describeStatement(statement), undefined));
  return attention(kind, `${name}/${policy.name}`, why, statements);
}
