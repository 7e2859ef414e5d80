/**
 * The probe messages, in the form in which SES stores mail.
 */

export interface ProbeMessage {
  /** The envelope recipient, which SES writes into its trace header. */
  recipient: string;
  /** What the sender wrote into `To:`. */
  to: string;
  messageId: string;
  region: string;
  date: Date;
}

/** The message's bytes. Its sender is in `.invalid` (RFC 2606), which never resolves. */
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
    'Subject: agentkeys-ses-routing verify: a probe message',
    `Date: ${time}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    '`agentkeys-ses-routing verify` put this message here to check routing, and deletes it afterwards.',
    '',
  ];
  return Buffer.from(lines.join('\r\n'));
}
