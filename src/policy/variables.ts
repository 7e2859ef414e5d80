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

/** A part of a policy's text before it is expanded: text as it is written, a literal character, or a variable with its default. */
export type Part = Segment | { key: string; preset: string | undefined };

/** A policy's text, taken apart. `${*}`, `${?}` and `${$}` are these literal characters. Keys are in lower case. */
export function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  for (let rest = text; rest !== ''; ) {
    const found = VARIABLE.exec(rest);
    if (found === null) return [...parts, { text: rest, written: true }];
    const [variable, character, key = '', preset] = found;
    parts.push({ text: rest.slice(0, found.index), written: true });
    parts.push(character === undefined ? { key: key.toLowerCase(), preset } : { text: character, written: false });
    rest = rest.slice(found.index + variable.length);
  }
  return parts;
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
  for (const part of partsOf(text)) {
    if ('text' in part) {
      segments.push(part);
      continue;
    }
    const values = context.get(part.key) ?? [];
    const value = values.length === 1 ? values[0] : part.preset;
    if (value === undefined) return undefined;
    segments.push({ text: value, written: false });
  }
  return segments;
}

/** The pattern of an expanded text: only wildcards written in the policy itself count. */
export function patternOf(segments: Segment[]): Pattern {
  return segments.flatMap(({ text, written }) => (written ? wildcards(text) : literal(text)));
}
