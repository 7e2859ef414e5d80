/**
 * How a broad grant is removed: recorded in a tag, then saved or replaced, then removed. A run that stops at any point loses nothing, and
 * the next run continues from there.
 */

import { createHash } from 'node:crypto';
import { managedBy, STACK_TAG } from '../../agentkeys/names.js';
import type { Write } from '../../aws/writes.js';
import { nameInArn } from '../../policy/arns.js';
import { canonical, type PolicyDocument, policyText, type Statement } from '../../policy/document.js';
import type { Entry } from '../../reconcile/plan.js';
import { statementDifferences } from '../policy-diff.js';
import type { Names, Scope } from '../scope.js';
import { tagList } from '../tags.js';
import { asTagValue, type BrokerPolicy, type BrokerRole, type ManagedPolicy, savedTags } from './state.js';

/** The removal of a grant, with what it adds to the role: the caller checks the quotas. */
export interface GrantRemoval {
  entry: Entry;
  /** The key of the tag that records it; none if one records it already. */
  tagKey?: string;
  /** The inline policy that remains. */
  remainder: { name: string; document: PolicyDocument };
}

/** The key of the tag that records a detached policy. */
export function detachedTagKey(arn: string, { brokerTagPrefix }: Pick<Names, 'brokerTagPrefix'>): string {
  return `${brokerTagPrefix}detached:${short(arn)}`;
}

/** The key of the tag that records a narrowed inline policy. */
export function narrowedTagKey(name: string, { brokerTagPrefix }: Pick<Names, 'brokerTagPrefix'>): string {
  return `${brokerTagPrefix}narrowed:${short(name)}`;
}

/**
 * Detaches a managed policy.
 *
 * @param want the policy without this bucket
 * @param retained the statements kept from policies detached earlier
 */
export function detach(
  role: BrokerRole,
  policy: ManagedPolicy,
  want: PolicyDocument,
  retained: Statement[],
  { names }: Scope,
): GrantRemoval {
  const { arn } = policy;
  const { retainedPolicyName } = names;
  const tagKey = detachedTagKey(arn, names);
  const tag: Write = { call: 'iam:TagRole', input: { RoleName: role.name, Tags: tagList({ [tagKey]: arn }) } };
  const document: PolicyDocument = { Version: '2012-10-17', Statement: union(retained, want.Statement) };
  const entry: Entry = {
    resource: 'broad grant',
    name: `${role.name}/${policy.name}`,
    action: 'delete',
    note: `access to other buckets is kept in ${retainedPolicyName}; teardown --broker reattaches the policy`,
    differences: statementDifferences('statement', policy.document, want),
    destroys: lossOf(role, policy, names.bucket),
    writes: [
      ...(role.tags[tagKey] === arn ? [] : [tag]),
      {
        call: 'iam:PutRolePolicy',
        input: { RoleName: role.name, PolicyName: retainedPolicyName, PolicyDocument: policyText(document) },
      },
      { call: 'iam:DetachRolePolicy', input: { RoleName: role.name, PolicyArn: arn } },
    ],
  };
  return { entry, tagKey, remainder: { name: retainedPolicyName, document } };
}

/** The managed policy that holds a policy's document. It is named after its content, so that saving twice creates one policy. */
export function savedArn(role: BrokerRole, policy: BrokerPolicy, { identity, names }: Scope): string {
  const name = `saved-${short(`${role.name}/${policy.name}/${policy.text}`)}`;
  return `arn:${identity.partition}:iam::${identity.account}:policy${names.savedPolicyPath}${name}`;
}

/**
 * Narrows an inline policy.
 *
 * @param want the policy without this bucket; if it has no statements, the policy is deleted
 */
export function narrow(role: BrokerRole, policy: BrokerPolicy, want: PolicyDocument, scope: Scope): GrantRemoval {
  const arn = savedArn(role, policy, scope);
  const { names, settings } = scope;
  const tagKey = narrowedTagKey(policy.name, names);
  const RoleName = role.name;
  const PolicyName = policy.name;
  const tag: Write = { call: 'iam:TagRole', input: { RoleName, Tags: tagList({ [tagKey]: arn }) } };
  const save: Write = {
    call: 'iam:CreatePolicy',
    input: {
      PolicyName: nameInArn(arn),
      Path: names.savedPolicyPath,
      Description: `The policy ${policy.name} of ${role.name} as it was before agentkeys-ses-routing narrowed it`,
      PolicyDocument: policy.text,
      Tags: tagList({
        [managedBy.key]: managedBy.value,
        [savedTags.policy]: asTagValue(PolicyName),
        [savedTags.role]: asTagValue(RoleName),
        ...(settings.stack === undefined ? {} : { [STACK_TAG]: settings.stack, [savedTags.bucket]: names.bucket }),
      }),
    },
  };
  const rest = narrowAgain(role, policy, want, scope);
  const entry: Entry = {
    ...rest.entry,
    note: `saved as ${arn}; teardown --broker restores it`,
    writes: [
      ...(role.tags[tagKey] === arn ? [] : [tag]),
      ...(role.saved.some((one) => one.arn === arn) ? [] : [save]),
      ...rest.entry.writes,
    ],
  };
  return { ...rest, entry, tagKey };
}

/**
 * Narrows what an earlier version of this tool left of a policy: what the policy was is saved already, or is attached again.
 *
 * @param want the policy without this bucket; if it has no statements, the policy is deleted
 */
export function narrowAgain(
  role: BrokerRole,
  policy: BrokerPolicy,
  want: PolicyDocument,
  { names }: Scope,
): GrantRemoval {
  const [RoleName, PolicyName] = [role.name, policy.name];
  const entry: Entry = {
    resource: 'broad grant',
    name: `${role.name}/${policy.name}`,
    action: 'delete',
    note: 'narrowed before, by an earlier version; teardown --broker restores what it was',
    differences: statementDifferences('statement', policy.document, want),
    destroys: lossOf(role, policy, names.bucket),
    writes: [
      want.Statement.length === 0
        ? { call: 'iam:DeleteRolePolicy', input: { RoleName, PolicyName } }
        : { call: 'iam:PutRolePolicy', input: { RoleName, PolicyName, PolicyDocument: policyText(want) } },
    ],
  };
  return { entry, remainder: { name: PolicyName, document: want } };
}

function lossOf(role: BrokerRole, policy: BrokerPolicy, bucket: string): string {
  const detours = 'access points, Access Grants and batch jobs, which could reach it';
  return `remove all access to ${bucket} that ${policy.name} grants ${role.name}, and that to ${detours}`;
}

function union(one: Statement[], other: Statement[]): Statement[] {
  return [...new Map([...one, ...other].map((statement) => [canonical(statement), statement])).values()];
}

/** A hash for a tag's key or a policy's name, which have a maximum length. */
function short(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
