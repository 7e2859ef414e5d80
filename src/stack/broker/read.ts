/**
 * Reads the broker's role: its policies, the tags that record what was removed from it, and the saved policies.
 */

import {
  GetInstanceProfileCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { STACK_TAG } from '../../agentkeys/names.js';
import { ifExists, OperatorError, statusOf } from '../../aws/errors.js';
import { nameInArn } from '../../policy/arns.js';
import { parsePolicy } from '../../policy/document.js';
import { attachedPolicies, inlinePolicyNames } from '../role-policies.js';
import type { ReadScope } from '../scope.js';
import { isManaged, tagRecord } from '../tags.js';
import {
  asTagValue,
  type BrokerPolicy,
  type BrokerRole,
  fromTagValue,
  type ManagedPolicy,
  recordsNarrowed,
  type SavedPolicy,
  savedTags,
  type UnreadablePolicy,
} from './state.js';

/** @throws OperatorError when there is no such instance profile, or no role in it */
export async function roleOfProfile(InstanceProfileName: string, { aws }: Pick<ReadScope, 'aws'>): Promise<string> {
  const answer = await ifExists(aws.iam.send(new GetInstanceProfileCommand({ InstanceProfileName })));
  const role = answer?.InstanceProfile?.Roles?.[0]?.RoleName;
  if (role === undefined)
    throw new OperatorError(
      `There is no instance profile ${InstanceProfileName} with a role in it. Check --broker-instance-profile.`,
    );
  return role;
}

/** The role with all its policies; undefined if it doesn't exist. */
export async function readRole(RoleName: string, scope: ReadScope): Promise<BrokerRole | undefined> {
  const { iam } = scope.aws;
  const [role, inline, attached] = await Promise.all([
    ifExists(iam.send(new GetRoleCommand({ RoleName }))),
    inlinePolicyNames(iam, RoleName),
    attachedPolicies(iam, RoleName),
  ]);
  if (role?.Role === undefined) return undefined;
  const tags = tagRecord(role.Role.Tags);
  const narrowed = Object.entries(tags).flatMap(([key, arn]) => (recordsNarrowed(key) ? [arn] : []));
  const boundaryArn = role.Role.PermissionsBoundary?.PermissionsBoundaryArn;
  const [own, managed, saved, boundary] = await Promise.all([
    Promise.all(inline.map((name) => readInline(RoleName, name, scope))),
    Promise.all(attached.map(({ PolicyName = '', PolicyArn = '' }) => readManaged(PolicyName, PolicyArn, scope))),
    Promise.all(narrowed.map((arn) => readSaved(arn, RoleName, scope))),
    boundaryArn === undefined ? undefined : readManaged(nameInArn(boundaryArn), boundaryArn, scope),
  ]);
  const unreadable = [...managed, boundary].flatMap((one) => (one !== undefined && 'why' in one ? [one] : []));
  return {
    name: RoleName,
    arn: String(role.Role.Arn),
    id: String(role.Role.RoleId),
    trust: decodeURIComponent(String(role.Role.AssumeRolePolicyDocument)),
    tags,
    policies: [...own, ...managed].flatMap((one) => (one === undefined || 'why' in one ? [] : [one])),
    ...(unreadable.length === 0 ? {} : { unreadable }),
    saved: saved.flatMap((one) => one ?? []),
    ...(boundary === undefined || 'why' in boundary ? {} : { boundary }),
  };
}

async function readInline(RoleName: string, name: string, scope: ReadScope): Promise<BrokerPolicy | undefined> {
  const text = await inlineText(RoleName, name, scope);
  return text === undefined ? undefined : { kind: 'inline', name, text, document: parsePolicy(text) };
}

/** An inline policy's document, exactly as it was put; undefined if there is no such policy. */
export async function inlineText(
  RoleName: string,
  PolicyName: string,
  { aws }: ReadScope,
): Promise<string | undefined> {
  const answer = await ifExists(aws.iam.send(new GetRolePolicyCommand({ RoleName, PolicyName })));
  return answer?.PolicyDocument === undefined ? undefined : decodeURIComponent(answer.PolicyDocument);
}

/** A managed policy. One that AWS denies reading is still there: what it grants is unknown. */
async function readManaged(
  name: string,
  arn: string,
  scope: ReadScope,
): Promise<ManagedPolicy | UnreadablePolicy | undefined> {
  try {
    const policy = await readPolicy(arn, scope);
    return policy === undefined
      ? undefined
      : { kind: 'managed', name, arn, text: policy.text, document: parsePolicy(policy.text) };
  } catch (error) {
    if (statusOf(error) !== 403) throw error;
    return { name, arn, why: `AWS denied reading the policy ${name} (iam:GetPolicy, iam:GetPolicyVersion)` };
  }
}

/**
 * A document that this tool saved for this role; undefined for anything else a tag may name, which must never be restored.
 */
export async function readSaved(arn: string, RoleName: string, scope: ReadScope): Promise<SavedPolicy | undefined> {
  const { account, partition } = scope.identity;
  const { savedPolicyPath } = scope.names;
  if (!arn.startsWith(`arn:${partition}:iam::${account}:policy${savedPolicyPath}`)) return undefined;
  const policy = await readPolicy(arn, scope);
  if (policy === undefined || !isManaged(policy.tags)) return undefined;
  const { [savedTags.policy]: name, [savedTags.role]: role, [STACK_TAG]: stack } = policy.tags;
  if (name === undefined || role !== asTagValue(RoleName) || stack !== scope.settings.stack) return undefined;
  return { arn, name: fromTagValue(name), text: policy.text };
}

async function readPolicy(PolicyArn: string, { aws }: ReadScope) {
  const policy = await ifExists(aws.iam.send(new GetPolicyCommand({ PolicyArn })));
  const VersionId = policy?.Policy?.DefaultVersionId;
  if (VersionId === undefined) return undefined;
  const version = await ifExists(aws.iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId })));
  const text = version?.PolicyVersion?.Document;
  return text === undefined ? undefined : { text: decodeURIComponent(text), tags: tagRecord(policy?.Policy?.Tags) };
}
