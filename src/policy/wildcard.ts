/**
 * IAM's wildcards: `*` matches any number of characters, or none, and `?` matches exactly one.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */

/** A `*` of a pattern. */
export const MANY = Symbol('*');
/** A `?` of a pattern. */
export const ONE = Symbol('?');

/** A pattern, character by character. */
export type Pattern = ReadonlyArray<string | typeof MANY | typeof ONE>;

/** The pattern that matches exactly this text, without wildcards. */
export function literal(text: string): Pattern {
  return [...text];
}

/** The pattern of a text with wildcards. */
export function wildcards(text: string): Pattern {
  return [...text].map((character) => (character === '*' ? MANY : character === '?' ? ONE : character));
}

/**
 * Whether a pattern matches a whole value; case-sensitive. It backtracks to the last `*` only, so the work is at most the product of
 * the two lengths for any pattern.
 */
export function matchesPattern(pattern: Pattern, value: string): boolean {
  const characters = [...value];
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let read = 0; read < characters.length; ) {
    const token = pattern[at];
    if (token === MANY) {
      star = at++;
      resume = read;
    } else if (token === ONE || token === characters[read]) {
      at++;
      read++;
    } else if (star >= 0) {
      at = star + 1;
      read = ++resume;
    } else {
      return false;
    }
  }
  return pattern.slice(at).every((token) => token === MANY);
}

/** Whether a text with wildcards, such as `arn:aws:s3:::bucket/*`, matches a whole value; `*` matches `/` and `:` too. */
export function matches(pattern: string, value: string): boolean {
  return matchesPattern(wildcards(pattern), value);
}
