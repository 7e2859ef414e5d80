/**
 * Isolation: whether the policies in force give each principal the access that it needs, and no more. What it needs is decided by the
 * evaluator, request by request; that it has no more, by the access analysis.
 */

import { WALLET_TAG } from '../../../agentkeys/names.js';
import { explain } from '../../../aws/errors.js';
import { ownCommand } from '../../../aws/own-command.js';
import type { PrincipalClass, ResourcePolicy } from '../../../policy/access/index.js';
import { accountInArn, nameInArn } from '../../../policy/arns.js';
import { type PolicyDocument, parsePolicy } from '../../../policy/document.js';
import { inboundAccess } from '../../../stack/broker/inbound-access.js';
import { readRole } from '../../../stack/broker/read.js';
import { bucketPolicyName, sessionArn, sessionsOf } from '../../../stack/broker/sessions.js';
import type { BrokerRole } from '../../../stack/broker/state.js';
import type { Observed } from '../../../stack/index.js';
import type { Scope } from '../../../stack/scope.js';
import { type Check, fail, group, ok, orSkipped, skip } from '../check.js';
import type { Receiving } from '../receiving.js';
import { agentCases, resourcePolicies } from './classes.js';
import { anonymous, everything, foreignSes, type Insiders, outsiders, withoutCanonicalUsers } from './everybody.js';
import {
  comparedForAgents,
  comparedForBroker,
  type Expectation,
  ofAgents,
  ofBroker,
  ofFunction,
  ofSes,
  type Request,
} from './expectations.js';
import type { Guarded } from './harm.js';
import { agree, type EvaluationContext, judge, type Subject } from './judge.js';
import { findingsOf, type Judge, judgeOf, prohibit } from './prohibit.js';
import { publicChecks } from './public.js';
import {
  agentProhibitions,
  brokerProhibitions,
  functionProhibition,
  otherGrants,
  strangerQuestions,
} from './questions.js';
import { trustChecks } from './trust.js';
import { vaultChecks } from './vault.js';

const names = {
  broker: 'the broker',
  agents: "an agent's session",
  function: 'the function',
  ses: 'SES',
  everybody: 'everybody else',
  public: 'nothing is public',
};

/** The roles that the stack is about; absent where they don't exist, belong to another account or can't be read. */
interface Roles {
  broker?: BrokerRole | undefined;
  data?: BrokerRole | undefined;
  function?: BrokerRole | undefined;
}

/** What all classes of principals are judged by. */
interface IsolationContext extends EvaluationContext {
  scope: Scope;
  resources: ResourcePolicy[];
  guarded: Guarded;
}

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
  const roles = await readRoles(observed, scope);
  const context = contextOf(bucketPolicy, roles, scope);
  return group(name, [
    await brokerChecks(observed, context),
    await agentChecks(roles, context),
    trustChecks(roles.data, scope),
    await functionChecks(roles, observed, context),
    sesChecks(receiving, context),
    everybodyCheck(context),
    ...(await vaultChecks(roles, context.guarded, scope)),
    group(names.public, [
      strangers('the bucket policy grants nothing to anonymous requests', [anonymous], context),
      ...(await orSkipped('the public access settings', scope.settings, () => publicChecks(scope))),
    ]),
  ]);
}

async function readRoles({ broker }: Observed, scope: Scope): Promise<Roles> {
  const { dataRoleArn, roleName } = scope.names;
  const [data, fn] = await Promise.all([
    accountInArn(dataRoleArn) === scope.identity.account ? readRole(nameInArn(dataRoleArn), scope) : undefined,
    readRole(roleName, scope),
  ]);
  return { broker: broker.role, data, function: fn };
}

function contextOf(bucketPolicy: PolicyDocument | undefined, roles: Roles, scope: Scope): IsolationContext {
  const { account } = scope.identity;
  const known = Object.values(roles).filter((role): role is BrokerRole => role !== undefined);
  const attached = known.flatMap(({ policies, unreadable = [] }) => [
    ...policies.flatMap((policy) => (policy.kind === 'managed' ? [policy.arn] : [])),
    ...unreadable.map(({ arn }) => arn),
  ]);
  const policies = attached.filter((arn) => accountInArn(arn) === account);
  return {
    scope,
    bucketPolicy,
    account,
    resources: resourcePolicies(scope, bucketPolicy, known),
    guarded: { roles: insiderRoles(roles, scope), policies },
  };
}

/** The roles by their ARNs: as AWS gives them, or else as they are named. */
function insiderRoles(roles: Roles, { names }: Scope): string[] {
  const given = [
    roles.broker?.arn ?? names.brokerRoleArn,
    roles.data?.arn ?? names.dataRoleArn,
    roles.function?.arn ?? names.roleArn,
  ];
  return [...new Set(given)];
}

/** A role with policies that AWS denies reading: nothing about it is shown. */
function unread(name: string, { unreadable = [] }: BrokerRole): Check | undefined {
  if (unreadable.length === 0) return undefined;
  const why = unreadable.map((one) => one.why).join('; ');
  return fail(name, `unknown: ${why}`, `allow the caller what \`${ownCommand('policy verify')}\` prints`);
}

async function brokerChecks({ broker, bucket }: Observed, context: IsolationContext): Promise<Check> {
  const { role } = broker;
  if (role === undefined) return skip(names.broker, broker.why);
  const unknown = unread(names.broker, role);
  if (unknown !== undefined) return unknown;
  const { scope, resources, guarded } = context;
  const judges = [judgeOf(sessionsOf(role, resources, scope), scope)];
  const { reads } = inboundAccess(role, bucket, scope);
  const why = reads === false ? 'the broker is not to read inbound/' : 'unknown whether the broker is to read inbound/';
  return group(names.broker, [
    ...(reads
      ? judge(ofBroker(scope), subjectOf(role, 'met'), context)
      : ofBroker(scope).map(({ name }) => skip(name, `${why} (--broker-reads-inbound lets it)`))),
    ...brokerProhibitions(scope, guarded).map((one) => prohibit(one, judges)),
    await agreement(role, ofBroker(scope), comparedForBroker(scope), 'met', context),
  ]);
}

/** The role that agents assume may belong to another account: then its own policies are unknown, and the bucket policy alone decides. */
async function agentChecks({ data: role }: Roles, context: IsolationContext): Promise<Check> {
  const { scope } = context;
  const { dataRoleArn: arn } = scope.names;
  if (accountInArn(arn) !== scope.identity.account) {
    const theirs = { arn, name: nameInArn(arn), policies: [everything] };
    return group(names.agents, agentIsolation(theirs, context));
  }
  const unknown = role && unread(names.agents, role);
  if (unknown !== undefined) return unknown;
  if (role !== undefined) {
    const compared = await agreement(role, ofAgents(scope), comparedForAgents(scope), 'met', context);
    return group(names.agents, [...agentIsolation(role, context), compared, ...ownTag(role)]);
  }
  const why = `the role ${nameInArn(arn)} does not exist; name the role that agents assume with --data-role (DATA_ROLE_ARN)`;
  return scope.settings.dataRole === undefined
    ? skip(names.agents, why)
    : fail(names.agents, why, 'check --data-role (DATA_ROLE_ARN)');
}

type Sessions = Parameters<typeof sessionsOf>[0];

function agentIsolation(role: Sessions, context: IsolationContext): Check[] {
  const { scope, resources, guarded } = context;
  const documents = [...resources, ...role.policies, ...(role.boundary ? [role.boundary] : [])].map(
    ({ document }) => document,
  );
  const cases = agentCases(documents).map(({ tagged, facts }) => ({
    of: tagged ? 'tagged' : 'untagged',
    judge: judgeOf(sessionsOf(role, resources, scope, facts), scope),
  }));
  return [
    ...judge(ofAgents(scope), subjectOf(role, 'met'), context),
    ...agentProhibitions(scope, guarded).map(({ of, ...one }) => {
      const judges = cases.filter((each) => of === 'all' || each.of === of).map((each) => each.judge);
      return prohibit(one, judges);
    }),
  ];
}

async function functionChecks(
  { function: role }: Roles,
  observed: Observed,
  context: IsolationContext,
): Promise<Check> {
  const { scope, resources, guarded } = context;
  if (role === undefined) return skip(names.function, `the role ${scope.names.roleName} does not exist`);
  const unknown = unread(names.function, role);
  if (unknown !== undefined) return unknown;
  const sessions = judgeOf(sessionsOf(role, resources, scope), scope);
  const others = findingsOf([otherGrants(scope, observed.bucket)], [sessions]);
  const listed = [...new Set(others.map(({ policy, statement }) => `${policy}, statement ${statement}`))];
  const note = `it is also granted what concerns neither the mail nor this stack: ${listed.join('; ')}`;
  return group(names.function, [
    ...judge(ofFunction(scope), subjectOf(role, 'as they are'), context),
    prohibit(functionProhibition(scope, guarded, observed.bucket), [sessions], listed.length > 0 ? note : undefined),
    await agreement(role, ofFunction(scope), [], 'as they are', context),
  ]);
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

function subjectOf({ arn, policies: identity, boundary }: Sessions, unknown: Subject['unknown']): Subject {
  const principal = { arn: sessionArn(arn, 'session'), roleArn: arn, account: accountInArn(arn) };
  return { principal, policies: { identity, ...(boundary && { boundary }) }, unknown };
}

function agreement(
  role: BrokerRole,
  expectations: Expectation[],
  more: Request[],
  unknown: Subject['unknown'],
  { scope }: IsolationContext,
): Promise<Check> {
  const requests = [...expectations.flatMap((one) => one.requests), ...more];
  return agree(requests, role.arn, subjectOf(role, unknown), scope);
}

function sesChecks(receiving: Receiving, context: IsolationContext): Check {
  return group(names.ses, [storesMail(receiving, context), storesForThisAccount(context)]);
}

/** If no rule stores mail here, a bucket policy that does not let SES do so is not a fault. */
function storesMail({ storing }: Receiving, context: IsolationContext): Check {
  const principal = { arn: 'ses.amazonaws.com', service: 'ses.amazonaws.com' };
  const subject = { principal, policies: { identity: [] }, unknown: 'as they are' as const };
  const [check = skip(names.ses, '')] = judge(ofSes(context.scope, storing?.arn), subject, context);
  if (storing?.roleArn !== undefined)
    return skip(check.name, `it stores mail with the role ${storing.roleArn}, whose policies are not checked`);
  if (storing === undefined && check.outcome === 'FAIL')
    return skip(check.name, 'the bucket policy does not let it store mail, but no receipt rule here needs that');
  return check;
}

/** Anybody's SES could otherwise be made to plant mail. https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html */
function storesForThisAccount(context: IsolationContext): Check {
  const name = 'stores mail for this account only';
  const { account } = context.scope.identity;
  const check = (referer: boolean) =>
    strangers(name, [(resources, scope) => foreignSes(resources, scope, referer)], context, {
      fix: `add the condition {"StringEquals": {"aws:SourceAccount": "${account}"}} to the statement in the bucket policy`,
    });
  if (check(false).outcome === 'OK') return check(false);
  const byReferer = check(true);
  return byReferer.outcome === 'OK'
    ? ok(name, 'by aws:Referer, the old form: AWS recommends aws:SourceAccount and aws:SourceArn')
    : byReferer;
}

function everybodyCheck(context: IsolationContext): Check {
  const { guarded, bucketPolicy = { Statement: [] } } = context;
  const { trustedPrincipals: trusted } = context.scope.settings;
  const insiders: Insiders = { roles: guarded.roles, trusted };
  const known = withoutCanonicalUsers(bucketPolicy);
  const classes = (resources: ResourcePolicy[], scope: Scope): PrincipalClass[] => {
    const seen = resources.map((one) => (one.name === bucketPolicyName ? { ...one, document: known } : one));
    return outsiders(known, seen, insiders, scope);
  };
  const name = "reaches neither mail nor the bucket's own limits";
  return group(names.everybody, [strangers(name, [classes], context, { note: trustedNote(trusted) })]);
}

function trustedNote(trusted: string[]): string | undefined {
  return trusted.length === 0 ? undefined : `trusted, and not judged: ${trusted.join(', ')}`;
}

type Classes = (resources: ResourcePolicy[], scope: Scope) => PrincipalClass | PrincipalClass[];

function strangers(
  name: string,
  classes: Classes[],
  { scope, resources, guarded }: IsolationContext,
  { fix = 'remove the statement from the bucket policy', note }: { fix?: string; note?: string | undefined } = {},
): Check {
  const judges: Judge[] = classes.flatMap((of) => [of(resources, scope)].flat().map((one) => judgeOf(one, scope)));
  return prohibit({ name, questions: strangerQuestions(scope, guarded), fix }, judges, note);
}
