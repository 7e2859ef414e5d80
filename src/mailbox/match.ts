/**
 * Whether a message is the one to wait for.
 */
import { readAddressList } from '../../handler/mail/address-list.js';
import { readTraceHeader } from '../../handler/mail/trace-header.js';
import type { Mismatch } from './errors.js';
import { matches, SlowPatternError, search } from './pattern.js';
import type { MailMessage, ReadMessage } from './reading/message.js';

/** Text that is part of a field, in any case; or a regular expression that matches in it. */
export type FieldPattern = string | RegExp;

/**
 * What to extract from a message. `code`: the expression's first group, or the whole match where it has none, in the subject, the text, the links
 * or the HTML source, in this order. `link`: the first of its links that the expression matches.
 */
export type Extract = { code: RegExp | string; link?: undefined } | { link: RegExp | string; code?: undefined };

/** What a message must be like. */
export interface Wanted {
  /**
   * The exact address, in any case, that the message was sent to: the envelope recipient where SES recorded it, else one of the `To` field.
   * The address of one sign-up tells its mail from that of an earlier one.
   */
  to?: string;
  from?: FieldPattern;
  subject?: FieldPattern;
  extract?: Extract;
}

/** A message that matches, and what was extracted from it. */
export interface MailMatch {
  message: MailMessage;
  /** The code or link; present when one was asked for. */
  extracted?: string;
}

/** Compares a message with what is wanted. */
export function match(read: ReadMessage, wanted: Wanted): MailMatch | Mismatch {
  return decide(read.message, () => {
    const { message, searched } = read;
    if (wanted.to !== undefined && !isSentTo(message, wanted.to)) return 'to';
    if (!fits(message.from, wanted.from)) return 'from';
    if (!fits(message.subject, wanted.subject)) return 'subject';
    const { extract } = wanted;
    if (extract === undefined) return { message };
    const { code } = extract;
    const extracted =
      code === undefined
        ? search(new RegExp(extract.link), message.links, 'text')
        : search(new RegExp(code), [searched.subject, ...searched.body], 'group');
    if (extracted === undefined) return code === undefined ? 'no-link' : 'no-code';
    return { message, extracted };
  });
}

/** What holds for every message, whatever the caller compares: SES's verdicts, and the time that a search may take. */
export function decide<Found>({ verdicts }: MailMessage, compare: () => Found | Mismatch): Found | Mismatch {
  if (verdicts.virus === 'FAIL') return 'virus';
  if (verdicts.spam === 'FAIL') return 'spam';
  try {
    return compare();
  } catch (error) {
    if (error instanceof SlowPatternError) return 'slow-pattern';
    throw error;
  }
}

function fits(field: string, pattern: FieldPattern | undefined): boolean {
  if (pattern === undefined) return true;
  if (typeof pattern === 'string') return field.toLowerCase().includes(pattern.toLowerCase());
  return matches(pattern, field);
}

/** SES's own trace header is the first `Received`; the sender controls everything below it. */
function isSentTo({ headers }: MailMessage, address: string): boolean {
  const values = (name: string) => headers.filter((one) => one.name.toLowerCase() === name).map(({ value }) => value);
  const trace = readTraceHeader(values('received')[0] ?? '');
  const recipients =
    trace.by !== 'other' && trace.recipient !== undefined ? [trace.recipient] : values('to').flatMap(readAddressList);
  return recipients.some((recipient) => recipient.toLowerCase() === address.toLowerCase());
}
