/**
 * Broad grants: statements of the broker's role that let it read more of the mail bucket than `inbound/`.
 * Each is shown; with `removeBroadGrants` it is taken away, saved before.
 */
import { createHash } from 'node:crypto';
import {
  canonical,
  describeStatement,
  type PolicyDocument,
  policySize,
  policyText,
  type Statement,
} from '../../aws/policy/document.js';
import type { Write } from '../../aws/writes.js';
import { attention, type Entry } from '../../reconcile/plan.js';
import { managedBy, type Scope } from '../scope.js';
import { statementDifferences } from '../statements.js';
import { tagList } from '../tags.js';
import { readsMore, withoutBucket } from './bucket-grants.js';
import { brokerPolicyName } from './policy.js';
import {
  asTagValue,
  type BrokerPolicy,
  type BrokerRole,
  detachedTag,
  type ManagedPolicy,
  narrowedTag,
  savedTags,
} from './state.js';

const title = 'broad grant';

/** The inline policy that keeps, on every other bucket, what a detached policy allowed. */
export const retainedPolicyName = 'agentkeys-ses-routing-broker-retained';

/** The path of the managed policies that keep narrowed documents. */
export const savedPolicyPath = '/agentkeys-ses-routing/';

/** The AWS-managed policies that are about S3 and nothing else. */
const detachable = ['AmazonS3FullAccess', 'AmazonS3ReadOnlyAccess'];

/** IAM's limit of a managed policy; bytes, white space not counted. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const managedPolicyLimit = 6_144;

export function grantEntries(role: BrokerRole, scope: Scope): Entry[] {
  const { bucket, bucketArn } = scope.names;
  const reads = `reads more of ${bucket} than inbound/`;
  let retained = role.policies.find(({ name }) => name === retainedPolicyName)?.document.Statement ?? [];
  return role.policies.flatMap((policy): Entry[] => {
    const broad = policy.document.Statement.filter((statement) => readsMore(statement, bucketArn));
    if (policy.name === brokerPolicyName || broad.length === 0) return [];
    const shown = broad.map((statement) => ({ field: 'statement', from: describeStatement(statement) }));
    const told = (why: string) => attention(title, `${role.name}/${policy.name}`, `${reads}; ${why}`, shown);

    const want = narrowed(policy.document, bucketArn);
    if (policy.kind === 'managed' && !isDetachable(policy.arn, scope))
      return [told('a managed policy like this is yours to change: detach or narrow it')];
    if (want === undefined)
      return [told('it can not be narrowed without touching what it grants elsewhere: rewrite it by hand')];
    if (policySize(policy.document) > managedPolicyLimit)
      return [told('it is too large to be saved: narrow it by hand')];
    const earlier = role.saved.find(({ arn, name }) => name === policy.name && arn !== savedArn(role, policy, scope));
    if (policy.kind === 'inline' && earlier !== undefined)
      return [told(`it was narrowed before, and is kept as it was then (${earlier.arn}): narrow it by hand`)];
    if (!scope.settings.removeBroadGrants)
      return [{ ...told('--remove-broad-grants takes that away'), offer: 'remove-broad-grants' }];
    if (policy.kind === 'inline') return [narrow(role, policy, want, scope)];
    retained = union(retained, want.Statement);
    return [detach(role, policy, want, { Version: '2012-10-17', Statement: retained }, scope)];
  });
}

/** Whether an ARN is one of AWS's own S3 policies: nothing else is detached, and nothing else attached again. */
export function isDetachable(arn: string, { identity }: Scope): boolean {
  return detachable.some((name) => arn === `arn:${identity.partition}:iam::aws:policy/${name}`);
}

/** The tag that notes a detached policy. */
export function detachedNote(arn: string): string {
  return `${detachedTag}${short(arn)}`;
}

/** The document with its broad statements narrowed to every other bucket; undefined where that can't be said. */
function narrowed(document: PolicyDocument, bucketArn: string): PolicyDocument | undefined {
  const statements = document.Statement.map((statement) =>
    readsMore(statement, bucketArn) ? withoutBucket(statement, bucketArn) : [statement],
  );
  return statements.every((one) => one !== undefined) ? { ...document, Statement: statements.flat() } : undefined;
}

function union(one: Statement[], other: Statement[]): Statement[] {
  return [...new Map([...one, ...other].map((statement) => [canonical(statement), statement])).values()];
}

/** What is taken is noted first, then replaced, then taken: stopped anywhere, nothing is lost and the next run goes on. */
function detach(
  role: BrokerRole,
  policy: ManagedPolicy,
  want: PolicyDocument,
  retained: PolicyDocument,
  { names }: Scope,
): Entry {
  const { arn } = policy;
  const note = detachedNote(arn);
  const noted = role.tags[note] === arn;
  const tag: Write = { call: 'iam:TagRole', input: { RoleName: role.name, Tags: tagList({ [note]: arn }) } };
  return {
    resource: title,
    name: `${role.name}/${policy.name}`,
    action: 'delete',
    note: `kept for every other bucket in ${retainedPolicyName}; teardown --broker attaches it again`,
    differences: statementDifferences('statement', policy.document, want),
    destroys: `take from ${role.name} all that ${policy.name} lets it do with ${names.bucket}, writing too`,
    writes: [
      ...(noted ? [] : [tag]),
      {
        call: 'iam:PutRolePolicy',
        input: { RoleName: role.name, PolicyName: retainedPolicyName, PolicyDocument: policyText(retained) },
      },
      { call: 'iam:DetachRolePolicy', input: { RoleName: role.name, PolicyArn: arn } },
    ],
  };
}

/** Where a policy's document is kept: named by its content, so that keeping it twice is keeping it once. */
function savedArn(role: BrokerRole, policy: BrokerPolicy, { identity }: Scope): string {
  const name = `saved-${short(`${role.name}/${policy.name}/${policy.text}`)}`;
  return `arn:${identity.partition}:iam::${identity.account}:policy${savedPolicyPath}${name}`;
}

function narrow(role: BrokerRole, policy: BrokerPolicy, want: PolicyDocument, scope: Scope): Entry {
  const arn = savedArn(role, policy, scope);
  const note = `${narrowedTag}${short(policy.name)}`;
  const RoleName = role.name;
  const PolicyName = policy.name;
  const tag: Write = { call: 'iam:TagRole', input: { RoleName, Tags: tagList({ [note]: arn }) } };
  const save: Write = {
    call: 'iam:CreatePolicy',
    input: {
      PolicyName: arn.slice(arn.lastIndexOf('/') + 1),
      Path: savedPolicyPath,
      Description: `The policy ${policy.name} of ${role.name} as it was before agentkeys-ses-routing narrowed it`,
      PolicyDocument: policy.text,
      Tags: tagList({
        [managedBy.key]: managedBy.value,
        [savedTags.policy]: asTagValue(PolicyName),
        [savedTags.role]: asTagValue(RoleName),
      }),
    },
  };
  return {
    resource: title,
    name: `${role.name}/${policy.name}`,
    action: 'delete',
    note: `saved as ${arn}; teardown --broker puts it back`,
    differences: statementDifferences('statement', policy.document, want),
    destroys: `take from ${role.name} all that ${policy.name} lets it do with ${scope.names.bucket}, writing too`,
    writes: [
      ...(role.tags[note] === arn ? [] : [tag]),
      ...(role.saved.some((one) => one.arn === arn) ? [] : [save]),
      want.Statement.length === 0
        ? { call: 'iam:DeleteRolePolicy', input: { RoleName, PolicyName } }
        : { call: 'iam:PutRolePolicy', input: { RoleName, PolicyName, PolicyDocument: policyText(want) } },
    ],
  };
}

/** A name for a tag's key or a policy, however long what it stands for is. */
function short(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
