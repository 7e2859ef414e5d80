/**
 * A concrete request out of a set of requests, that the evaluator allows.
 */
import { type ApplicablePolicies, evaluate } from '../evaluate.js';
import type { AuthorizationRequest } from '../request.js';
import { variablesIn } from '../variables.js';
import { matches } from '../wildcard.js';
import { domainOf, ownKeys, ownSymbol, type Values } from './facts.js';
import type { PrincipalClass } from './grants.js';
import { includes, shortest } from './language.js';
import { ACTION, type Box, RESOURCE, SESSION } from './region.js';

/** What a witness should be made of, where it may: names that a reader knows. */
export interface Examples {
  actions: string[];
  resources: string[];
  /** By condition key, in lower case. */
  values: Record<string, string[]>;
  /** Condition keys as they are written, by their lower case. */
  keys: Record<string, string>;
}

/** Enough to find a request that is allowed, if the first choice is not. */
const MAX_TRIES = 200;
const MAX_CHOICES = 4;

/** The texts to try for one part of a request: known names first, then what the policies spell out, then a shortest text. */
function choices(values: Values, known: readonly string[], inLowerCase = false): string[] {
  const read = (text: string) => [...(inLowerCase ? text.toLowerCase() : text)];
  const fitting = [...new Set([...known, ...(values.samples ?? [])])].filter((text) =>
    includes(values.texts, read(text)),
  );
  const least = shortest(values.texts);
  return [...fitting, ...(least === undefined ? [] : [least.join('')])].slice(0, MAX_CHOICES);
}

/**
 * @param does whether a request does what is looked for.
 * @returns the first such request of the box that the evaluator allows; undefined if none was found.
 */
export function witnessIn(
  box: Box,
  asked: PrincipalClass,
  examples: Examples,
  does: (request: AuthorizationRequest) => boolean,
): AuthorizationRequest | undefined {
  const of = (part: string) => box.get(part) ?? domainOf(asked.facts, part);
  const keys = [...new Set([...asked.facts.keys(), ...box.keys(), ...variableKeys(asked)])].filter(
    (key) => !key.startsWith(' '),
  );
  const parts: Array<{ part: string; texts: Array<string | undefined> }> = [
    { part: RESOURCE, texts: choices(of(RESOURCE), examples.resources) },
    { part: ACTION, texts: choices(of(ACTION), examples.actions, true) },
    ...(asked.picksSession ? [{ part: SESSION, texts: choices(of(SESSION), ['agent']) }] : []),
    ...keys.map((key) => {
      const values = of(key);
      const texts = choices(values, examples.values[key] ?? []);
      return { part: key, texts: values.absent ? [undefined, ...texts] : texts };
    }),
  ];
  let tries = 0;
  for (const chosen of combinations(parts)) {
    if (++tries > MAX_TRIES) return undefined;
    const request = requestOf(chosen, keys, asked, examples);
    if (does(request) && isAllowed(request, asked)) return request;
  }
  return undefined;
}

/** The keys of all variables in the class's policies. */
function variableKeys({ identity, boundary, session, resources }: PrincipalClass): string[] {
  const documents = [...identity, boundary, session, ...resources].map((policy) => policy?.document);
  return variablesIn(JSON.stringify(documents)).map((key) => key.toLowerCase());
}

function* combinations(
  parts: ReadonlyArray<{ part: string; texts: Array<string | undefined> }>,
): Generator<Map<string, string | undefined>> {
  const [first, ...rest] = parts;
  if (first === undefined) {
    yield new Map();
    return;
  }
  for (const others of combinations(rest))
    for (const text of first.texts) yield new Map([[first.part, text], ...others]);
}

function requestOf(
  chosen: ReadonlyMap<string, string | undefined>,
  keys: string[],
  asked: PrincipalClass,
  examples: Examples,
): AuthorizationRequest {
  const filled = (text: string) =>
    ownKeys(asked.facts).reduce((rest, key) => rest.replaceAll(ownSymbol(key), String(chosen.get(key))), text);
  const context = keys.map((key) => {
    const text = chosen.get(key);
    return [examples.keys[key] ?? key, text === undefined ? [] : filled(text)] as const;
  });
  return {
    principal: asked.principal(chosen.get(SESSION) ?? ''),
    action: String(chosen.get(ACTION)),
    resource: filled(String(chosen.get(RESOURCE))),
    resourceAccount: asked.resourceAccount,
    context: Object.fromEntries(context),
  };
}

/** The full evaluation, every Deny included. A condition operator that the evaluator does not know: not shown to be allowed. */
function isAllowed(request: AuthorizationRequest, asked: PrincipalClass): boolean {
  try {
    return evaluate(request, policiesFor(request, asked)).allowed;
  } catch {
    return false;
  }
}

/** The policies that apply to a request of the class. */
export function policiesFor(
  { resource }: Pick<AuthorizationRequest, 'resource'>,
  { identity, boundary, session, resources }: PrincipalClass,
): ApplicablePolicies {
  const own = resources.find((policy) => policy.resources.some((pattern) => matches(pattern, resource)));
  return { identity, ...(boundary && { boundary }), ...(session && { session }), ...(own && { resource: own }) };
}
