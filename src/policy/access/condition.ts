/**
 * The values of a condition key for which one line of a Condition block holds, as a set: too large for an Allow, too small for a Deny,
 * where the class does not decide it.
 */
import { conditionsHold, operatorOf } from '../conditions.js';
import { ALL, type Facts, NONE, ownKeys, type Values } from './facts.js';
import { ANYTHING, type Language, NOTHING } from './language.js';
import { type Comparison, type Reading, textsMatching } from './texts.js';

/** Operators that compare texts, without `Not`. */
const comparisons: Record<string, Comparison> = {
  stringequals: 'equal',
  stringequalsignorecase: 'any case',
  stringlike: 'like',
  arnequals: 'arn',
  arnlike: 'arn',
  bool: 'any case',
};

/** One operator with one of its keys. */
export interface Test {
  operator: string;
  /** In lower case. */
  key: string;
  values: string[];
}

/** @param variables whether the document's Version supports policy variables. */
export function valuesOf(test: Test, variables: boolean, facts: Facts, reading: Reading): Values {
  const parsed = operatorOf(test.operator);
  // An operator that is not known: it may hold for anything, or for nothing.
  if (parsed === undefined) return reading.over ? ALL : NONE;
  const { base, every, ifExists } = parsed;
  if (base === 'null') return nullValues(test.values);
  const several = reading.over;
  const absent = ifExists || every;
  const positive = base.replace('not', '');
  const comparison = comparisons[positive];
  if (comparison === undefined) return { absent, several, ...otherValues(test, facts, reading) };
  const negated = positive !== base;
  const rules = { comparison, variables, facts: withoutOwn(test.key, facts), reading };
  return { absent, several, texts: textsMatching(test.values, negated, rules) };
}

/** The values of a key that is fixed but unknown are texts, so that a reference to such a key is not decided there. */
function withoutOwn(key: string, facts: Facts): Facts {
  const own = ownKeys(facts);
  return own.includes(key) ? new Map([...facts].filter(([name]) => !own.includes(name))) : facts;
}

function nullValues(values: readonly string[]): Values {
  const expected = values.map((value) => value.toLowerCase());
  const present = expected.includes('false');
  return { absent: expected.includes('true'), several: present, texts: present ? ANYTHING : NOTHING };
}

/** Numbers, dates, addresses and binary values are compared only where the class decides the value. */
function otherValues(
  { operator, key, values }: Test,
  facts: Facts,
  { over }: Reading,
): { texts: Language; samples?: string[] } {
  const holds = (value: string) =>
    conditionsHold({ [operator]: { [key]: values } }, new Map([[key, [value]]]), undefined);
  const fact = facts.get(key);
  if (fact !== undefined && 'is' in fact)
    return { texts: fact.is !== undefined && holds(fact.is) ? ANYTHING : NOTHING };
  return over ? { texts: ANYTHING, samples: values.flatMap(near).filter(holds) } : { texts: NOTHING };
}

/** Texts that are equal to a number, date or address of a policy, or a little less or more. */
function near(value: string): string[] {
  const [network = ''] = value.split('/');
  const time = Date.parse(value);
  const around = [-1, 1].map((step) => String(Number(value) + step));
  const times = Number.isNaN(time) ? [] : [time - 1000, time + 1000].map((at) => new Date(at).toISOString());
  return [network, ...around, ...times, '203.0.113.7', 'AAAA', value];
}
