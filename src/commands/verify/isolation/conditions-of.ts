/**
 * Conditions, read for what they require of a request. Pure.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
import { listOf, type Statement } from '../../../policy/document.js';

/** Condition keys and their values. */
export type Context = Record<string, string | string[]>;

/** One operator's test of one key. */
export interface Test {
  /** The operator in lower case, without set qualifier and `IfExists`: `stringlike`. */
  operator: string;
  /** Whether it also holds for a request without the key. */
  vacuous: boolean;
  /** As written. */
  key: string;
  values: string[];
}

/** The tests of a Condition block, all of which must hold. */
export function testsOf(condition: Statement['Condition']): Test[] {
  return Object.entries(condition ?? {}).flatMap(([name, keys]) => {
    const lower = name.toLowerCase();
    const operator = lower.replace(/^for(all|any)values?:/, '').replace(/ifexists$/, '');
    const vacuous = lower.startsWith('forallvalues:') || lower.endsWith('ifexists') || operator.includes('not');
    return Object.entries(keys).map(([key, values]) => ({ operator, vacuous, key, values: listOf(values) }));
  });
}

/** A context made of a condition's own literals. Whether the condition holds for it is for the evaluator to say. */
export function satisfying(condition: Statement['Condition']): Context {
  const entries = testsOf(condition).flatMap(({ operator, key, values: [value = ''] }): Array<[string, string]> => {
    if (operator === 'null') return value === 'false' ? [[key, 'anything']] : [];
    if (operator.includes('not')) return [];
    if (operator === 'ipaddress') return [[key, value.replace(/\/.*$/, '')]];
    return [[key, value.replace(/[*?]/g, 'x')]];
  });
  // A test of the value itself is worth more than one of its presence.
  return Object.fromEntries(entries.sort(([, a], [, b]) => Number(b === 'anything') - Number(a === 'anything')));
}
