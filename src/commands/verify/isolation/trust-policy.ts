/**
 * Who a role's trust policy lets in, besides the tokens of one OIDC provider for a fixed audience. Pure.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html
 */

import { WALLET_TAG } from '../../../agentkeys/names.js';
import { accountInArn, nameInArn } from '../../../policy/arns.js';
import { accountNamed, listOf, type PolicyDocument, principalsOf, type Statement } from '../../../policy/document.js';
import { evaluate, matches } from '../../../policy/evaluate.js';
import type { Principal } from '../../../policy/request.js';
import type { Finding, Witness } from '../check.js';
import { type Context, satisfying, testsOf } from './conditions-of.js';

/** A role and its trust policy. */
export interface Trust {
  /** The role's ARN as AWS gives it, with its path. */
  roleArn: string;
  document: PolicyDocument;
}

export const webIdentity = 'sts:AssumeRoleWithWebIdentity';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_permissions-required */
export const tagSession = 'sts:TagSession';

/** A way in: who, and by which of STS's operations. */
interface Entrant {
  principal: Principal;
  action: 'sts:AssumeRole' | 'sts:AssumeRoleWithSAML' | typeof webIdentity;
}

const sampleWallet = `0x${'1'.repeat(40)}`;

/** The tags of a session of that wallet, as a trust policy's conditions see them. */
export const walletTags: Context = { [`aws:RequestTag/${WALLET_TAG}`]: sampleWallet, 'aws:TagKeys': [WALLET_TAG] };

/** An identity provider's user. */
export function userOf(provider: string): Principal {
  return { arn: provider, federated: provider };
}

export function coversAction({ Action, NotAction }: Statement, action: string): boolean {
  const isAction = (pattern: string) => matches(pattern.toLowerCase(), action.toLowerCase());
  return Action === undefined ? !listOf(NotAction).some(isAction) : listOf(Action).some(isAction);
}

/** The Allow statements that let this operation's callers in, with their Sids or numbers. */
export function allowing({ document }: Trust, action: string): Array<{ id: string; statement: Statement }> {
  return document.Statement.map((statement, index) => ({ id: statement.Sid ?? String(index + 1), statement })).filter(
    ({ statement }) => statement.Effect === 'Allow' && coversAction(statement, action),
  );
}

/** Everybody whom a statement names, each with the operation that is open to them. */
function entrantsOf({ Principal: named, NotPrincipal }: Statement, roleArn: string): Entrant[] {
  const [, partition, , , account] = roleArn.split(':');
  const elsewhere = '999999999999';
  const provider = (kind: string) => userOf(`arn:${partition}:iam::${account}:${kind}/anybody`);
  const anybody: Entrant[] = [
    {
      principal: { arn: `arn:${partition}:iam::${elsewhere}:user/anybody`, account: elsewhere },
      action: 'sts:AssumeRole',
    },
    { principal: provider('oidc-provider'), action: webIdentity },
    { principal: provider('saml-provider'), action: 'sts:AssumeRoleWithSAML' },
  ];
  if (NotPrincipal !== undefined) return anybody;
  return Object.entries(principalsOf(named)).flatMap(([type, values]) =>
    listOf(values).flatMap((value): Entrant[] => {
      if (value === '*') return anybody;
      if (type === 'Service') return [{ principal: { arn: value, service: value }, action: 'sts:AssumeRole' }];
      if (type !== 'Federated')
        return [{ principal: accountPrincipal(value, String(partition)), action: 'sts:AssumeRole' }];
      const saml = /:saml-provider\//.test(value);
      return [{ principal: userOf(value), action: saml ? 'sts:AssumeRoleWithSAML' : webIdentity }];
    }),
  );
}

/** The caller whom an AWS principal names: an account's root user, a role's session, or a user. */
function accountPrincipal(value: string, partition: string): Principal {
  const named = accountNamed(value);
  if (named !== undefined) return { arn: `arn:${partition}:iam::${named}:root`, account: named };
  const [, , , , account = '', resource = ''] = value.split(':');
  if (!resource.startsWith('role/')) return { arn: value, account };
  return { arn: `arn:${partition}:sts::${account}:assumed-role/${nameInArn(value)}/session`, roleArn: value, account };
}

/** Whether a trust policy allows a request; the caller's own policies, which are its own, allow everything. */
export function allows({ roleArn, document }: Trust, principal: Principal, action: string, context: Context): boolean {
  const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow' as const, Action: '*', Resource: '*' }] };
  const identity = principal.account === undefined ? [] : [{ name: "the caller's", document: everything }];
  const resource = { name: 'the trust policy', document };
  const request = { principal, action, resource: roleArn, resourceAccount: accountInArn(roleArn), context };
  try {
    return evaluate(request, { identity, resource }).allowed;
  } catch {
    // A condition operator that the evaluator does not know.
    return false;
  }
}

/** Whether a Deny without conditions, which needs no context, surely stops this caller, whatever else the policy has. */
function surelyDenied(trust: Trust, principal: Principal, action: string): boolean {
  const plain = trust.document.Statement.filter(
    ({ Effect, Condition }) => Effect === 'Deny' && Condition === undefined,
  );
  const open: Statement = { Effect: 'Allow', Principal: '*', Action: '*' };
  return !allows({ ...trust, document: { Statement: [open, ...plain] } }, principal, action, {});
}

/** The caller, moved to the account or identity that the request's own condition keys give. */
function asIn(context: Context, principal: Principal): Principal {
  const arn = context['aws:PrincipalArn'];
  const account = context['aws:PrincipalAccount'];
  if (principal.account === undefined || !/:user\/anybody$/.test(principal.arn)) return principal;
  if (typeof arn === 'string') return accountPrincipal(arn, String(arn.split(':')[1]));
  return typeof account === 'string' ? { arn: principal.arn.replace(principal.account, account), account } : principal;
}

/** Keys of identity providers' tokens: `oidc.example.com/path:aud`, `saml:sub`. Other keys have no dot or slash in their first part. */
const tokenKey = /^(saml|[^:]*[./].*):[^:]+$/i;

/**
 * Whether only the tokens of somebody else's provider have a value for the key.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
 */
function isForeign(key: string, { principal, action }: Entrant, ours: readonly string[]): boolean {
  const host = key.slice(0, key.lastIndexOf(':')).toLowerCase();
  if (!tokenKey.test(key)) return false;
  // A session that was opened with a token keeps its keys, and may assume the next role.
  if (action === 'sts:AssumeRole') return false;
  if (action === 'sts:AssumeRoleWithSAML') return host !== 'saml';
  return ours.some((provider) => hostOf(provider) === host && hostOf(principal.arn) !== host);
}

/** The issuer's URL without `https://`, which the condition keys of its tokens begin with. */
export function hostOf(provider: string): string {
  return provider.replace(/^arn:[^/]*\//, '').toLowerCase();
}

/** Whether a condition surely keeps this caller out: it requires a value that only others' tokens have. */
function lacksValues({ Condition }: Statement, entrant: Entrant, ours: readonly string[]): boolean {
  return testsOf(Condition).some(
    ({ operator, vacuous, key, values }) =>
      isForeign(key, entrant, ours) && (operator === 'null' ? values.every((value) => value === 'false') : !vacuous),
  );
}

/** A request of this caller's that the policy allows, with a wallet's tag if it may have one. */
function witnessOf(trust: Trust, { Condition }: Statement, entrant: Entrant, ours: readonly string[]) {
  const { principal, action } = entrant;
  const entries = Object.entries(satisfying(Condition));
  const base: Context = Object.fromEntries(entries.filter(([key]) => !isForeign(key, entrant, ours)));
  const tagged = { ...walletTags, ...base };
  const caller = asIn(base, principal);
  const may = (operation: string, context: Context) => allows(trust, caller, operation, context);
  const context = [tagged, base].find((one) => may(action, one) && (one === base || may(tagSession, one)));
  return context && ({ principal: caller.arn, action, resource: trust.roleArn, context } satisfies Witness);
}

/** What the trust policy is called in findings. */
export const policyName = 'the trust policy';

/**
 * The statements that let somebody in by an operation of `actions`.
 *
 * @param ours the OIDC providers whose tokens are meant to open the role.
 * @param trusted callers that are meant to be let in.
 */
export function findingsOf(
  trust: Trust,
  actions: readonly Entrant['action'][],
  ours: readonly string[],
  trusted: (principal: Principal) => boolean,
): Finding[] {
  return actions.flatMap((action) =>
    allowing(trust, action).flatMap(({ id, statement }) =>
      entrantsOf(statement, trust.roleArn)
        .filter((entrant) => entrant.action === action && !trusted(entrant.principal))
        .filter((entrant) => !surelyDenied(trust, entrant.principal, action) && !lacksValues(statement, entrant, ours))
        .map((entrant): Finding => {
          const witness = witnessOf(trust, statement, entrant, ours);
          const common = { policy: policyName, statement: id };
          if (witness === undefined)
            return { ...common, reason: `it can't be shown that it does not let in ${entrant.principal.arn}` };
          const tagged = `aws:RequestTag/${WALLET_TAG}` in witness.context;
          const how = tagged ? "with any wallet's tag" : 'without a tag';
          return { ...common, reason: `it lets in ${witness.principal} ${how}`, witness };
        }),
    ),
  );
}
