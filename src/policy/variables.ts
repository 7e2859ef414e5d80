/**
 * Policy variables, `${aws:PrincipalTag/team}`, and the request's condition keys that they and conditions look at.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
import { literal, type Pattern, wildcards } from './wildcard.js';

/** A request's condition keys, in lower case (their case does not count), with their values. */
export type RequestContext = ReadonlyMap<string, readonly string[]>;

/** A stretch of a policy's text: written there, or put in place of a variable, in which case a `*` in it is just that. */
export interface Segment {
  text: string;
  written: boolean;
}

const VARIABLE = /\$\{\s*(?:([*?$])|([^,'}]+?)\s*(?:,\s*'([^']*)'\s*)?)\}/;

/** The condition keys that the variables of a policy's text name, as they are written. */
export function variablesIn(text: string): string[] {
  return [...text.matchAll(new RegExp(VARIABLE, 'g'))].flatMap(([, , key]) => key ?? []);
}

/**
 * Puts the request's values in place of the variables of a policy's text. `${*}`, `${?}` and `${$}` are those characters
 * themselves, and `${key, 'text'}` is that text when the request has no such key. A key with several values can't be a variable.
 * @param context absent for a document of a Version before 2012-10-17, which has no variables.
 * @returns undefined when the request has no value for a variable: such a text is equal to nothing and like nothing.
 */
export function expand(text: string, context: RequestContext | undefined): Segment[] | undefined {
  if (context === undefined) return [{ text, written: true }];
  const segments: Segment[] = [];
  for (let rest = text; rest !== ''; ) {
    const found = VARIABLE.exec(rest);
    if (found === null) return [...segments, { text: rest, written: true }];
    const [variable, character, key = '', preset] = found;
    const values = context.get(key.toLowerCase()) ?? [];
    const value = character ?? (values.length === 1 ? values[0] : preset);
    if (value === undefined) return undefined;
    segments.push({ text: rest.slice(0, found.index), written: true }, { text: value, written: false });
    rest = rest.slice(found.index + variable.length);
  }
  return segments;
}

/** The pattern of an expanded text: wildcards count only where the policy's author wrote them. */
export function patternOf(segments: Segment[]): Pattern {
  return segments.flatMap(({ text, written }) => (written ? wildcards(text) : literal(text)));
}
