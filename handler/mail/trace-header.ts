/**
 * Reads the trace header that SES writes at the top of every message it receives, and the envelope recipient in it.
 *
 *     Received: from HELO (rdns [ip])
 *      by inbound-smtp.<region>.amazonaws.com with SMTP id <message id>
 *      for someone@example.com;
 *      Thu, 28 Aug 2025 19:24:08 +0000 (UTC)
 *
 * Mail Manager, SES's other way into S3, writes its own:
 *
 *      by open.mail-manager-smtp.<region>.amazonaws.com with ESMTPS id <id> (version=… cipher=…)
 *      for <someone@example.com>; …
 *
 * RFC 5321 §4.4 defines the grammar. The forms were taken from stored messages (85 of SES's, one of Mail Manager's): AWS documents only
 * that the field exists.
 */

/** The content of a `Received` field. */
export type TraceHeader =
  /** SES's, with the recipient that the sending server named in RCPT TO. */
  | { by: 'ses'; recipient: string }
  /** SES's, without a `for` clause: RFC 5321 §4.4 allows at most one recipient in it. */
  | { by: 'ses'; recipient?: undefined }
  /** Another server's. */
  | { by: 'other' };

/**
 * `inbound-smtp.<region>.amazonaws.com` in every region, including GovCloud
 * (https://docs.aws.amazon.com/general/latest/gr/ses.html, "Email receiving endpoints"). China's DNS suffix and the two dual-stack
 * suffixes follow AWS's endpoint rules for other hosts: SES documents no receiving host with them, and only AWS can create one.
 */
const SES_HOST = /inbound-smtp\.[a-z0-9-]+\.(?:amazonaws\.com(?:\.cn)?|api\.aws|api\.amazonwebservices\.com\.cn)/;

/** `<name>.mail-manager-smtp.<region>.amazonaws.com`; the names of ingress points have no region. */
const MAIL_MANAGER_HOST = /(?:[a-z0-9-]+\.){1,4}mail-manager-smtp\.(?:[a-z0-9-]+\.)?amazonaws\.com/;

/**
 * SES's `by`, `with` and `id` clauses, followed by the `for` clause or the end, in a value with single spaces and without the date.
 *
 * A host may end in the DNS root's dot. An id may be in angle brackets (`msg-id`), and a comment may follow it. Neither contains a quote,
 * and an id without brackets contains no `@`: so a clause in a quoted local part can't use that address's domain as its id.
 *
 * Takes linear time: matches can't overlap, and each can be read in one way only.
 */
const SES_CLAUSES = new RegExp(
  ` by (?:${SES_HOST.source}|${MAIL_MANAGER_HOST.source})\\.? with [^ ]+ id (?:[a-z0-9-]+|<[^ "<>]+>)(?: \\([^()"@]*\\))?(?= for |$)`,
  'gi',
);

/**
 * Reads one `Received` field. Use it for a message's first one only.
 *
 * The sender chooses the HELO name, its host's reverse DNS name and the recipient's local part, and may put clauses into
 * each. Those in the first two precede SES's. So the last well-formed clauses are used, and the recipient extends from there to the last
 * semicolon. Clauses in a quoted local part do come last, but what follows them ends with that local part's closing quote and its
 * domain, which is not a routed address.
 *
 * @param value The field's unfolded value.
 */
export function readTraceHeader(value: string): TraceHeader {
  const text = value.replace(/[\t\n\v\f\r ]+/g, ' ');
  const date = text.lastIndexOf(';');
  if (date === -1 || !/^from /i.test(text)) return { by: 'other' };
  const clauses = text.slice(0, date).replace(/ $/, '');

  const last = [...clauses.matchAll(SES_CLAUSES)].at(-1);
  if (last === undefined) return { by: 'other' };
  const recipient = clauses.slice(last.index + last[0].length + ' for '.length);
  return recipient === '' ? { by: 'ses' } : { by: 'ses', recipient: recipient.replace(/^<(.*)>$/, '$1') };
}
