/**
 * How a broad grant is taken away: noted first, then saved or replaced, then taken. Stopped anywhere, nothing is lost and the next run goes on.
 */
import { createHash } from 'node:crypto';
import { managedBy } from '../../agentkeys/names.js';
import type { Write } from '../../aws/writes.js';
import { canonical, type PolicyDocument, policyText, type Statement } from '../../policy/document.js';
import type { Entry } from '../../reconcile/plan.js';
import { statementDifferences } from '../policy-diff.js';
import type { Scope } from '../scope.js';
import { tagList } from '../tags.js';
import {
  asTagValue,
  type BrokerPolicy,
  type BrokerRole,
  detachedTag,
  type ManagedPolicy,
  narrowedTag,
  savedTags,
} from './state.js';

/** The inline policy that keeps, on every other bucket, what a detached policy allowed. */
export const retainedPolicyName = 'agentkeys-ses-routing-broker-retained';

/** The path of the managed policies that keep narrowed documents. */
export const savedPolicyPath = '/agentkeys-ses-routing/';

/** A grant's taking, and what it needs room for. */
export interface GrantRemoval {
  entry: Entry;
  /** The key of the tag that notes it. */
  note: string;
  /** The inline policy it leaves. */
  leaves: { name: string; document: PolicyDocument };
}

/** The tag that notes a detached policy. */
export function detachedNote(arn: string): string {
  return `${detachedTag}${short(arn)}`;
}

/** The tag that notes a narrowed inline policy. */
export function narrowedNote(name: string): string {
  return `${narrowedTag}${short(name)}`;
}

/**
 * Detaches a managed policy.
 *
 * @param want the policy without this bucket
 * @param retained what is kept of policies that were detached before
 */
export function detach(
  role: BrokerRole,
  policy: ManagedPolicy,
  want: PolicyDocument,
  retained: Statement[],
  { names }: Scope,
): GrantRemoval {
  const { arn } = policy;
  const note = detachedNote(arn);
  const tag: Write = { call: 'iam:TagRole', input: { RoleName: role.name, Tags: tagList({ [note]: arn }) } };
  const document: PolicyDocument = { Version: '2012-10-17', Statement: union(retained, want.Statement) };
  const entry: Entry = {
    resource: 'broad grant',
    name: `${role.name}/${policy.name}`,
    action: 'delete',
    note: `kept for every other bucket in ${retainedPolicyName}; teardown --broker attaches it again`,
    differences: statementDifferences('statement', policy.document, want),
    destroys: `take from ${role.name} all that ${policy.name} lets it do with ${names.bucket}, writing too`,
    writes: [
      ...(role.tags[note] === arn ? [] : [tag]),
      {
        call: 'iam:PutRolePolicy',
        input: { RoleName: role.name, PolicyName: retainedPolicyName, PolicyDocument: policyText(document) },
      },
      { call: 'iam:DetachRolePolicy', input: { RoleName: role.name, PolicyArn: arn } },
    ],
  };
  return { entry, note, leaves: { name: retainedPolicyName, document } };
}

/** Where a policy's document is kept: named by its content, so that keeping it twice is keeping it once. */
export function savedArn(role: BrokerRole, policy: BrokerPolicy, { identity }: Scope): string {
  const name = `saved-${short(`${role.name}/${policy.name}/${policy.text}`)}`;
  return `arn:${identity.partition}:iam::${identity.account}:policy${savedPolicyPath}${name}`;
}

/**
 * Narrows an inline policy.
 *
 * @param want the policy without this bucket; without statements, it goes
 */
export function narrow(role: BrokerRole, policy: BrokerPolicy, want: PolicyDocument, scope: Scope): GrantRemoval {
  const arn = savedArn(role, policy, scope);
  const note = narrowedNote(policy.name);
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
  const entry: Entry = {
    resource: 'broad grant',
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
  return { entry, note, leaves: { name: PolicyName, document: want } };
}

function union(one: Statement[], other: Statement[]): Statement[] {
  return [...new Map([...one, ...other].map((statement) => [canonical(statement), statement])).values()];
}

/** A name for a tag's key or a policy, however long what it stands for is. */
function short(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
