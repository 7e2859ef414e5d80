/**
 * Reads the trace header that SES puts at the head of every message it receives, and the envelope recipient in it.
 *
 *     Received: from HELO (rdns [ip])
 *      by inbound-smtp.<region>.amazonaws.com with SMTP id <message id>
 *      for someone@example.com;
 *      Thu, 28 Aug 2025 19:24:08 +0000 (UTC)
 *
 * RFC 5321 §4.4 has the grammar. The form is measured on stored messages: SES documents no more than that it is there.
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
 * `from … by <SES's inbound host> with … id …`, at most a `for` clause, and the date. The host names are those of AWS's
 * endpoint tables: amazonaws.com (GovCloud too), amazonaws.com.cn, and the dual-stack domains.
 *
 * The sender chooses the HELO name and the recipient's local part, and may write clauses of its own into either. Hence the
 * leading `.*` is greedy: it finds the last `by` clause that leaves room for no more than the rest, and that is SES's; and
 * the recipient runs to the last semicolon, whatever a quoted local part holds.
 */
const SES_TRACE =
  /^from .* by inbound-smtp\.[a-z0-9-]+\.(?:amazonaws\.com(?:\.cn)?|api\.aws|api\.amazonwebservices\.com\.cn) with \S+ id [^\s;]+(?: for (.+))? ?;[^;]*$/i;

/**
 * Reads one `Received` field. Only a message's first one is to be asked: SES's own stands above whatever the sender sent.
 *
 * @param value The field's unfolded value.
 */
export function readTraceHeader(value: string): TraceHeader {
  const match = SES_TRACE.exec(value.replace(/\s+/g, ' '));
  if (match === null) return { by: 'other' };
  const [, recipient] = match;
  return recipient === undefined ? { by: 'ses' } : { by: 'ses', recipient: recipient.trim().replace(/^<(.*)>$/, '$1') };
}
