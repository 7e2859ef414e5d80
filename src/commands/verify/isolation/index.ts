/**
 * Isolation: whether the policies in force let everybody read just what they should.
 */

import { WALLET_TAG } from '../../../agentkeys/names.js';
import { explain, statusOf } from '../../../aws/errors.js';
import { type PolicyDocument, parsePolicy } from '../../../policy/document.js';
import { readRole } from '../../../stack/broker/read.js';
import type { BrokerRole } from '../../../stack/broker/state.js';
import type { Observed } from '../../../stack/index.js';
import type { Scope } from '../../../stack/scope.js';
import { type Check, group, ng, skip } from '../check.js';
import type { ReceiptRules } from '../receipt-rules.js';
import { type Expectation, ofAgents, ofBroker, ofFunction, ofSes } from './expectations.js';
import { agree, type EvaluationContext, judge, type Subject } from './judge.js';
import { anybodyChecks, publicChecks } from './public.js';

const names = {
  broker: 'the broker',
  agents: "an agent's session",
  function: 'the function',
  ses: 'SES',
  public: 'nothing is public',
};

/** @throws the SDK's errors, but for what only some of the checks need. */
export async function isolationChecks(observed: Observed, rules: ReceiptRules, scope: Scope): Promise<Check> {
  const { policy, policyDenied } = observed.bucket;
  const name = 'isolation, by the policies';
  if (policyDenied)
    return group(name, [skip('who may do what', "can't be told: AWS denied s3:GetBucketPolicy on the bucket")]);
  let bucketPolicy: PolicyDocument | undefined;
  try {
    bucketPolicy = policy === undefined ? undefined : parsePolicy(policy);
  } catch (error) {
    const reason = `the bucket's policy can't be read: ${explain(error)}`;
    return group(name, [ng('who may do what', reason, "mend the bucket's policy")]);
  }
  const context = { bucketPolicy, account: scope.identity.account };
  return group(name, [
    await brokerChecks(observed, context, scope),
    await agentChecks(context, scope),
    await functionChecks(context, scope),
    sesChecks(rules, context, scope),
    group(names.public, [...anybodyChecks(scope, context), ...(await orSkipped(publicChecks(scope), scope))]),
  ]);
}

async function brokerChecks({ broker }: Observed, context: EvaluationContext, scope: Scope): Promise<Check> {
  if (broker.role === undefined) return skip(names.broker, broker.why);
  return group(names.broker, await roleChecks(broker.role, ofBroker(scope), 'met', context, scope));
}

/** The role that agents assume may be another account's: then its own policies are not known, and only the bucket's decides. */
async function agentChecks(context: EvaluationContext, scope: Scope): Promise<Check> {
  const arn = scope.names.dataRoleArn;
  const expectations = ofAgents(scope);
  const [, , , , account = ''] = arn.split(':');
  if (account !== scope.identity.account) {
    const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow' as const, Action: '*', Resource: '*' }] };
    const policies = { identity: [{ name: 'its own policies (not known here)', document: everything }] };
    const subject = { principal: sessionOf(arn, account), policies, unknown: 'met' as const };
    return group(names.agents, judge(expectations, subject, context));
  }
  const role = await readRole(roleNameOf(arn), scope);
  if (role !== undefined) {
    const checks = await roleChecks(role, expectations, 'met', context, scope);
    return group(names.agents, [...checks, ...ownTag(role)]);
  }
  const why = `there is no role ${roleNameOf(arn)}; name the one that agents assume with --data-role (DATA_ROLE_ARN)`;
  return scope.settings.dataRole === undefined
    ? skip(names.agents, why)
    : ng(names.agents, why, 'check --data-role (DATA_ROLE_ARN)');
}

async function functionChecks(context: EvaluationContext, scope: Scope): Promise<Check> {
  const role = await readRole(scope.names.roleName, scope);
  if (role === undefined) return skip(names.function, `there is no role ${scope.names.roleName}`);
  return group(names.function, await roleChecks(role, ofFunction(scope), 'as they are', context, scope));
}

/** A role's own tags are its sessions' too, unless a session brings another: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html */
function ownTag({ name, tags }: BrokerRole): Check[] {
  const tag = Object.keys(tags).find((key) => key.toLowerCase() === WALLET_TAG);
  if (tag === undefined) return [];
  const reason = `the role ${name} is itself tagged ${tag}: a session without a wallet reads the mail of that one`;
  return [
    ng('a session has no wallet but its own', reason, `aws iam untag-role --role-name ${name} --tag-keys ${tag}`),
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

/** Where no rule stores mail here, only a denial of it is a fault. */
function sesChecks(rules: ReceiptRules, context: EvaluationContext, scope: Scope): Check {
  const { storing } = rules;
  if (storing?.roleArn !== undefined)
    return skip(names.ses, `it stores mail by way of ${storing.roleArn}, whose policies are not looked at`);
  const principal = { arn: 'ses.amazonaws.com', service: 'ses.amazonaws.com' };
  const subject = { principal, policies: { identity: [] }, unknown: 'as they are' as const };
  const checks = judge(ofSes(scope, storing?.arn), subject, context);
  const fails = checks.some(({ outcome }) => outcome === 'NG');
  if (storing === undefined && fails)
    return skip(names.ses, "the bucket's policy does not let it store mail, and no receipt rule here has it do so");
  return group(names.ses, checks);
}

async function orSkipped(checks: Promise<Check[]>, scope: Scope): Promise<Check[]> {
  try {
    return await checks;
  } catch (error) {
    if (statusOf(error) !== 403) throw error;
    return [skip('what S3 says of it', explain(error, scope.settings.endpointUrl))];
  }
}
