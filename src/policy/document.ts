/**
 * Policy documents as values: parsed from AWS's JSON, compared as sets of statements, and described for a plan.
 */

/** One value or a list: a list of one means the same as its value. */
export type OneOrMany<T> = T | T[];

/** A policy statement in IAM's grammar. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html */
export interface Statement {
  Sid?: string;
  Effect: 'Allow' | 'Deny';
  Principal?: '*' | Record<string, OneOrMany<string>>;
  NotPrincipal?: '*' | Record<string, OneOrMany<string>>;
  Action?: OneOrMany<string>;
  NotAction?: OneOrMany<string>;
  Resource?: OneOrMany<string>;
  NotResource?: OneOrMany<string>;
  Condition?: Record<string, Record<string, OneOrMany<string>>>;
}

/** A policy document. */
export interface PolicyDocument {
  Version?: string;
  Id?: string;
  Statement: Statement[];
}

/** The text is not a valid policy document; the message says where and why. AWS calls this MalformedPolicyDocument. */
export class MalformedPolicyError extends Error {
  override readonly name = 'MalformedPolicyError';
}

/** The values of an element that is a single value, a list, or absent. */
export function listOf(value: OneOrMany<string> | undefined): string[] {
  return [value ?? []].flat();
}

/** The principals of a Principal or NotPrincipal element by type; `"*"` is short for `{"AWS": "*"}`. */
export function principalsOf(element: Statement['Principal']): Record<string, OneOrMany<string>> {
  return element === '*' ? { AWS: '*' } : { ...element };
}

/** The account that an AWS principal names by its ID or root ARN, which are equivalent; undefined for any other principal. */
export function accountNamed(principal: string): string | undefined {
  const found = /^(?:arn:[\w-]+:iam::(\d{12}):root|(\d{12}))$/.exec(principal);
  return found?.[1] ?? found?.[2];
}

const ELEMENTS = {
  document: ['Version', 'Id', 'Statement'],
  statement: 'Sid Effect Principal NotPrincipal Action NotAction Resource NotResource Condition'.split(' '),
  principal: ['AWS', 'Service', 'Federated', 'CanonicalUser'],
};
const VERSIONS = ['2012-10-17', '2008-10-17'];

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function check(holds: boolean, fault: string): asserts holds {
  if (!holds) throw new MalformedPolicyError(fault);
}

/** An object that has only known fields. */
function recordOf(value: unknown, where: string, known: string[]): Record<string, unknown> {
  check(isRecord(value), `${where} must be an object`);
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  check(unknown === undefined, `${where} has an unknown element: ${JSON.stringify(unknown)}`);
  return value;
}

function textOf(value: unknown, where: string): string {
  check(typeof value === 'string', `${where} must be a string`);
  return value;
}

/** A string or a list of one or more strings. */
function textsOf(value: unknown, where: string): OneOrMany<string> {
  if (!Array.isArray(value)) return textOf(value, where);
  check(value.length > 0, `${where} must not be an empty list`);
  return value.map((each) => textOf(each, `each value of ${where}`));
}

function principalOf(value: unknown, where: string): '*' | Record<string, OneOrMany<string>> {
  if (value === '*') return value;
  const types = Object.entries(recordOf(value, `${where} must be "*" or an object, and`, ELEMENTS.principal));
  return Object.fromEntries(types.map(([type, named]) => [type, textsOf(named, `${where} ${type}`)]));
}

/** A condition's value: IAM's grammar lets numbers and booleans be written without quotes. */
function conditionValue(value: unknown, where: string): string {
  check(['string', 'number', 'boolean'].includes(typeof value), `${where} must be a string, a number or a boolean`);
  return String(value);
}

function conditionOf(value: unknown, where: string): Record<string, Record<string, OneOrMany<string>>> {
  check(isRecord(value), `${where} must be an object of operators`);
  const operators = Object.entries(value).map(([operator, keys]) => {
    check(isRecord(keys), `${where} ${operator} must be an object of condition keys`);
    const tests = Object.entries(keys).map(([key, values]) => {
      const place = `${where} ${operator} ${key}`;
      return [key, Array.isArray(values) ? values.map((v) => conditionValue(v, place)) : conditionValue(values, place)];
    });
    return [operator, Object.fromEntries(tests)];
  });
  return Object.fromEntries(operators);
}

function statementOf(value: unknown, where: string): Statement {
  const given = recordOf(value, where, ELEMENTS.statement);
  const { Effect, ...rest } = given;
  check(Effect === 'Allow' || Effect === 'Deny', `${where}: Effect must be "Allow" or "Deny"`);
  check('Action' in rest !== 'NotAction' in rest, `${where} must have either Action or NotAction`);
  check(!('Resource' in rest && 'NotResource' in rest), `${where} must not have both Resource and NotResource`);
  check(!('Principal' in rest && 'NotPrincipal' in rest), `${where} must not have both Principal and NotPrincipal`);
  const statement: Statement = { Effect };
  if ('Sid' in rest) statement.Sid = textOf(rest.Sid, `${where}: Sid`);
  for (const element of ['Principal', 'NotPrincipal'] as const) {
    if (element in rest) statement[element] = principalOf(rest[element], `${where}: ${element}`);
  }
  for (const element of ['Action', 'NotAction', 'Resource', 'NotResource'] as const) {
    if (element in rest) statement[element] = textsOf(rest[element], `${where}: ${element}`);
  }
  if ('Condition' in rest) statement.Condition = conditionOf(rest.Condition, `${where}: Condition`);
  return statement;
}

/** IAM's responses have documents URL-encoded (RFC 3986); all other services, and all requests, have plain JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text.startsWith('%') ? decodeURIComponent(text) : text);
  } catch (cause) {
    throw new MalformedPolicyError('the policy is not JSON', { cause });
  }
}

/** The policy, or undefined if there is no text or it is no policy: for those who don't have to report that. */
export function policyIfReadable(text: string | undefined): PolicyDocument | undefined {
  try {
    return text === undefined ? undefined : parsePolicy(text);
  } catch {
    return undefined;
  }
}

/**
 * Parses a policy document of any kind: identity policy, resource policy or trust policy. Whether Principal or Resource is
 * required depends on the kind and is not checked.
 * @param text JSON, plain or URL-encoded. Statement may be a single statement.
 * @throws {MalformedPolicyError} when it is not JSON, or not a policy: the message names the element and the statement, counted from 1.
 */
export function parsePolicy(text: string): PolicyDocument {
  const given = recordOf(jsonOf(text.trim()), 'the policy', ELEMENTS.document);
  check('Statement' in given, 'the policy has no Statement');
  const document: PolicyDocument = {
    Statement: [given.Statement].flat().map((each, index) => statementOf(each, `statement ${index + 1}`)),
  };
  if ('Version' in given) {
    document.Version = textOf(given.Version, 'Version');
    check(VERSIONS.includes(document.Version), `Version must be one of ${VERSIONS.join(', ')}`);
  }
  if ('Id' in given) document.Id = textOf(given.Id, 'Id');
  return document;
}

/** The document as compact JSON, the form in which it is sent to AWS. */
export function policyText(document: PolicyDocument): string {
  const { Version, Id, Statement } = document;
  return JSON.stringify({ Version, Id, Statement });
}

/**
 * The document's size in bytes, for IAM's quotas. IAM does not count white space; this counts the white space inside values, so
 * the result may be larger than IAM's, never smaller.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export function policySize(document: PolicyDocument): number {
  return Buffer.byteLength(policyText(document));
}

function sorted(values: string[]): string[] {
  return [...new Set(values)].sort();
}

function canonicalPrincipals(element: Statement['Principal']): unknown {
  const types = Object.entries(principalsOf(element));
  return types.map(([type, named]) => [type, sorted(listOf(named).map((each) => accountNamed(each) ?? each))]).sort();
}

/**
 * The normal form of a statement: equivalent statements have the same text. It ignores the order and repetition of list values, the
 * difference between a value and a list of one, the case of actions, condition operators and condition keys, and the Sid. It treats `"*"`
 * like `{"AWS": "*"}`, and an account's ID like its root ARN.
 */
export function canonical(statement: Statement): string {
  const lower = (values: OneOrMany<string> | undefined) => sorted(listOf(values).map((each) => each.toLowerCase()));
  const tests = Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) =>
      JSON.stringify([operator.toLowerCase(), key.toLowerCase(), sorted(listOf(values))]),
    ),
  );
  return JSON.stringify({
    effect: statement.Effect,
    principal: canonicalPrincipals(statement.Principal),
    notPrincipal: canonicalPrincipals(statement.NotPrincipal),
    action: lower(statement.Action),
    notAction: lower(statement.NotAction),
    resource: sorted(listOf(statement.Resource)),
    notResource: sorted(listOf(statement.NotResource)),
    condition: sorted(tests),
  });
}

function byMeaning(document: PolicyDocument): Map<string, Statement> {
  return new Map(document.Statement.map((statement) => [canonical(statement), statement]));
}

/**
 * The difference between two documents as sets of statements.
 * @param have the current document.
 * @param want the desired document.
 */
export function diffStatements(
  have: PolicyDocument,
  want: PolicyDocument,
): { removed: Statement[]; added: Statement[] } {
  const [current, desired] = [byMeaning(have), byMeaning(want)];
  const missing = (from: Map<string, Statement>, other: Map<string, Statement>) =>
    [...from].filter(([meaning]) => !other.has(meaning)).map(([, statement]) => statement);
  return { removed: missing(current, desired), added: missing(desired, current) };
}

/**
 * Whether two documents have equivalent statements, in any order. Their Version is not compared, although only 2012-10-17 supports
 * policy variables.
 */
export function sameStatements(a: PolicyDocument, b: PolicyDocument): boolean {
  const { removed, added } = diffStatements(a, b);
  return removed.length + added.length === 0;
}

/** A statement in one line, as a plan shows it: `Allow s3:ListBucket on arn:aws:s3:::b when s3:prefix StringLike inbound/*`. */
export function describeStatement(statement: Statement): string {
  const list = (element: OneOrMany<string> | undefined) => listOf(element).join(', ');
  const principals = (element: Statement['Principal']) => Object.values(principalsOf(element)).flat().join(', ');
  const conditions = Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => `${key} ${operator} ${listOf(values).join(' or ')}`),
  );
  const parts: Array<[string, string]> = [
    ['', list(statement.Action)],
    ['everything but ', list(statement.NotAction)],
    ['on ', list(statement.Resource)],
    ['on everything but ', list(statement.NotResource)],
    ['for ', principals(statement.Principal)],
    ['for everyone but ', principals(statement.NotPrincipal)],
    ['when ', conditions.join(' and ')],
  ];
  const present = parts.filter(([, text]) => text !== '').map(([word, text]) => word + text);
  return [statement.Effect, ...present].join(' ');
}
