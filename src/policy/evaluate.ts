/**
 * IAM's policy evaluation, for one request and the policies that apply to it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import { completeArn } from './arns.js';
import { conditionsHold } from './conditions.js';
import { listOf, type OneOrMany, type PolicyDocument, type Statement } from './document.js';
import { type Naming, reaches } from './principals.js';
import type { AuthorizationRequest, Principal } from './request.js';
import { expand, patternOf, type RequestContext } from './variables.js';
import { matches, matchesPattern } from './wildcard.js';

export { UnknownConditionError } from './conditions.js';
export { matches } from './wildcard.js';

/** A policy and the name to show for it. */
export interface NamedPolicy {
  name: string;
  document: PolicyDocument;
}

/** The policies to evaluate a request against. */
export interface ApplicablePolicies {
  identity: NamedPolicy[];
  resource?: NamedPolicy;
  boundary?: NamedPolicy;
  session?: NamedPolicy;
}

/** The decision, with the statement that decided if there is one. */
export interface Decision {
  allowed: boolean;
  reason:
    | 'allowed'
    | 'explicit deny'
    | 'no statement allows it'
    | 'not within the permissions boundary'
    | 'not within the session policy';
  policy?: string;
  statement?: Statement;
}

/** A statement that matches the request, and the name of its policy. */
interface Match {
  policy: string;
  statement: Statement;
}

/** The request's condition keys, with defaults for those that AWS derives from the principal and the resource. */
function contextOf({ principal, resourceAccount, context }: AuthorizationRequest): RequestContext {
  const { account, arn, roleArn = arn, service } = principal;
  const username = /:user\/(?:.*\/)?([^/]+)$/.exec(arn)?.[1];
  const known: Record<string, string | string[] | undefined> = {
    'aws:ResourceAccount': resourceAccount,
    'aws:PrincipalIsAWSService': String(service !== undefined),
    'aws:PrincipalAccount': account,
    'aws:PrincipalArn': account && roleArn,
    'aws:username': username,
  };
  const entries = [...Object.entries(known), ...Object.entries(context)];
  return new Map(entries.map(([key, values]) => [key.toLowerCase(), listOf(values)]));
}

/** Whether an element or its `Not…` counterpart matches; a trust policy's statement has neither Resource nor NotResource. */
function matchesEither(
  element: OneOrMany<string> | undefined,
  notElement: OneOrMany<string> | undefined,
  is: Matcher,
): boolean {
  return element === undefined ? !listOf(notElement).some(is) : listOf(element).some(is);
}

type Matcher = (pattern: string) => boolean;

/**
 * The statements of a policy whose action, resource and conditions match the request.
 * @param read how this kind of policy reads a Resource or NotResource value.
 */
function matching(
  request: AuthorizationRequest,
  context: RequestContext,
  { name, document }: NamedPolicy,
  read: (text: string) => string,
): Match[] {
  const variables = document.Version === '2012-10-17' ? context : undefined;
  const action = request.action.toLowerCase();
  const isAction: Matcher = (pattern) => matches(pattern.toLowerCase(), action);
  const isResource: Matcher = (text) => {
    const segments = expand(read(text), variables);
    return segments !== undefined && matchesPattern(patternOf(segments), request.resource);
  };
  return document.Statement.filter(
    (statement) =>
      matchesEither(statement.Action, statement.NotAction, isAction) &&
      matchesEither(statement.Resource, statement.NotResource, isResource) &&
      conditionsHold(statement.Condition, context, variables),
  ).map((statement) => ({ policy: name, statement }));
}

/** Whether any of these statements matches a request: its effect and its principals are not considered. */
export function anyMatches(statements: Statement[], request: AuthorizationRequest): boolean {
  const document = { Version: '2012-10-17', Statement: statements };
  return matching(request, contextOf(request), { name: '', document }, (text) => text).length > 0;
}

/** A resource policy reduced to the statements whose principal element matches the caller. */
function forPrincipal({ name, document }: NamedPolicy, principal: Principal, bounded: boolean): NamedPolicy {
  const Statement = document.Statement.filter((statement) => reaches(statement, principal, bounded) !== undefined);
  return { name, document: { ...document, Statement } };
}

/** A role's trust policy and a key policy must name the caller or its account, even within one account. */
export const MUST_NAME_CALLER_PREFIXES = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity', 'kms:'];
const mustNameCaller = new RegExp(`^(${MUST_NAME_CALLER_PREFIXES.join('|')})`, 'i');

/**
 * Decides a request by AWS's evaluation logic:
 *
 * - A matching Deny in any policy denies the request.
 * - Within one account, an Allow in an identity policy or in the resource policy is enough; across accounts both are
 *   required. A service, an identity provider's user and an anonymous caller have no identity policies: for them the
 *   resource policy alone decides.
 * - A resource policy that names the account (by its ID or root ARN) delegates to that account's identity policies.
 *   Trust policies and key policies must at least do that.
 * - The permissions boundary and the session policy must allow the request too, unless the resource policy of the same
 *   account names the user or the session itself, or `*`. If it names the role, they stay in force.
 * - An account's root user is allowed everything in that account.
 *
 * Incomplete ARNs in identity policies and in the boundary are completed: see `completeArn`.
 *
 * Policy variables are supported in documents of Version 2012-10-17. A Resource or NotResource whose variable has no value
 * matches no resource, and in a condition such a value equals nothing. Organizations' policies are not evaluated.
 *
 * @throws {UnknownConditionError} for a condition operator that this evaluator does not support.
 */
export function evaluate(request: AuthorizationRequest, policies: ApplicablePolicies): Decision {
  const { principal } = request;
  const context = contextOf(request);
  const matchesIn = (policy: NamedPolicy | undefined, read = (text: string) => text) =>
    policy === undefined ? [] : matching(request, context, policy, read);
  const bounded = policies.boundary !== undefined;
  const identity = policies.identity.flatMap((policy) => matchesIn(policy, completeArn));
  const boundary = matchesIn(policies.boundary, completeArn);
  const session = matchesIn(policies.session);
  const resource = matchesIn(policies.resource && forPrincipal(policies.resource, principal, bounded));

  const denial = [...identity, ...resource, ...boundary, ...session].find(by('Deny'));
  if (denial) return decision('explicit deny', denial);

  const grants = resource.filter(by('Allow'));
  const grantTo = (naming: Naming) => grants.find(({ statement }) => reaches(statement, principal, bounded) === naming);
  const hasNoAccount = principal.account === undefined;
  const sameAccount = hasNoAccount || principal.account === request.resourceAccount;
  const direct = sameAccount ? grantTo('direct') : undefined;
  if (direct) return decision('allowed', direct);
  if (hasNoAccount) return decision('no statement allows it');

  const needsResourceGrant = !sameAccount || (policies.resource !== undefined && mustNameCaller.test(request.action));
  const own = principal.arn.endsWith(':root') ? {} : identity.find(by('Allow'));
  const granted =
    (sameAccount ? grantTo('role') : undefined) ?? (needsResourceGrant && grants.length === 0 ? undefined : own);
  if (!granted) return decision('no statement allows it');
  if (policies.boundary && !boundary.some(by('Allow'))) return decision('not within the permissions boundary');
  if (policies.session && !session.some(by('Allow'))) return decision('not within the session policy');
  return decision('allowed', granted);
}

function by(effect: Statement['Effect']): (match: Match) => boolean {
  return ({ statement }) => statement.Effect === effect;
}

function decision(reason: Decision['reason'], decisive: Partial<Match> = {}): Decision {
  const { policy, statement } = decisive;
  return { allowed: reason === 'allowed', reason, ...(statement && { policy, statement }) };
}
