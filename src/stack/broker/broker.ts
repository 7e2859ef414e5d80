/**
 * The broker's role: this tool reads all its policies, manages one inline policy, reports broad grants on the mail bucket, and on request
 * removes them. What it removes it first saves in AWS itself, so that any machine can restore it.
 */
import { OperatorError } from '../../aws/errors.js';
import { attention, type Entry, unchanged } from '../../reconcile/plan.js';
import type { Resource } from '../resource.js';
import type { Scope } from '../scope.js';
import { grantEntries } from './broad-grants.js';
import { readsInboundTagOf } from './inbound-access.js';
import { otherStackEntries } from './other-stacks.js';
import { brokerPolicyEntries } from './policy.js';
import { readRole, roleOfProfile } from './read.js';
import { restoreEntries } from './restore.js';
import type { BrokerState, SeenBucket } from './state.js';
import { checkAfter, checkBefore } from './write-guard.js';

type Missing = Extract<BrokerState, { why: string }>;

const kind = 'broker policy';

/** What its plan depends on: the bucket policy may let the broker read `inbound/`. */
interface BrokerView {
  broker: BrokerState;
  bucket: SeenBucket;
}

export const broker: Resource<BrokerState, BrokerView> = {
  async read(scope) {
    const { settings } = scope;
    if (!settings.broker) return { why: 'skipped: --no-broker' };
    const profile = settings.brokerInstanceProfile;
    const name = profile === undefined ? settings.brokerRole : await roleOfProfile(profile, scope);
    const role = await readRole(name, scope);
    if (role !== undefined) return { role };
    if (settings.sources.brokerRole.kind !== 'default' && profile === undefined)
      throw new OperatorError(`There is no role ${name}. Check --broker-role (BROKER_ROLE), or use --no-broker.`);
    return { why: `skipped: there is no role ${name}; name the broker's role with --broker-role, or use --no-broker` };
  },

  deploy({ broker: have, bucket }, scope) {
    if (have.role === undefined) return [skipped(scope, have)];
    const others = otherStackEntries(have.role, scope, true);
    if (others.length > 0) return others;
    return [...brokerPolicyEntries(have.role, bucket, scope), ...grantEntries(have.role, bucket, scope)];
  },

  teardown({ broker: have }, scope) {
    const { teardownBroker } = scope.settings;
    if (have.role === undefined) return teardownBroker ? [skipped(scope, have)] : [];
    const others = otherStackEntries(have.role, scope, teardownBroker);
    if (others.length > 0) return others;
    if (teardownBroker) return restoreEntries(have.role, scope);
    const { [readsInboundTagOf(scope.names)]: reads } = have.role.tags;
    const why = reads === 'false' ? 'it denies the broker routed mail' : 'magic-link login needs it';
    return [unchanged(kind, have.role.name, `kept: ${why} (teardown --broker removes it)`)];
  },

  async prepare(write, scope, { broker: { role } }) {
    if (role !== undefined) await checkBefore(write, scope, role);
  },

  async settle(write, _answer, scope, _values, { broker: { role } }) {
    if (role !== undefined) await checkAfter(write, scope, role);
  },

  permissions({ identity, names, settings }) {
    if (!settings.broker) return [];
    const iam = `arn:${identity.partition}:iam::${identity.account}`;
    const profile = settings.brokerInstanceProfile;
    const resources = [names.brokerRoleArn];
    const saved = [`${iam}:policy${names.savedPolicyPath}*`];
    const writes = ['iam:PutRolePolicy', 'iam:TagRole'];
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
          ? [...writes, 'iam:DetachRolePolicy', 'iam:AttachRolePolicy', 'iam:DeleteRolePolicy']
          : writes,
        resources,
      },
      ...(settings.removeBroadGrants
        ? [{ for: 'deploy' as const, actions: ['iam:CreatePolicy', 'iam:TagPolicy'], resources: saved }]
        : []),
      ...(settings.teardownBroker
        ? [
            {
              for: 'teardown' as const,
              actions: [...writes, 'iam:AttachRolePolicy', 'iam:DeleteRolePolicy', 'iam:UntagRole'],
              resources,
            },
            { for: 'teardown' as const, actions: ['iam:DeletePolicy'], resources: saved },
          ]
        : []),
    ];
  },
};

function skipped({ settings }: Scope, { why }: Missing): Entry {
  return attention(kind, settings.brokerInstanceProfile ?? settings.brokerRole, why);
}
