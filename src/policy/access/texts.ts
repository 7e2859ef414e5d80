/**
 * The texts that a policy's text matches, with its wildcards and variables, as a set.
 */
import { partsOf, type Segment } from '../variables.js';
import { literal, MANY, ONE, type Pattern, wildcards } from '../wildcard.js';
import { type Facts, ownKeys, ownSymbol } from './facts.js';
import { ANYTHING, difference, type Language, type Token, union } from './language.js';

/**
 * How to read a text where the class does not decide what it matches.
 *
 * `over`: whatever it could match, for an Allow. Otherwise what it surely matches, for a Deny. `loose`: a set that must contain each text
 * that it could match, also where a symbol stands for a part of it.
 */
export interface Reading {
  over: boolean;
  loose: boolean;
}

/** How a text is compared: as it is; with wildcards; part by part as an ARN; or whatever the case of its letters. */
export type Comparison = 'equal' | 'like' | 'arn' | 'any case';

const any: Token = { except: new Set(), many: true };
/** In the first five parts of an ARN. */
const anyInPart: Token = { except: new Set([':']), many: true };
const ownOrSpelled: Token = { except: new Set(['/']), many: true };

const ARN_PARTS = 6;

/** How the texts of an element are read. */
export interface TextRules {
  comparison: Comparison;
  /** Whether the document's Version supports policy variables. */
  variables: boolean;
  facts: Facts;
  reading: Reading;
}

/** The sets made so far, by the facts that they depend on: one question after another asks about the same lists. */
const made = new WeakMap<Facts, Map<string, Language>>();

/** The texts that an element of a policy matches: any of its values, or, negated, none of them. */
export function textsMatching(texts: readonly string[], negated: boolean, rules: TextRules): Language {
  const { comparison, variables, facts, reading } = rules;
  const sets = made.get(facts) ?? new Map<string, Language>();
  const key = JSON.stringify([texts, negated, comparison, variables, reading.over, reading.loose]);
  const known = sets.get(key);
  if (known !== undefined) return known;
  const set = makeSet(texts, negated, rules);
  made.set(facts, sets.set(key, set));
  return set;
}

function makeSet(texts: readonly string[], negated: boolean, rules: TextRules): Language {
  const { over, loose } = rules.reading;
  // The complement of a set that is too small is too large.
  const reading = negated ? { over: !over, loose: !over } : { over, loose };
  const patterns = texts.flatMap((text) => {
    const tokens = tokensOf(text, { ...rules, reading });
    return tokens === undefined ? [] : [tokens];
  });
  const matched = union(patterns, reading.over && reading.loose ? ownSymbols(rules.facts) : []);
  return negated ? difference(ANYTHING, matched) : matched;
}

function ownSymbols(facts: Facts): string[] {
  return ownKeys(facts).map(ownSymbol);
}

/** A `?`, which does not match a symbol that stands for a longer text. */
function anyOne(facts: Facts, ...except: string[]): Token {
  return { except: new Set([...except, ...ownSymbols(facts)]), many: false };
}

/** @returns undefined if it surely matches nothing, or if it can't be said that it matches anything. */
function tokensOf(text: string, { comparison, variables, facts, reading }: TextRules): Token[] | undefined {
  const parts = variables ? partsOf(text) : [{ text, written: true }];
  const pattern: Array<Pattern[number] | Token> = [];
  for (const part of parts) {
    const filled = 'text' in part ? part : variableValue(part, facts);
    if (filled === undefined) return undefined;
    if ('symbol' in filled && comparison !== 'any case') {
      pattern.push(reading.over && reading.loose ? ownOrSpelled : { symbols: new Set([filled.symbol]) });
    } else if (!('text' in filled)) {
      if (!reading.over) return undefined;
      if (comparison === 'arn' || comparison === 'any case') return [any];
      pattern.push(any);
    } else {
      const wild = filled.written && (comparison === 'like' || comparison === 'arn');
      pattern.push(...(wild ? wildcards(filled.text) : literal(filled.text)));
    }
  }
  if (comparison === 'any case') return inAnyCase(pattern, reading);
  if (comparison === 'arn') return arnTokens(pattern, facts);
  return pattern.map((item) => tokenOf(item, any, anyOne(facts)));
}

const UNDECIDED = { decided: false } as const;

/** @returns undefined if the class surely has no value for the variable: the text matches nothing. */
function variableValue(
  { key, preset }: { key: string; preset: string | undefined },
  facts: Facts,
): Segment | { symbol: string } | typeof UNDECIDED | undefined {
  const fact = facts.get(key);
  if (fact === undefined || 'among' in fact) return UNDECIDED;
  if ('own' in fact) return { symbol: ownSymbol(key) };
  const text = fact.is ?? preset;
  return text === undefined ? undefined : { text, written: false };
}

function tokenOf(item: Pattern[number] | Token, many: Token, one: Token): Token {
  if (item === MANY) return many;
  if (item === ONE) return one;
  return typeof item === 'string' ? { symbols: new Set([item]) } : (item as Token);
}

/** A wildcard does not reach beyond its part; only the last part may contain colons. */
function arnTokens(pattern: ReadonlyArray<Pattern[number] | Token>, facts: Facts): Token[] | undefined {
  const [one, oneInPart] = [anyOne(facts), anyOne(facts, ':')];
  let part = 1;
  const tokens = pattern.map((item) => {
    const last = part === ARN_PARTS;
    if (item === ':' && !last) part += 1;
    return last ? tokenOf(item, any, one) : tokenOf(item, anyInPart, oneInPart);
  });
  return part === ARN_PARTS ? tokens : undefined;
}

/** The Kelvin sign is the only other character whose lower case is a letter of ASCII. */
const KELVIN = '\u212a';

function inAnyCase(pattern: ReadonlyArray<Pattern[number] | Token>, { over }: Reading): Token[] | undefined {
  const characters = pattern.filter((item) => typeof item === 'string');
  const plain = characters.every((character) => character.charCodeAt(0) < 0x80);
  if (!plain) return over ? [any] : characters.map((character) => ({ symbols: new Set([character]) }));
  return characters.map((character) => {
    const lower = character.toLowerCase();
    return { symbols: new Set([lower, character.toUpperCase(), ...(lower === 'k' ? [KELVIN] : [])]) };
  });
}
