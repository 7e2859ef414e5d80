/**
 * Whether a message is the one that is waited for.
 */
import type { Mismatch } from './errors.js';
import { SlowPatternError, search } from './pattern.js';
import type { MailMessage, ReadMessage } from './reading/message.js';

/** Text that is part of a field, in any case; or a regular expression that matches in it. */
export type FieldPattern = string | RegExp;

/**
 * What is to be taken out of a message. `code`: the expression's first group, or what it matches, in the subject or the text. `link`:
 * the first of its links that the expression matches.
 */
export type Extract = { code: RegExp | string; link?: undefined } | { link: RegExp | string; code?: undefined };

/** What a message must be like. */
export interface Wanted {
  from?: FieldPattern;
  subject?: FieldPattern;
  extract?: Extract;
}

/** A message that is as wanted, and what was to be taken out of it. */
export interface MailMatch {
  message: MailMessage;
  /** The code or link; there when one was asked for. */
  extracted?: string;
}

/** Holds a message against what is wanted. */
export function match({ message, searched }: ReadMessage, wanted: Wanted): MailMatch | Mismatch {
  const { verdicts, from, subject, links } = message;
  if (verdicts.virus === 'FAIL') return 'virus';
  if (verdicts.spam === 'FAIL') return 'spam';
  const { extract } = wanted;
  try {
    if (!fits(from, wanted.from)) return 'from';
    if (!fits(subject, wanted.subject)) return 'subject';
    if (extract === undefined) return { message };
    const { code } = extract;
    const extracted =
      code === undefined
        ? search(new RegExp(extract.link), links, 'text')
        : search(new RegExp(code), [searched.subject, ...searched.body], 'group');
    if (extracted === undefined) return code === undefined ? 'no-link' : 'no-code';
    return { message, extracted };
  } catch (error) {
    if (error instanceof SlowPatternError) return 'slow-pattern';
    throw error;
  }
}

function fits(field: string, pattern: FieldPattern | undefined): boolean {
  if (pattern === undefined) return true;
  if (typeof pattern === 'string') return field.toLowerCase().includes(pattern.toLowerCase());
  return search(pattern, [field], 'text') !== undefined;
}
