/**
 * IAM's policy evaluation, for one request and the policies that apply to it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
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

/** The policies that apply to a request. */
export interface ApplicablePolicies {
  identity: NamedPolicy[];
  resource?: NamedPolicy;
  boundary?: NamedPolicy;
  session?: NamedPolicy;
}

/** The outcome, with the statement that decided it where there is one. */
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

/** A statement that applies to the request, and the name of its policy. */
interface Applying {
  policy: string;
  statement: Statement;
}

/** The request's condition keys, with those that follow from who asks for what filled in where they were not given. */
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

/** Whether an element or its `Not…` counterpart takes something in; a trust policy has no resource of its own to name. */
function takesIn(named: OneOrMany<string> | undefined, excepted: OneOrMany<string> | undefined, is: Matcher): boolean {
  return named === undefined ? !listOf(excepted).some(is) : listOf(named).some(is);
}

type Matcher = (pattern: string) => boolean;

/** The statements of a policy whose action, resource and conditions fit the request. */
function applying(request: AuthorizationRequest, context: RequestContext, { name, document }: NamedPolicy): Applying[] {
  const variables = document.Version === '2012-10-17' ? context : undefined;
  const action = request.action.toLowerCase();
  const isAction: Matcher = (pattern) => matches(pattern.toLowerCase(), action);
  const isResource: Matcher = (text) => {
    const segments = expand(text, variables);
    return segments !== undefined && matchesPattern(patternOf(segments), request.resource);
  };
  return document.Statement.filter(
    (statement) =>
      takesIn(statement.Action, statement.NotAction, isAction) &&
      takesIn(statement.Resource, statement.NotResource, isResource) &&
      conditionsHold(statement.Condition, context, variables),
  ).map((statement) => ({ policy: name, statement }));
}

/** A resource policy with those of its statements alone whose principals take in the caller. */
function reaching({ name, document }: NamedPolicy, principal: Principal, bounded: boolean): NamedPolicy {
  const Statement = document.Statement.filter((statement) => reaches(statement, principal, bounded) !== undefined);
  return { name, document: { ...document, Statement } };
}

/** Role trust policies and key policies have to name the caller, or its account, even within one account. */
const MUST_NAME_CALLER = /^(sts:(AssumeRole|TagSession|SetSourceIdentity)|kms:)/i;

/**
 * Decides a request as AWS does:
 *
 * - A Deny that applies, in whichever policy, decides.
 * - Within one account an Allow in an identity policy or in the resource policy is enough; across accounts both are
 *   needed. A service, an identity provider's user and an anonymous caller have no identity policies: for them the
 *   resource policy decides alone.
 * - A resource policy that names the account (by its id or root ARN) leaves it to that account's identity policies.
 *   Trust policies and key policies have to name at least that.
 * - The permissions boundary and the session policy must allow it too, except where the resource policy of the same
 *   account names the user or the session itself, or `*`. Naming the role leaves them in force.
 * - An account's root user is allowed everything within it.
 *
 * Policy variables are read in documents of Version 2012-10-17. A Resource or NotResource whose variable has no value
 * matches no resource, and in a condition such a value is equal to nothing. Organizations' policies are not part of this.
 *
 * @throws {UnknownConditionError} for a condition operator that this evaluator does not know: it never guesses.
 */
export function evaluate(request: AuthorizationRequest, policies: ApplicablePolicies): Decision {
  const { principal } = request;
  const context = contextOf(request);
  const listed = (policy: NamedPolicy | undefined) => (policy === undefined ? [] : applying(request, context, policy));
  const bounded = policies.boundary !== undefined;
  const identity = policies.identity.flatMap(listed);
  const boundary = listed(policies.boundary);
  const session = listed(policies.session);
  const resource = listed(policies.resource && reaching(policies.resource, principal, bounded));

  const denial = [...identity, ...resource, ...boundary, ...session].find(by('Deny'));
  if (denial) return outcome('explicit deny', denial);

  const grants = resource.filter(by('Allow'));
  const named = (naming: Naming) => grants.find(({ statement }) => reaches(statement, principal, bounded) === naming);
  const outsider = principal.account === undefined;
  const sameAccount = outsider || principal.account === request.resourceAccount;
  const direct = sameAccount ? named('direct') : undefined;
  if (direct) return outcome('allowed', direct);
  if (outsider) return outcome('no statement allows it');

  const mustBeNamed = !sameAccount || (policies.resource !== undefined && MUST_NAME_CALLER.test(request.action));
  const own = principal.arn.endsWith(':root') ? {} : identity.find(by('Allow'));
  const granted = (sameAccount ? named('role') : undefined) ?? (mustBeNamed && grants.length === 0 ? undefined : own);
  if (!granted) return outcome('no statement allows it');
  if (policies.boundary && !boundary.some(by('Allow'))) return outcome('not within the permissions boundary');
  if (policies.session && !session.some(by('Allow'))) return outcome('not within the session policy');
  return outcome('allowed', granted);
}

function by(effect: Statement['Effect']): (applying: Applying) => boolean {
  return ({ statement }) => statement.Effect === effect;
}

function outcome(reason: Decision['reason'], decisive: Partial<Applying> = {}): Decision {
  const { policy, statement } = decisive;
  return { allowed: reason === 'allowed', reason, ...(statement && { policy, statement }) };
}
