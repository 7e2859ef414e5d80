/**
 * Sets of texts that facts are made of.
 */
import { ANYTHING, difference, either, type Language, NOTHING, union } from './language.js';
import { textsMatching } from './texts.js';

export { ANYTHING as anything } from './language.js';

export function exactly(...texts: string[]): Language {
  return texts
    .map((text) => union([[...text].map((character) => ({ symbols: new Set([character]) }))]))
    .reduce(either, NOTHING);
}

/** What any of some patterns with `*` and `?` matches. */
export function like(...patterns: string[]): Language {
  const reading = { over: true, loose: false };
  return textsMatching(patterns, false, { comparison: 'like', variables: false, facts: new Map(), reading });
}

export function except(texts: Language, ...patterns: string[]): Language {
  return difference(texts, like(...patterns));
}

/** Any text that can be a part of a path: not empty, without a slash. */
export const anySegment: Language = difference(ANYTHING, either(exactly(''), like('*/*')));

/** Names of sessions. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html: two or more characters, without these. */
const inName = { except: new Set([':', '/', '*', '?', '$']) };
export const anySession: Language = union([
  [
    { ...inName, many: false },
    { ...inName, many: false },
    { ...inName, many: true },
  ],
]);

/** What an ARN with wildcards matches, part by part. */
export function arn(pattern: string): Language {
  const reading = { over: true, loose: false };
  return textsMatching([pattern], false, { comparison: 'arn', variables: false, facts: new Map(), reading });
}

export const minus = difference;
