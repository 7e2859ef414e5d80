/**
 * Values on the edges of patterns: what `*` and `?` can stand for, and what two patterns have in common.
 */
import { listOf } from '../../../policy/document.js';

/** A text that no policy contains. */
export const elsewhere = 'zq';

/** What a policy variable stands for in the values made here: two principals are enough to tell "own" from "other". */
export const variableSamples = [`${elsewhere}1`, `${elsewhere}2`] as const;

const VARIABLE = /\$\{\s*([^,'}*?$]+?)\s*(?:,[^}]*)?\}/g;

/** The condition keys of a text's policy variables, in lower case. */
export function variableKeys(text: string): string[] {
  return [...text.matchAll(VARIABLE)].map(([, key = '']) => key.toLowerCase());
}

/** A text with each of the samples in place of its variables. */
export function withoutVariables(text: string): [string, string] {
  const [first, second] = variableSamples;
  return [text.replace(VARIABLE, first), text.replace(VARIABLE, second)];
}

/** A text that two patterns match; undefined if there is none. */
export function commonText(one: string, other: string): string | undefined {
  const [a, b] = [[...one], [...other]];
  const failed = new Set<number>();
  const search = (i: number, j: number): string | undefined => {
    if (i === a.length && j === b.length) return '';
    const state = i * (b.length + 1) + j;
    if (failed.has(state)) return undefined;
    failed.add(state);
    const [left, right] = [a[i], b[j]];
    // A star that stands for nothing.
    const skipped = (left === '*' ? search(i + 1, j) : undefined) ?? (right === '*' ? search(i, j + 1) : undefined);
    if (skipped !== undefined || left === undefined || right === undefined) return skipped;
    const literal = [left, right].filter((token) => token !== '*' && token !== '?');
    if (new Set(literal).size > 1) return undefined;
    // A star stays where it is, to stand for more; two stars stand for nothing more than they need.
    if (left === '*' && right === '*') return undefined;
    const rest = search(left === '*' ? i : i + 1, right === '*' ? j : j + 1);
    return rest === undefined ? undefined : (literal[0] ?? 'z') + rest;
  };
  return search(0, 0);
}

/** The pattern, and the same with each star standing for at least a text of no policy. */
function forms(pattern: string): string[] {
  return [...new Set([pattern, pattern.replaceAll('*', `${elsewhere}*`)])];
}

/** Texts at the edges of patterns: of each alone, and of each two together. None has wildcards or variables. */
export function edges(patterns: string[]): string[] {
  const all = [...new Set(patterns.flatMap(withoutVariables))];
  const alone = all.flatMap((pattern) =>
    ['', elsewhere, `${elsewhere}/${elsewhere}`].map((text) => pattern.replaceAll('*', text).replaceAll('?', 'z')),
  );
  const together = all.flatMap((one, index) =>
    all
      .slice(index + 1)
      .flatMap((other) => forms(one).flatMap((first) => forms(other).map((second) => commonText(first, second)))),
  );
  return [...new Set([...alone, ...together.filter((text) => text !== undefined)])];
}

/** Values of a condition key at the edges of what an operator compares it with. */
export function conditionValues(operator: string, values: string | string[]): string[] {
  const name = operator
    .toLowerCase()
    .replace(/^for(all|any)values?:/, '')
    .replace(/ifexists$/, '');
  const given = listOf(values);
  if (/^(numeric|date)/.test(name)) return given.flatMap(around);
  if (/ipaddress$/.test(name)) return [...given.map((range) => range.replace(/\/\d+$/, '')), '192.0.2.1'];
  if (name === 'bool') return ['true', 'false'];
  if (name === 'null') return [elsewhere];
  const patterns = /(like|^arn.*)$/.test(name) ? given : given.map((value) => value.replace(/[*?]/g, 'z'));
  const upper = name.endsWith('ignorecase') ? edges(given).map((value) => value.toUpperCase()) : [];
  return [...edges(patterns), ...upper, elsewhere];
}

/** A number or a time, and its neighbours. */
function around(value: string): string[] {
  const number = /^[-+]?\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
  const time = Date.parse(value);
  if (!Number.isNaN(number)) return [number - 1, number, number + 1].map(String);
  if (Number.isNaN(time)) return [value];
  return [time - 1_000, time, time + 1_000].map((each) => new Date(each).toISOString());
}
