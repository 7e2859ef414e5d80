/**
 * The broker's role: all its policies are read, one inline policy is ours, and broad grants on the mail bucket are shown and, when asked
 * for, taken away. What is taken is saved in AWS itself first, so that any machine can put it back.
 */
import {
  GetInstanceProfileCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { ifExists, OperatorError } from '../../aws/errors.js';
import { parsePolicy } from '../../aws/policy/document.js';
import { attention, type Entry, unchanged } from '../../reconcile/plan.js';
import type { Resource } from '../resource.js';
import { attachedPolicies, inlinePolicyNames } from '../role-policies.js';
import type { Scope } from '../scope.js';
import { isOurs, tagRecord } from '../tags.js';
import { grantEntries, retainedPolicyName, savedPolicyPath } from './grants.js';
import { brokerPolicyEntries } from './policy.js';
import { restoreEntries } from './restore.js';
import {
  asTagValue,
  type BrokerPolicy,
  type BrokerRole,
  type BrokerState,
  fromTagValue,
  narrowedTag,
  type SavedPolicy,
  savedTags,
} from './state.js';

type Missing = Extract<BrokerState, { why: string }>;

const title = 'broker policy';

class PolicyChanged extends Error {
  override readonly name = 'ConcurrentModificationException';
}
export const broker: Resource<'broker'> = {
  key: 'broker',

  async read(scope) {
    const { settings } = scope;
    if (!settings.broker) return { why: 'left alone: --no-broker' };
    const profile = settings.brokerInstanceProfile;
    const name = profile === undefined ? settings.brokerRole : await roleOfProfile(profile, scope);
    const role = await readRole(name, scope);
    if (role !== undefined) return { role };
    if (settings.sources.brokerRole.kind !== 'default' && profile === undefined)
      throw new OperatorError(`There is no role ${name}. Check --broker-role (BROKER_ROLE), or use --no-broker.`);
    return { why: `skipped: there is no role ${name}; name the broker's with --broker-role, or use --no-broker` };
  },

  deploy({ broker: have }, scope) {
    if (have.role === undefined) return [skipped(scope, have)];
    return [...brokerPolicyEntries(have.role, scope), ...grantEntries(have.role, scope)];
  },

  teardown({ broker: have }, scope) {
    const { teardownBroker } = scope.settings;
    if (have.role === undefined) return teardownBroker ? [skipped(scope, have)] : [];
    if (teardownBroker) return restoreEntries(have.role, scope);
    return [unchanged(title, have.role.name, 'kept: login by magic link lives on it (--broker takes it away)')];
  },

  /** IAM knows no condition either: a policy that is about to be changed or removed must still read as it did when that was planned. */
  async prepare(write, { aws }, { broker: { role } }) {
    if (write.call !== 'iam:PutRolePolicy' && write.call !== 'iam:DeleteRolePolicy') return;
    const { RoleName, PolicyName } = write.input;
    const planned = role?.policies.find(({ kind, name }) => kind === 'inline' && name === PolicyName);
    const now = await ifExists(aws.iam.send(new GetRolePolicyCommand({ RoleName, PolicyName })));
    const text = now?.PolicyDocument === undefined ? undefined : decodeURIComponent(now.PolicyDocument);
    if (text !== planned?.text && PolicyName !== retainedPolicyName)
      throw new PolicyChanged(`somebody else is changing the policy ${PolicyName} of ${RoleName}`);
  },

  permissions({ identity, settings }) {
    if (!settings.broker) return [];
    const iam = `arn:${identity.partition}:iam::${identity.account}`;
    const profile = settings.brokerInstanceProfile;
    const resources = [`${iam}:role/${settings.brokerRole}`];
    const saved = [`${iam}:policy${savedPolicyPath}*`];
    const writing = ['iam:PutRolePolicy', 'iam:TagRole'];
    return [
      {
        for: 'read',
        actions: ['iam:GetRole', 'iam:GetRolePolicy', 'iam:ListRolePolicies', 'iam:ListAttachedRolePolicies'],
        resources,
      },
      {
        for: 'read',
        actions: ['iam:GetPolicy', 'iam:GetPolicyVersion'],
        resources: [`${iam}:policy/*`, `arn:${identity.partition}:iam::aws:policy/*`],
      },
      ...(profile === undefined
        ? []
        : [
            {
              for: 'read' as const,
              actions: ['iam:GetInstanceProfile'],
              resources: [`${iam}:instance-profile/${profile}`],
            },
          ]),
      {
        for: 'deploy',
        actions: settings.removeBroadGrants
          ? [...writing, 'iam:DetachRolePolicy', 'iam:DeleteRolePolicy']
          : ['iam:PutRolePolicy'],
        resources,
      },
      ...(settings.removeBroadGrants
        ? [{ for: 'deploy' as const, actions: ['iam:CreatePolicy', 'iam:TagPolicy'], resources: saved }]
        : []),
      ...(settings.teardownBroker
        ? [
            {
              for: 'teardown' as const,
              actions: ['iam:AttachRolePolicy', 'iam:PutRolePolicy', 'iam:DeleteRolePolicy', 'iam:UntagRole'],
              resources,
            },
            { for: 'teardown' as const, actions: ['iam:DeletePolicy'], resources: saved },
          ]
        : []),
    ];
  },
};

function skipped({ settings }: Scope, { why }: Missing): Entry {
  return attention(title, settings.brokerInstanceProfile ?? settings.brokerRole, why);
}

/** @throws OperatorError when there is no such instance profile, or no role in it */
export async function roleOfProfile(InstanceProfileName: string, { aws }: Pick<Scope, 'aws'>): Promise<string> {
  const answer = await ifExists(aws.iam.send(new GetInstanceProfileCommand({ InstanceProfileName })));
  const role = answer?.InstanceProfile?.Roles?.[0]?.RoleName;
  if (role === undefined)
    throw new OperatorError(
      `There is no instance profile ${InstanceProfileName} with a role in it. Check --broker-instance-profile.`,
    );
  return role;
}

async function readRole(RoleName: string, scope: Scope): Promise<BrokerRole | undefined> {
  const { iam } = scope.aws;
  const [role, inline, attached] = await Promise.all([
    ifExists(iam.send(new GetRoleCommand({ RoleName }))),
    inlinePolicyNames(iam, RoleName),
    attachedPolicies(iam, RoleName),
  ]);
  if (role?.Role === undefined) return undefined;
  const tags = tagRecord(role.Role.Tags);
  const narrowed = Object.entries(tags).flatMap(([key, arn]) => (key.startsWith(narrowedTag) ? [arn] : []));
  const [policies, saved] = await Promise.all([
    Promise.all([
      ...inline.map((name) => readInline(RoleName, name, scope)),
      ...attached.map(({ PolicyName = '', PolicyArn = '' }) => readManaged(PolicyName, PolicyArn, scope)),
    ]),
    Promise.all(narrowed.map((arn) => readSaved(arn, RoleName, scope))),
  ]);
  return {
    name: RoleName,
    tags,
    policies: policies.flatMap((one) => one ?? []),
    saved: saved.flatMap((one) => one ?? []),
  };
}

async function readInline(RoleName: string, PolicyName: string, { aws }: Scope): Promise<BrokerPolicy | undefined> {
  const answer = await ifExists(aws.iam.send(new GetRolePolicyCommand({ RoleName, PolicyName })));
  if (answer?.PolicyDocument === undefined) return undefined;
  const text = decodeURIComponent(answer.PolicyDocument);
  return { kind: 'inline', name: PolicyName, text, document: parsePolicy(text) };
}

async function readManaged(name: string, arn: string, scope: Scope): Promise<BrokerPolicy | undefined> {
  const policy = await readPolicy(arn, scope);
  return policy === undefined
    ? undefined
    : { kind: 'managed', name, arn, text: policy.text, document: parsePolicy(policy.text) };
}

/** A document of ours that was saved for this very role; anything else a tag may point to is nobody's to put in. */
async function readSaved(arn: string, RoleName: string, scope: Scope): Promise<SavedPolicy | undefined> {
  const { account, partition } = scope.identity;
  if (!arn.startsWith(`arn:${partition}:iam::${account}:policy${savedPolicyPath}`)) return undefined;
  const policy = await readPolicy(arn, scope);
  if (policy === undefined || !isOurs(policy.tags)) return undefined;
  const { [savedTags.policy]: name, [savedTags.role]: role } = policy.tags;
  if (name === undefined || role !== asTagValue(RoleName)) return undefined;
  return { arn, name: fromTagValue(name), text: policy.text };
}

async function readPolicy(PolicyArn: string, { aws }: Scope) {
  const policy = await ifExists(aws.iam.send(new GetPolicyCommand({ PolicyArn })));
  const VersionId = policy?.Policy?.DefaultVersionId;
  if (VersionId === undefined) return undefined;
  const version = await ifExists(aws.iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId })));
  const text = version?.PolicyVersion?.Document;
  return text === undefined ? undefined : { text: decodeURIComponent(text), tags: tagRecord(policy?.Policy?.Tags) };
}
