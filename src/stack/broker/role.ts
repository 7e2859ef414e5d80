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
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
} from '@aws-sdk/client-iam';
import { ifExists, OperatorError } from '../../aws/errors.js';
import { parsePolicy } from '../../aws/policy/document.js';
import { attention, type Entry, unchanged } from '../../reconcile/plan.js';
import type { Resource } from '../resource.js';
import type { Scope } from '../scope.js';
import { tagRecord } from '../tags.js';
import { grantEntries, savedPolicyPath } from './grants.js';
import { brokerPolicyEntries } from './policy.js';
import { restoreEntries } from './restore.js';
import { type BrokerPolicy, type BrokerRole, type BrokerState, narrowedTag, type SavedPolicy } from './state.js';

type Missing = Extract<BrokerState, { why: string }>;

const title = 'broker policy';
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
    if (teardownBroker) return restoreEntries(have.role);
    return [unchanged(title, have.role.name, 'kept: login by magic link lives on it (--broker takes it away)')];
  },

  permissions({ identity, settings }) {
    if (!settings.broker) return [];
    const iam = `arn:${identity.partition}:iam::${identity.account}`;
    const profile = settings.brokerInstanceProfile;
    // The profile tells the role's name only once it has been read.
    const resources = [`${iam}:role/${profile === undefined ? settings.brokerRole : '*'}`];
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

async function roleOfProfile(InstanceProfileName: string, { aws }: Scope): Promise<string> {
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
    ifExists(iam.send(new ListRolePoliciesCommand({ RoleName }))),
    ifExists(iam.send(new ListAttachedRolePoliciesCommand({ RoleName }))),
  ]);
  if (role?.Role === undefined) return undefined;
  const tags = tagRecord(role.Role.Tags);
  const narrowed = Object.entries(tags).flatMap(([key, arn]) => (key.startsWith(narrowedTag) ? [arn] : []));
  const [policies, saved] = await Promise.all([
    Promise.all([
      ...(inline?.PolicyNames ?? []).map((name) => readInline(RoleName, name, scope)),
      ...(attached?.AttachedPolicies ?? []).map(({ PolicyName = '', PolicyArn = '' }) =>
        readManaged(PolicyName, PolicyArn, scope),
      ),
    ]),
    Promise.all(narrowed.map((arn) => readSaved(arn, scope))),
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

async function readSaved(arn: string, scope: Scope): Promise<SavedPolicy | undefined> {
  const policy = await readPolicy(arn, scope);
  if (policy?.tags['policy-name'] === undefined) return undefined;
  return { arn, name: policy.tags['policy-name'], text: policy.text };
}

async function readPolicy(PolicyArn: string, { aws }: Scope) {
  const policy = await ifExists(aws.iam.send(new GetPolicyCommand({ PolicyArn })));
  const VersionId = policy?.Policy?.DefaultVersionId;
  if (VersionId === undefined) return undefined;
  const version = await ifExists(aws.iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId })));
  const text = version?.PolicyVersion?.Document;
  return text === undefined ? undefined : { text: decodeURIComponent(text), tags: tagRecord(policy?.Policy?.Tags) };
}
