/**
 * Isolation: whether the policies in force give each principal the access that it needs, and no more.
 */

import { WALLET_TAG } from '../../../agentkeys/names.js';
import { explain } from '../../../aws/errors.js';
import { type PolicyDocument, parsePolicy } from '../../../policy/document.js';
import { readRole } from '../../../stack/broker/read.js';
import type { BrokerRole } from '../../../stack/broker/state.js';
import type { Observed } from '../../../stack/index.js';
import type { Scope } from '../../../stack/scope.js';
import { type Check, fail, group, orSkipped, skip } from '../check.js';
import type { Receiving } from '../receiving.js';
import { type Expectation, ofAgents, ofBroker, ofFunction, ofSes } from './expectations.js';
import { agree, type EvaluationContext, judge, type Subject } from './judge.js';
import { anybodyChecks, publicChecks } from './public.js';
import { trustChecks } from './trust.js';

const names = {
  broker: 'the broker',
  agents: "an agent's session",
  function: 'the function',
  ses: 'SES',
  public: 'nothing is public',
};

/** @throws the SDK's errors, except where only some of the checks need the answer. */
export async function isolationChecks(observed: Observed, receiving: Receiving, scope: Scope): Promise<Check> {
  const { policy, policyDenied } = observed.bucket;
  const name = 'isolation, by the policies';
  if (policyDenied) return group(name, [skip('access', 'unknown: AWS denied s3:GetBucketPolicy on the bucket')]);
  let bucketPolicy: PolicyDocument | undefined;
  try {
    bucketPolicy = policy === undefined ? undefined : parsePolicy(policy);
  } catch (error) {
    const reason = `the bucket policy can't be parsed: ${explain(error)}`;
    return group(name, [fail('access', reason, 'fix the bucket policy')]);
  }
  const context = { bucketPolicy, account: scope.identity.account };
  return group(name, [
    await brokerChecks(observed, context, scope),
    await agentChecks(context, scope),
    await trustChecks(scope),
    await functionChecks(context, scope),
    sesChecks(receiving, context, scope),
    group(names.public, [
      ...anybodyChecks(scope, context),
      ...(await orSkipped('the public access settings', scope.settings, () => publicChecks(scope))),
    ]),
  ]);
}

async function brokerChecks({ broker }: Observed, context: EvaluationContext, scope: Scope): Promise<Check> {
  if (broker.role === undefined) return skip(names.broker, broker.why);
  return group(names.broker, await roleChecks(broker.role, ofBroker(scope), 'met', context, scope));
}

/** The role that agents assume may belong to another account: then its own policies are unknown, and the bucket policy alone decides. */
async function agentChecks(context: EvaluationContext, scope: Scope): Promise<Check> {
  const arn = scope.names.dataRoleArn;
  const expectations = ofAgents(scope);
  const [, , , , account = ''] = arn.split(':');
  if (account !== scope.identity.account) {
    const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow' as const, Action: '*', Resource: '*' }] };
    const policies = { identity: [{ name: 'its own policies (unknown)', document: everything }] };
    const subject = { principal: sessionOf(arn, account), policies, unknown: 'met' as const };
    return group(names.agents, judge(expectations, subject, context));
  }
  const role = await readRole(roleNameOf(arn), scope);
  if (role !== undefined) {
    const checks = await roleChecks(role, expectations, 'met', context, scope);
    return group(names.agents, [...checks, ...ownTag(role)]);
  }
  const why = `the role ${roleNameOf(arn)} does not exist; name the role that agents assume with --data-role (DATA_ROLE_ARN)`;
  return scope.settings.dataRole === undefined
    ? skip(names.agents, why)
    : fail(names.agents, why, 'check --data-role (DATA_ROLE_ARN)');
}

async function functionChecks(context: EvaluationContext, scope: Scope): Promise<Check> {
  const role = await readRole(scope.names.roleName, scope);
  if (role === undefined) return skip(names.function, `the role ${scope.names.roleName} does not exist`);
  return group(names.function, await roleChecks(role, ofFunction(scope), 'as they are', context, scope));
}

/** A role's own tags apply to its sessions, unless a session overrides them: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html */
function ownTag({ name, tags }: BrokerRole): Check[] {
  const tag = Object.keys(tags).find((key) => key.toLowerCase() === WALLET_TAG);
  if (tag === undefined) return [];
  const reason = `the role ${name} itself has the tag ${tag}: a session without a wallet tag reads that wallet's mail`;
  return [
    fail('the role has no wallet tag of its own', reason, `aws iam untag-role --role-name ${name} --tag-keys ${tag}`),
  ];
}

async function roleChecks(
  role: BrokerRole,
  expectations: Expectation[],
  unknown: Subject['unknown'],
  context: EvaluationContext,
  scope: Scope,
): Promise<Check[]> {
  const { account } = scope.identity;
  const { arn, policies: identity, boundary } = role;
  const subject = {
    principal: sessionOf(arn, account),
    policies: { identity, ...(boundary && { boundary }) },
    unknown,
  };
  return [...judge(expectations, subject, context), await agree(expectations, arn, subject, scope)];
}

function sessionOf(roleArn: string, account: string): Subject['principal'] {
  const [, partition] = roleArn.split(':');
  return { arn: `arn:${partition}:sts::${account}:assumed-role/${roleNameOf(roleArn)}/session`, roleArn, account };
}

function roleNameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** If no rule stores mail here, a bucket policy that does not let SES do so is not a fault. */
function sesChecks(receiving: Receiving, context: EvaluationContext, scope: Scope): Check {
  const { storing } = receiving;
  if (storing?.roleArn !== undefined)
    return skip(names.ses, `it stores mail with the role ${storing.roleArn}, whose policies are not checked`);
  const principal = { arn: 'ses.amazonaws.com', service: 'ses.amazonaws.com' };
  const subject = { principal, policies: { identity: [] }, unknown: 'as they are' as const };
  const checks = judge(ofSes(scope, storing?.arn), subject, context);
  const fails = checks.some(({ outcome }) => outcome === 'FAIL');
  if (storing === undefined && fails)
    return skip(names.ses, 'the bucket policy does not let it store mail, but no receipt rule here needs that');
  return group(names.ses, checks);
}
