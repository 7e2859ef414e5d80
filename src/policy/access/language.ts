/**
 * Sets of texts as deterministic finite automata: those that a pattern matches, and their unions, intersections and differences.
 * Exact, so "inside" and "empty" are proofs. https://en.wikipedia.org/wiki/Powerset_construction
 *
 * A symbol is a character; or it stands for the value of a variable that is unknown but fixed, such as the caller's wallet. Such a symbol
 * is longer than a character, so no text contains it.
 */

/** What one step of a pattern reads: a symbol of a set, or any symbol but some, once or any number of times. */
export type Token =
  | { readonly symbols: ReadonlySet<string> }
  | { readonly except: ReadonlySet<string>; readonly many: boolean };

interface State {
  accepts: boolean;
  /** The next state by symbol; `other` for every symbol that is not named. */
  on: ReadonlyMap<string, number>;
  other: number;
}

/** No text leads from here to acceptance. */
const DEAD = -1;

/** A set of texts. The first state is the start; no states at all: the empty set. */
export type Language = readonly State[];

/** More states than a policy of IAM's maximal size needs; an analysis that exceeds it proves nothing. */
const MAX_STATES = 20_000;

/** The analysis is too large. Nothing is proven by it. */
export class TooComplexError extends Error {
  override readonly name = 'TooComplexError';
}

interface Successors<T> {
  accepts: boolean;
  /** All symbols that the states here tell apart. */
  symbols: Iterable<string>;
  /** @returns undefined where no text can be accepted any more. */
  next(symbol: string | undefined): T | undefined;
}

/** Makes an automaton by visiting every state that can be reached, and removes those that lead nowhere. */
function explore<T>(start: T | undefined, keyOf: (value: T) => string, visit: (value: T) => Successors<T>): Language {
  const numbers = new Map<string, number>();
  const values: T[] = [];
  const numberOf = (value: T | undefined): number => {
    if (value === undefined) return DEAD;
    const key = keyOf(value);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    if (values.length >= MAX_STATES) throw new TooComplexError('the policies have too many patterns to analyse');
    numbers.set(key, values.length);
    return values.push(value) - 1;
  };
  numberOf(start);
  const states: State[] = [];
  for (let at = 0; at < values.length; at++) {
    const { accepts, symbols, next } = visit(values[at] as T);
    const other = numberOf(next(undefined));
    const on = new Map<string, number>();
    for (const symbol of symbols) {
      const target = numberOf(next(symbol));
      if (target !== other) on.set(symbol, target);
    }
    states.push({ accepts, on, other });
  }
  return trimmed(states);
}

/** Without the states from which nothing is accepted. */
function trimmed(states: Language): Language {
  const sources = states.map((): number[] => []);
  for (const [from, { on, other }] of states.entries())
    for (const target of new Set([other, ...on.values()])) sources[target]?.push(from);
  const live = new Set<number>();
  const open = states.flatMap(({ accepts }, state) => (accepts ? [state] : []));
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    if (live.has(state)) continue;
    live.add(state);
    open.push(...(sources[state] as number[]));
  }
  if (!live.has(0)) return [];
  if (live.size === states.length) return states;
  const renumbered = new Map([...live].sort((a, b) => a - b).map((state, index) => [state, index]));
  const target = (state: number) => renumbered.get(state) ?? DEAD;
  return states.flatMap(({ accepts, on, other }, state) => {
    if (!live.has(state)) return [];
    const named = [...on].map(([symbol, to]) => [symbol, target(to)] as const);
    return [{ accepts, other: target(other), on: new Map(named.filter(([, to]) => to !== target(other))) }];
  });
}

export const NOTHING: Language = [];

/** Every text. */
export const ANYTHING: Language = [{ accepts: true, on: new Map(), other: 0 }];

export function isEmpty(language: Language): boolean {
  return language.length === 0;
}

/**
 * The texts that any of some patterns matches.
 * @param patterns each as its tokens.
 * @param loose symbols of variables that also match wherever any text without a slash would: for sets that must not be too small.
 */
export function union(patterns: ReadonlyArray<readonly Token[]>, loose: readonly string[] = []): Language {
  const key = JSON.stringify([patterns.map((tokens) => tokens.map(textOf)), loose]);
  const known = unions.get(key);
  if (known !== undefined) return known;
  if (unions.size >= MAX_UNIONS) unions.clear();
  const made = unionOf(patterns, loose);
  unions.set(key, made);
  return made;
}

/** The same elements of policies are asked about for many principals: their sets are made once. */
const unions = new Map<string, Language>();
const MAX_UNIONS = 2_000;

function textOf(token: Token): string | string[] {
  if ('symbols' in token) return [...token.symbols];
  return [token.many ? '*' : '?', '', ...token.except];
}

function unionOf(patterns: ReadonlyArray<readonly Token[]>, loose: readonly string[]): Language {
  const tokens: Array<Token | undefined> = patterns.flatMap((pattern) => [...pattern, undefined]);
  const close = (positions: Iterable<number>): number[] | undefined => {
    const closed = new Set<number>();
    for (let position of positions) {
      closed.add(position);
      while (isMany(tokens[position])) closed.add(++position);
    }
    return closed.size === 0 ? undefined : [...closed].sort((a, b) => a - b);
  };
  /** Where one symbol leads that satisfies the test. */
  const step = (positions: readonly number[], reads: (token: Token) => boolean): number[] =>
    positions.flatMap((position) => {
      const token = tokens[position];
      if (token === undefined || !reads(token)) return [];
      return [isMany(token) ? position : position + 1];
    });
  /** Where any text leads that is not empty and has no slash. */
  const anyText = (positions: readonly number[]): number[] => {
    const reached = new Set<number>();
    let latest = step(positions, readsAnything);
    while (latest.some((position) => !reached.has(position))) {
      for (const position of latest) reached.add(position);
      latest = step(close(reached) as number[], readsAnything);
    }
    return [...reached];
  };
  const starts = patterns.map((_, index) => patterns.slice(0, index).reduce((sum, one) => sum + one.length + 1, 0));
  return explore(close(starts), String, (positions) => {
    const named = positions.flatMap((position) => symbolsOf(tokens[position]));
    return {
      accepts: positions.some((position) => tokens[position] === undefined),
      symbols: new Set([...named, ...loose]),
      next: (symbol) => {
        const read = step(positions, (token) => readsSymbol(token, symbol));
        return close(symbol !== undefined && loose.includes(symbol) ? [...read, ...anyText(positions)] : read);
      },
    };
  });
}

function isMany(token: Token | undefined): boolean {
  return token !== undefined && 'many' in token && token.many;
}

function symbolsOf(token: Token | undefined): string[] {
  if (token === undefined) return [];
  return [...('symbols' in token ? token.symbols : token.except)];
}

/** @param symbol undefined for one that no token names. */
function readsSymbol(token: Token, symbol: string | undefined): boolean {
  if ('symbols' in token) return symbol !== undefined && token.symbols.has(symbol);
  return symbol === undefined || !token.except.has(symbol);
}

function readsAnything(token: Token): boolean {
  return 'except' in token || [...token.symbols].some((symbol) => symbol !== '/');
}

type Combination = (inA: boolean, inB: boolean) => boolean;

/** What was made of two sets, for as long as they are in use. */
const combinations = new WeakMap<Language, WeakMap<Language, Map<Combination, Language>>>();

function combine(a: Language, b: Language, holds: Combination): Language {
  const withA = combinations.get(a) ?? new WeakMap<Language, Map<Combination, Language>>();
  combinations.set(a, withA);
  const withB = withA.get(b) ?? new Map<Combination, Language>();
  withA.set(b, withB);
  const made = withB.get(holds) ?? combinationOf(a, b, holds);
  withB.set(holds, made);
  return made;
}

const inBoth: Combination = (inA, inB) => inA && inB;
const inFirst: Combination = (inA, inB) => inA && !inB;
const inEither: Combination = (inA, inB) => inA || inB;

function combinationOf(a: Language, b: Language, holds: Combination): Language {
  const of = (left: number, right: number): [number, number] | undefined => {
    // A dead side accepts nothing from here on, whatever is read.
    if (left === DEAD && !holds(false, true)) return undefined;
    if (right === DEAD && !holds(true, false)) return undefined;
    return left === DEAD && right === DEAD ? undefined : [left, right];
  };
  const start = of(a.length === 0 ? DEAD : 0, b.length === 0 ? DEAD : 0);
  const next = (language: Language, state: number, symbol: string | undefined): number => {
    const from = language[state];
    return from === undefined ? DEAD : ((symbol === undefined ? undefined : from.on.get(symbol)) ?? from.other);
  };
  return explore(start, String, ([left, right]) => ({
    accepts: holds(a[left]?.accepts === true, b[right]?.accepts === true),
    symbols: new Set([...(a[left]?.on.keys() ?? []), ...(b[right]?.on.keys() ?? [])]),
    next: (symbol) => of(next(a, left, symbol), next(b, right, symbol)),
  }));
}

/** The texts that are in both. */
export function intersection(a: Language, b: Language): Language {
  if (a === ANYTHING || a === b) return b;
  return b === ANYTHING ? a : combine(a, b, inBoth);
}

/** The texts that are in the first but not in the second. */
export function difference(a: Language, b: Language): Language {
  if (b === ANYTHING) return NOTHING;
  return isEmpty(b) ? a : combine(a, b, inFirst);
}

/** The texts that are in either. */
export function either(a: Language, b: Language): Language {
  return isEmpty(a) || b === ANYTHING ? b : combine(a, b, inEither);
}

/** Whether a text, as its symbols, is in the set. */
export function includes(language: Language, symbols: readonly string[]): boolean {
  let state = isEmpty(language) ? DEAD : 0;
  for (const symbol of symbols) {
    const from = language[state];
    if (from === undefined) return false;
    state = from.on.get(symbol) ?? from.other;
  }
  return language[state]?.accepts === true;
}

const ORDINARY = [...'abcdefghijklmnopqrstuvwxyz0123456789-_.'];

/** A shortest text of the set, as its symbols; undefined if the set is empty. Where any character will do, it is a letter. */
export function shortest(language: Language): string[] | undefined {
  const open: Array<{ state: number; read: string[] }> = isEmpty(language) ? [] : [{ state: 0, read: [] }];
  const seen = new Set<number>([0]);
  for (const { state, read } of open) {
    const from = language[state] as State;
    if (from.accepts) return read;
    const go = (target: number, symbol: string) => {
      if (target === DEAD || seen.has(target)) return;
      seen.add(target);
      open.push({ state: target, read: [...read, symbol] });
    };
    const free = ORDINARY.find((character) => !from.on.has(character)) ?? unusual(from.on);
    go(from.other, free);
    for (const [symbol, target] of from.on) go(target, symbol);
  }
  return undefined;
}

/** A character that is not among these. */
function unusual(symbols: ReadonlyMap<string, number>): string {
  let code = 0x100;
  while (symbols.has(String.fromCodePoint(code))) code++;
  return String.fromCodePoint(code);
}
