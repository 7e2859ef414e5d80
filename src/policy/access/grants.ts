/**
 * The requests that each Allow statement lets through for a class of principals, and those that a Deny surely refuses: the evaluation logic
 * of `evaluate`, for all requests at once.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import { completeArn } from '../arns.js';
import { listOf, principalsOf, type Statement } from '../document.js';
import { MUST_NAME_CALLER_PREFIXES, type NamedPolicy } from '../evaluate.js';
import { type Naming, reaches } from '../principals.js';
import type { Principal } from '../request.js';
import { type Facts, NONE } from './facts.js';
import { difference, type Language } from './language.js';
import { ACTION, type Box, boxOf, type Grammar, overlap, overlaps, RESOURCE, SESSION, subtract } from './region.js';
import { anySession, exactly, like } from './sets.js';
import type { Reading } from './texts.js';

/** A resource's policy, and the resources that it is asked about. */
export interface ResourcePolicy extends NamedPolicy {
  /** ARNs, with wildcards. */
  resources: string[];
}

/** Principals about whose requests the same is known. */
export interface PrincipalClass {
  /** The caller. A role's session has the name that it is given here; other callers have none. */
  principal(session: string): Principal;
  /** Whether the caller is a role's session, and picks the session's name. */
  picksSession: boolean;
  facts: Facts;
  identity: NamedPolicy[];
  boundary?: NamedPolicy;
  session?: NamedPolicy;
  resources: ResourcePolicy[];
  /** The account that owns the resources. */
  resourceAccount: string;
}

/** An Allow statement and the requests that it lets through, before any Deny. */
export interface Grant {
  policy: string;
  statement: Statement;
  /** The statement's number in its policy, from 1. */
  number: number;
  boxes: Box[];
}

export interface Access {
  grants: Grant[];
  /** What is surely denied, whatever allows it. */
  denied: Box[];
}

/** An Allow must not be read too narrowly, a Deny not too widely. */
const allows: Reading = { over: true, loose: false };
const denies: Reading = { over: false, loose: false };
/** What must hold beside the statement that says where a symbol stands. */
const mustHold: Reading = { over: true, loose: true };

/** @throws {TooComplexError} */
export function accessOf(asked: PrincipalClass): Access {
  const identity = asked.identity.flatMap((policy) => statementsOf(policy, completeArn));
  const boundary = asked.boundary && statementsOf(asked.boundary, completeArn);
  const session = asked.session && statementsOf(asked.session);
  const resource = asked.resources.flatMap((policy) => resourceStatements(policy, asked));
  const own = [...identity, ...(boundary ?? []), ...(session ?? [])];
  const denied = [...own, ...resource].flatMap((one) => boxes(one, 'Deny', asked.facts, denies));

  const principal = asked.principal('');
  const sameAccount = principal.account === undefined || principal.account === asked.resourceAccount;
  const within = (region: Box[]): Box[] =>
    [boundary, session].reduce(
      (rest, limit) => (limit === undefined ? rest : overlaps(rest, all(limit, asked.facts))),
      region,
    );
  const grants: Grant[] = [];
  const add = ({ policy, statement, number }: Located, region: Box[]) => {
    if (region.length > 0) grants.push({ policy, statement, number, boxes: region });
  };
  for (const one of resource) {
    const region = boxes(one, 'Allow', asked.facts, allows);
    if (!sameAccount) add(one, within(isRoot(principal) ? region : overlaps(region, all(identity, asked.facts))));
    else if (one.naming === 'direct') add(one, region);
    else if (one.naming === 'role') add(one, within(region));
  }
  if (!sameAccount || principal.account === undefined) return { grants, denied };
  const named = all(resource, asked.facts);
  for (const one of identity) {
    const region = boxes(one, 'Allow', asked.facts, allows);
    const { must, rest } = byNeed(region, asked);
    add(one, within([...overlaps(must, named), ...rest]));
  }
  return { grants, denied };
}

function isRoot({ arn }: Principal): boolean {
  return arn.endsWith(':root');
}

/** A statement and where it stands. */
interface Located {
  policy: string;
  statement: Statement;
  number: number;
  grammar: Grammar;
}

function statementsOf({ name, document }: NamedPolicy, resource = (text: string) => text): Located[] {
  const grammar = { variables: document.Version === '2012-10-17', resource };
  return document.Statement.map((statement, index) => ({ policy: name, statement, number: index + 1, grammar }));
}

/** A resource policy's statement, with how it names the caller and the limits of that. */
interface ResourceStatement extends Located {
  naming: Naming;
  limits: Box;
}

/** One for each way in which a statement names the caller's sessions. */
function resourceStatements(policy: ResourcePolicy, asked: PrincipalClass): ResourceStatement[] {
  const bounded = asked.boundary !== undefined;
  const resources = { ...NONE, texts: like(...policy.resources) };
  return statementsOf(policy).flatMap((located) =>
    namings(located.statement, asked, bounded).map(({ naming, sessions }) => {
      const limits = new Map([[RESOURCE, resources]]);
      if (sessions !== undefined) limits.set(SESSION, { ...NONE, texts: sessions });
      return { ...located, naming, limits };
    }),
  );
}

/** The names of the caller's sessions that a statement's principals spell out. */
function namedSessions({ Principal, NotPrincipal }: Statement, { principal }: PrincipalClass): string[] {
  const start = principal('').arn;
  const named = [Principal, NotPrincipal].flatMap((element) => Object.values(principalsOf(element)).flatMap(listOf));
  return named.flatMap((arn) => (arn.startsWith(start) && arn !== start ? [arn.slice(start.length)] : []));
}

/** How a statement names the caller, by the session's name where that matters. */
function namings(
  statement: Statement,
  asked: PrincipalClass,
  bounded: boolean,
): Array<{ naming: Naming; sessions?: Language }> {
  const by = (session: string) => reaches(statement, asked.principal(session), bounded);
  const named = asked.picksSession ? [...new Set(namedSessions(statement, asked))] : [];
  // A name that no policy has.
  const otherwise = by(`${named.join('')}x`);
  if (named.length === 0) return otherwise === undefined ? [] : [{ naming: otherwise }];
  const spelled = named.map((name) => ({ name, naming: by(name) }));
  return (['direct', 'role', 'account'] as const).flatMap((naming) => {
    const as = exactly(...spelled.filter((one) => one.naming === naming).map(({ name }) => name));
    const others = exactly(...spelled.filter((one) => one.naming !== naming).map(({ name }) => name));
    const sessions = otherwise === naming ? difference(anySession, others) : as;
    return sessions.length === 0 ? [] : [{ naming, sessions }];
  });
}

function boxes(one: Located & { limits?: Box }, effect: Statement['Effect'], facts: Facts, reading: Reading): Box[] {
  if (one.statement.Effect !== effect) return [];
  const box = boxOf(one.statement, one.grammar, facts, reading);
  const limited = box === undefined || one.limits === undefined ? box : overlap(box, one.limits);
  return limited === undefined ? [] : [limited];
}

/** What any Allow of some policies lets through. */
function all(statements: ReadonlyArray<Located & { limits?: Box }>, facts: Facts): Box[] {
  return statements.flatMap((one) => boxes(one, 'Allow', facts, mustHold));
}

/** Splits off the requests for which the resource's own policy must name the caller: if that policy is known. */
function byNeed(region: Box[], { resources, facts }: PrincipalClass): { must: Box[]; rest: Box[] } {
  const actions = like(...MUST_NAME_CALLER_PREFIXES.map((prefix) => `${prefix.toLowerCase()}*`));
  const about = like(...resources.flatMap((policy) => policy.resources));
  const needed = new Map([
    [ACTION, { ...NONE, texts: actions }],
    [RESOURCE, { ...NONE, texts: about }],
  ]);
  return { must: overlaps(region, [needed]), rest: subtract(region, [needed], facts) };
}
