/**
 * Policy variables such as `${aws:PrincipalTag/team}`, and the request's condition keys that they and conditions refer to.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
import { literal, type Pattern, wildcards } from './wildcard.js';

/** A request's condition keys, in lower case (they are case-insensitive), with their values. */
export type RequestContext = ReadonlyMap<string, readonly string[]>;

/** A part of a policy's text: literal, or the value of a variable, in which `*` is no wildcard. */
export interface Segment {
  text: string;
  written: boolean;
}

const VARIABLE = /\$\{\s*(?:([*?$])|([^,'}]+?)\s*(?:,\s*'([^']*)'\s*)?)\}/;

/** The condition keys of the variables in a policy's text, in their original case. */
export function variablesIn(text: string): string[] {
  return [...text.matchAll(new RegExp(VARIABLE, 'g'))].flatMap(([, , key]) => key ?? []);
}

/**
 * Replaces the variables in a policy's text with the request's values. `${*}`, `${?}` and `${$}` are these literal characters, and
 * `${key, 'text'}` has a default for a request without the key. A key with several values can't be a variable.
 * @param context undefined for a document of a Version before 2012-10-17, which does not support variables.
 * @returns undefined if the request has no value for a variable: such a text matches nothing.
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

/** The pattern of an expanded text: only wildcards written in the policy itself count. */
export function patternOf(segments: Segment[]): Pattern {
  return segments.flatMap(({ text, written }) => (written ? wildcards(text) : literal(text)));
}
