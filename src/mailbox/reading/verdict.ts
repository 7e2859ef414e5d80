/**
 * SES's verdicts on a message. https://docs.aws.amazon.com/ses/latest/dg/receiving-email-concepts.html
 */
import type { MailHeader } from './header.js';

/** What SES found, as it says it: `PASS`, `FAIL`, `GRAY`, `PROCESSING_FAILED`, `DISABLED`. Absent where it did not look. */
export interface Verdicts {
  spam?: string;
  virus?: string;
}

/** What a sender's own part begins with, where no server before SES has put its `Received` above it. */
const SENDERS = new Set([
  'from',
  'date',
  'subject',
  'to',
  'message-id',
  'mime-version',
  'content-type',
  'dkim-signature',
]);

/**
 * Reads SES's verdicts from the header.
 *
 * SES puts all of its fields above what it received: its `Received` first, then the verdicts. So of each name the first counts, and only
 * above the next server's `Received` and the sender's own fields. Anybody may write such fields into the mail they send. A forged PASS
 * stands below SES's FAIL and hides nothing. Where SES wrote no verdict (its scanning is off), one that heads the sender's part could be
 * taken for SES's: a PASS then changes nothing, and with a FAIL a sender has none but their own mail dropped. A verdict of another SES, in
 * mail that was forwarded from there, stands below that one's `Received`.
 */
export function verdictsOf(headers: MailHeader[]): Verdicts {
  const names = headers.map(({ name }) => name.toLowerCase());
  const own = names.indexOf('received');
  const end = names.findIndex((name, index) => SENDERS.has(name) || (name === 'received' && index > own));
  const block = end === -1 ? headers : headers.slice(0, end);
  const verdict = (wanted: string) =>
    block
      .find(({ name }) => name.toLowerCase() === wanted)
      ?.value.trim()
      .toUpperCase();
  const spam = verdict('x-ses-spam-verdict');
  const virus = verdict('x-ses-virus-verdict');
  return { ...(spam === undefined ? {} : { spam }), ...(virus === undefined ? {} : { virus }) };
}
