/**
 * What is known about the requests of a class of principals: which condition keys have which values.
 */
import { ANYTHING, difference, intersection, isEmpty, type Language, NOTHING, union } from './language.js';

/** A set of values that a condition key may have in a request. */
export interface Values {
  /** Whether the request may lack the key. */
  absent: boolean;
  /** Whether it may have several values at once. Which ones is not modelled. */
  several: boolean;
  /** The single values. */
  texts: Language;
  /** Texts worth trying in a witness, where `texts` only says that any may do. */
  samples?: readonly string[];
}

/**
 * What is known of one key: its value; that no request has it; that it is fixed but unknown, one of some texts (a text in a policy that
 * refers to it contains its symbol); or the values that it may have.
 */
export type Fact = { is: string } | { is: undefined } | { own: Language } | { among: Values };

/** By condition key, in lower case. A key without a fact may be absent or have any value: the caller chooses it, or it is unknown. */
export type Facts = ReadonlyMap<string, Fact>;

export const NONE: Values = { absent: false, several: false, texts: NOTHING };
export const ALL: Values = { absent: true, several: true, texts: ANYTHING };
const ABSENT: Values = { ...NONE, absent: true };

/** Keys with a list of values. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html */
const listed = /^aws:(tagkeys|calledvia|(principal|resource|source)orgpaths|principalservicenameslist)$/;

/** Other services' keys may be lists: that is not known here. */
function mayHaveSeveral(key: string): boolean {
  return listed.test(key) || !/^(aws|s3):/.test(key) || key.endsWith('tagkeys');
}

/** The values that a key can have at all, in requests of this class. */
export function domainOf(facts: Facts, key: string): Values {
  const fact = facts.get(key);
  if (fact === undefined) return { ...ALL, several: mayHaveSeveral(key) };
  if ('among' in fact) return fact.among;
  if ('own' in fact) return { ...NONE, texts: fact.own };
  return fact.is === undefined ? ABSENT : { ...NONE, texts: textLanguage(fact.is) };
}

/** The one text. */
export function textLanguage(text: string): Language {
  return union([[...text].map((character) => ({ symbols: new Set([character]) }))]);
}

export function isNone({ absent, several, texts }: Values): boolean {
  return !absent && !several && isEmpty(texts);
}

export function both(a: Values, b: Values): Values {
  const samples = [...(a.samples ?? []), ...(b.samples ?? [])];
  return {
    absent: a.absent && b.absent,
    several: a.several && b.several,
    texts: intersection(a.texts, b.texts),
    ...(samples.length > 0 && { samples }),
  };
}

export function without(a: Values, b: Values): Values {
  return {
    ...a,
    absent: a.absent && !b.absent,
    several: a.several && !b.several,
    texts: difference(a.texts, b.texts),
  };
}

/** The keys whose value is fixed but unknown. */
export function ownKeys(facts: Facts): string[] {
  const known = ownKeysOf.get(facts) ?? [...facts].flatMap(([key, fact]) => ('own' in fact ? [key] : []));
  ownKeysOf.set(facts, known);
  return known;
}

/** Facts do not change, and every character of a pattern asks. */
const ownKeysOf = new WeakMap<Facts, string[]>();

/** What stands for a key's unknown value in a text. */
export function ownSymbol(key: string): string {
  return `<${key}>`;
}
