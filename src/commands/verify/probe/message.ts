/**
 * The messages that are put into `inbound/` to see what becomes of them, in the form in which SES stores mail.
 */

export interface ProbeMessage {
  /** The envelope recipient, which SES names in its trace header. */
  recipient: string;
  /** What the sender wrote into `To:`. */
  to: string;
  messageId: string;
  region: string;
  date: Date;
}

/** The message's bytes. Its sender is in `.invalid` (RFC 2606), where nobody is. */
export function probeMessage({ recipient, to, messageId, region, date }: ProbeMessage): Buffer {
  const time = date.toUTCString().replace('GMT', '+0000 (UTC)');
  const lines = [
    'Return-Path: <verify@agentkeys-ses-routing.invalid>',
    'Received: from agentkeys-ses-routing.invalid (agentkeys-ses-routing.invalid [192.0.2.1])',
    ` by inbound-smtp.${region}.amazonaws.com with SMTP id ${messageId}`,
    ` for ${recipient};`,
    ` ${time}`,
    'From: agentkeys-ses-routing verify <verify@agentkeys-ses-routing.invalid>',
    `To: ${to}`,
    'Subject: agentkeys-ses-routing verify: a probe, deleted again',
    `Date: ${time}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    'Nobody sent this. `agentkeys-ses-routing verify` put it here to see what becomes of it.',
    '',
  ];
  return Buffer.from(lines.join('\r\n'));
}
