/**
 * Reads the trace header that SES puts at the head of every message it receives, and the envelope recipient in it.
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
 * RFC 5321 §4.4 has the grammar. The forms are those of stored messages (85 of SES's, one of Mail Manager's): SES documents only that
 * the field exists.
 */

/** What a `Received` field says. */
export type TraceHeader =
  /** SES's, with the recipient that the sending server named in RCPT TO. */
  | { by: 'ses'; recipient: string }
  /** SES's, without a `for` clause: RFC 5321 §4.4 lets it name one recipient at most. */
  | { by: 'ses'; recipient?: undefined }
  /** Another server's. */
  | { by: 'other' };

/**
 * `inbound-smtp.<region>.amazonaws.com` in every region, GovCloud's among them
 * (https://docs.aws.amazon.com/general/latest/gr/ses.html, "Email receiving endpoints"). China's DNS suffix and the two dual-stack
 * ones follow AWS's endpoint rules for its other hosts: SES documents no receiving host under them, and only AWS can create one.
 */
const SES_HOST = /inbound-smtp\.[a-z0-9-]+\.(?:amazonaws\.com(?:\.cn)?|api\.aws|api\.amazonwebservices\.com\.cn)/;

/** `<name>.mail-manager-smtp.<region>.amazonaws.com`; the names of ingress points have no region. */
const MAIL_MANAGER_HOST = /(?:[a-z0-9-]+\.){1,4}mail-manager-smtp\.(?:[a-z0-9-]+\.)?amazonaws\.com/;

/**
 * SES's `by`, `with` and `id` clauses, with the `for` clause or the end after them, in a value that has single spaces only and no date.
 *
 * A host may end in the DNS root's dot. An id may be in angle brackets (`msg-id`), and a comment may follow it. Neither holds a quote, and one without brackets no `@`, so that
 * a clause in a quoted local part can't end with that local part's domain for an id.
 *
 * Linear: two matches can't begin within one another, and none can be read in two ways.
 */
const SES_CLAUSES = new RegExp(
  ` by (?:${SES_HOST.source}|${MAIL_MANAGER_HOST.source})\\.? with [^ ]+ id (?:[a-z0-9-]+|<[^ "<>]+>)(?: \\([^()"@]*\\))?(?= for |$)`,
  'gi',
);

/**
 * Reads one `Received` field. Only a message's first one is to be asked.
 *
 * The sender chooses the HELO name, its host's reverse DNS name and the recipient's local part, and may write clauses of its own into
 * each. Those in the first two stand before SES's; so the last clauses that are well formed are read, and the recipient runs from there
 * to the last semicolon. Clauses in a quoted local part do stand last, but what follows them ends in that local part's closing quote
 * and its domain, which is no routed address.
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
