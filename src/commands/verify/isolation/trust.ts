/**
 * Whether the trust policy of the role that agents assume leaves the choice of the wallet to the broker: a session's tag decides whose mail
 * it reads, so only tokens that the broker signs may open the role.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
 */

import { WALLET_TAG } from '../../../agentkeys/names.js';
import { accountInArn, nameInArn } from '../../../policy/arns.js';
import { accountNamed, listOf, parsePolicy, principalsOf, type Statement } from '../../../policy/document.js';
import { namedBy } from '../../../policy/principals.js';
import type { Principal } from '../../../policy/request.js';
import type { BrokerRole } from '../../../stack/broker/state.js';
import { withKnownConditions } from '../../../stack/resources/bucket/policy.js';
import type { StackContext } from '../../../stack/scope.js';
import { type Check, type Finding, fail, group, judged, ok, skip } from '../check.js';
import { type Context, satisfying, type Test, testsOf } from './conditions-of.js';
import {
  allowing,
  allows,
  coversAction,
  findingsOf,
  hostOf,
  policyName,
  type Trust,
  tagSession,
  userOf,
  walletTags,
  webIdentity,
} from './trust-policy.js';

const name = "the data role's trust";
const names = {
  tags: 'lets agents tag their sessions',
  provider: 'only through the OIDC provider',
  others: 'nobody else assumes it',
};

/** @param role the role that agents assume; undefined if it does not exist, or belongs to another account. */
export function trustChecks(
  role: BrokerRole | undefined,
  { names: { dataRoleArn }, identity, settings }: StackContext,
): Check {
  if (accountInArn(dataRoleArn) !== identity.account)
    return skip(name, `unknown: the role ${dataRoleArn} is in another account than the bucket`);
  if (role?.trust === undefined) return skip(name, `the role ${dataRoleArn} does not exist`);
  return group(name, judgeTrust(role.trust, role.arn, settings.oidcProvider, settings.trustedPrincipals));
}

/**
 * The checks of a trust policy. Pure.
 *
 * @param roleArn the role's ARN as AWS gives it.
 * @param declared the OIDC provider that is meant to open the role, if it was declared.
 * @param trusted ARNs of principals and accounts that the operator trusts.
 */
export function judgeTrust(text: string, roleArn: string, declared?: string, trusted: string[] = []): Check[] {
  const fix = `change the trust policy (aws iam update-assume-role-policy --role-name ${nameInArn(roleArn)} --policy-document file://trust.json)`;
  let trust: Trust;
  try {
    trust = { roleArn, document: parsePolicy(text) };
  } catch (error) {
    return [fail(names.others, `the trust policy can't be parsed: ${(error as Error).message}`, fix)];
  }
  const providers = declared === undefined ? providersIn(trust) : [declared];
  const others: Finding[] = findingsOf(trust, ['sts:AssumeRole', 'sts:AssumeRoleWithSAML'], providers, (principal) =>
    isTrusted(principal, trusted),
  );
  const note = trusted.length === 0 ? undefined : `trusted, and not judged: ${trusted.join(', ')}`;
  return [
    tagging(providers, trust, fix),
    onlyThrough(providers, trust, fix, declared !== undefined),
    judged(names.others, others, `${fix}: remove what lets in anybody but the OIDC provider`, note),
  ];
}

/** Whether the operator trusts a caller by the ARN that the trust policy names it by, or its whole account. */
function isTrusted({ arn, roleArn = arn, account }: Principal, trusted: string[]): boolean {
  return trusted.some(
    (one) => one === roleArn || one === arn || (account !== undefined && accountNamed(one) === account),
  );
}

/** This account's OIDC providers that a statement lets in. */
function providersIn(trust: Trust): string[] {
  const [, partition, , , account] = trust.roleArn.split(':');
  const ours = `arn:${partition}:iam::${account}:oidc-provider/`;
  const named = allowing(trust, webIdentity).flatMap(({ statement }) =>
    listOf(principalsOf(statement.Principal).Federated),
  );
  return [...new Set(named)].filter((provider) => provider.startsWith(ours));
}

/** The provider's condition key. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif */
function audienceKey(provider: string): string {
  return `${hostOf(provider)}:aud`;
}

/** What an agent's request has for sure: a token of the provider for one of the audiences that the policy names, and the wallet's tag. */
function agentContexts(provider: string, { document }: Trust): { contexts: Context[]; known: RegExp } {
  const key = audienceKey(provider);
  const audiences = document.Statement.flatMap(({ Condition }) => testsOf(Condition))
    .filter((test) => test.key.toLowerCase() === key)
    .flatMap(({ values }) => values);
  const omni = {
    'aws:RequestTag/agentkeys_actor_omni': 'a'.repeat(64),
    'aws:TagKeys': [WALLET_TAG, 'agentkeys_actor_omni'],
  };
  const contexts = ['sts.amazonaws.com', ...audiences].flatMap((audience) =>
    // Newer tokens have a second tag.
    [walletTags, { ...walletTags, ...omni }].map((tags) => ({
      ...tags,
      [key]: audience,
      'aws:FederatedProvider': provider,
    })),
  );
  const escaped = key.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return { contexts, known: new RegExp(`^(${escaped}|aws:(RequestTag/.*|TagKeys|FederatedProvider))$`, 'i') };
}

/** Whether some agent may do this. Conditions on what is not known, such as the token's subject, count as met. */
function agentMay(action: string, provider: string, trust: Trust): boolean {
  const { contexts, known } = agentContexts(provider, trust);
  const Statement = trust.document.Statement.flatMap((statement) => withKnownConditions(statement, known));
  const decided = { ...trust, document: { ...trust.document, Statement } };
  return contexts.some((context) => allows(decided, userOf(provider), action, context));
}

function tagging(providers: string[], trust: Trust, fix: string): Check {
  if (providers.some((provider) => agentMay(tagSession, provider, trust))) return ok(names.tags);
  return fail(
    names.tags,
    `no statement allows ${tagSession} to the OIDC provider, so AWS refuses each token that sets the tag ${WALLET_TAG}: no agent can work`,
    `${fix}: allow ${tagSession} beside ${webIdentity}`,
  );
}

function onlyThrough(providers: string[], trust: Trust, fix: string, declared: boolean): Check {
  const [provider, second] = providers;
  const declare = "name the broker's provider with --oidc-provider (OIDC_PROVIDER_ARN)";
  if (provider === undefined)
    return fail(
      names.provider,
      'no statement lets an OIDC provider of this account in: no agent can assume the role',
      `${fix}: allow ${webIdentity} and ${tagSession} to the broker's OIDC provider`,
    );
  const isOurs = ({ federated = '' }: Principal) =>
    second === undefined && namedBy({ Federated: provider }, userOf(federated)) !== undefined;
  const findings = [
    ...findingsOf(trust, [webIdentity], providers, isOurs),
    ...(second === undefined ? anyAudience(provider, trust) : []),
  ];
  if (findings.length === 0 && !agentMay(webIdentity, provider, trust))
    return fail(
      names.provider,
      `it does not let in ${provider}: no agent can assume the role`,
      `${fix}; or ${declare}`,
    );
  const only = second === undefined ? provider : "the broker's provider";
  return judged(
    names.provider,
    findings,
    `${fix}: only ${only} may assume it, with StringEquals on ${second === undefined ? audienceKey(provider) : 'its :aud'}${second === undefined ? '' : `; ${declare}`}`,
    declared ? provider : `${provider}, which is not declared: ${declare}`,
  );
}

const positive = ['stringequals', 'stringequalsignorecase', 'stringlike'];
const negative = ['stringnotequals', 'stringnotequalsignorecase', 'stringnotlike'];

/** Whether a test's values are audiences themselves: no wildcards, and no variables, which could name the token's own audience. */
function isFixed({ operator, values }: Test): boolean {
  return values.every((value) => !value.includes('${') && !(operator.endsWith('like') && /[*?]/.test(value)));
}

/** Whether a condition holds only for a fixed audience. `ForAllValues` and `…IfExists` also hold where there is none, unless `Null` rules that out. */
function pinsAudience({ Condition }: Statement, key: string): boolean {
  const tests = testsOf(Condition).filter((test) => test.key.toLowerCase() === key);
  const present = tests.some(
    ({ operator, values }) => operator === 'null' && values.every((value) => value === 'false'),
  );
  return tests.some((test) => positive.includes(test.operator) && (present || !test.vacuous) && isFixed(test));
}

/** Whether a Deny refuses the provider's tokens for any audience but a fixed one. */
function deniesOtherAudiences(statement: Statement, provider: string, key: string): boolean {
  const [only, more] = Object.entries(statement.Condition ?? {});
  const [test, another] = testsOf(statement.Condition);
  return (
    statement.Effect === 'Deny' &&
    coversAction(statement, webIdentity) &&
    statement.NotPrincipal === undefined &&
    namedBy(statement.Principal, userOf(provider)) !== undefined &&
    more === undefined &&
    another === undefined &&
    test?.key.toLowerCase() === key &&
    negative.includes(String(only?.[0].toLowerCase())) &&
    isFixed(test)
  );
}

/** The statements that let in the provider's tokens whatever they were issued for. */
function anyAudience(provider: string, trust: Trust): Finding[] {
  const key = audienceKey(provider);
  if (trust.document.Statement.some((statement) => deniesOtherAudiences(statement, provider, key))) return [];
  return allowing(trust, webIdentity)
    .filter(({ statement }) => statement.NotPrincipal === undefined && namedBy(statement.Principal, userOf(provider)))
    .filter(({ statement }) => !pinsAudience(statement, key))
    .map(({ id, statement: { Condition } }) => {
      const met = satisfying(Condition);
      const rest = Object.fromEntries(Object.entries(met).filter(([one]) => one.toLowerCase() !== key));
      const context = [{ ...rest, [key]: 'another-audience' }, rest, met].find((one) =>
        allows(trust, userOf(provider), webIdentity, one),
      );
      const witness = context && { principal: provider, action: webIdentity, resource: trust.roleArn, context };
      return {
        policy: policyName,
        statement: id,
        reason: `no condition limits ${key} to fixed audiences, so a token of the issuer for somebody else opens the role`,
        ...(witness && { witness }),
      };
    });
}
