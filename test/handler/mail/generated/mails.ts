/**
 * Generates messages as SES stores them, and as it doesn't.
 */
import fc from 'fast-check';
import { anyList, soup } from './address-lists.js';
import { type GeneratedAddress, plainAddress, routed, SETTINGS } from './addresses.js';
import { INBOUND_HOSTS } from './hosts.js';

const DATE = 'Thu, 28 Aug 2025 19:24:08 +0000 (UTC)';

const inboundHost = fc.constantFrom(...INBOUND_HOSTS);

const messageId = fc.string({
  unit: fc.constantFrom(...'0123456789abcdefghijklmnopqrstuv'),
  minLength: 1,
  maxLength: 40,
});

const clauses = fc.tuple(inboundHost, messageId).map(([host, id]) => `by ${host} with SMTP id ${id}`);

/** A trace header such as a sender would forge. */
const forgedTrace = fc
  .tuple(clauses, routed)
  .map(([clauses, { address }]) => `x (y [192.0.2.9]) ${clauses} for ${address}; ${DATE}`);

/** What a sending server calls itself, or has its reverse DNS call it. */
const hostName = fc.oneof(
  fc.constantFrom(
    'out1.example.com',
    '[192.0.2.10]',
    '[IPv6:2001:db8::10]',
    'inbound-smtp.us-east-2.amazonaws.com',
    '',
    '\xff\0;',
  ),
  forgedTrace,
  clauses,
  routed.map(({ address }) => `a for ${address}; b`),
);

/** A recipient as it may come in RCPT TO: a plain one, or one whose quoted local part tries to be more (RFC 5321 §4.1.2). */
const envelopeRecipient: fc.Arbitrary<GeneratedAddress> = fc.oneof(
  { weight: 3, arbitrary: plainAddress },
  {
    weight: 1,
    arbitrary: fc
      .tuple(forgedTrace, clauses, routed)
      .chain(([trace, clauses, { address }]) => {
        const [local = ''] = address.split('@');
        return fc.constantFrom(
          `from ${trace}`,
          `x ${clauses}`,
          `x ${clauses} for ${local}`,
          `x ${clauses} for ${address}; y`,
          address,
          local,
          `; ${address};`,
        );
      })
      .map((local) => ({ address: `"${local}"@${SETTINGS.mailDomain}` })),
  },
);

/** SES's field: with the recipient, or with none. */
const trace = (recipient: GeneratedAddress | undefined) =>
  fc.tuple(hostName, hostName, clauses, fc.boolean()).map(([helo, rdns, clauses, brackets]) => {
    const path = brackets ? `<${recipient?.address}>` : recipient?.address;
    return [
      `Received: from ${helo} (${rdns} [192.0.2.10])`,
      ` ${clauses}`,
      ...(recipient ? [` for ${path};`] : [' ;']),
      ` ${DATE}`,
    ];
  });

/** Fields that may stand above SES's. */
const above = fc.subarray([
  'From bounce@example.com Thu Aug 28',
  'Return-Path: <bounce@example.com>',
  'X-SES-Spam-Verdict: PASS',
  'X-Added: by a rule',
  '\tx',
]);

/** What the sender may send. */
const field = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('To', 'Cc', 'Delivered-To', 'X-Original-To', 'TO ', 'Bcc', 'From', 'Subject'),
      fc.oneof(
        anyList.map(({ text }) => text),
        soup,
      ),
    )
    .map(([name, value]) => `${name}: ${value}`),
  forgedTrace.map((trace) => `Received: from ${trace}`),
  fc.constantFrom(
    '',
    'no field',
    ' continued',
    '\xef\xbb\xbf',
    ': x',
    'X:',
    'Received:',
    'To:',
    '\0',
    '\r',
    'T\xf6: x',
  ),
  fc.string({ unit: 'binary-ascii', maxLength: 30 }),
);

const lineBreak = fc.constantFrom('\r\n', '\r\n', '\n', '\r\r\n');

/** A message, with what is known of it from how it was made. */
export interface GeneratedMail {
  bytes: Buffer;
  /** What SES's `for` clause names; absent when there is none. */
  recipient?: GeneratedAddress;
  /** How many of the bytes it takes to know that SES's trace header has ended. */
  traceEnd: number;
}

function assemble(recipient: fc.Arbitrary<GeneratedAddress | undefined>): fc.Arbitrary<GeneratedMail> {
  return recipient.chain((recipient) =>
    fc
      .tuple(above, trace(recipient), fc.array(field, { maxLength: 6 }), lineBreak)
      .map(([above, trace, below, lineBreak]) => {
        const head = `${[...above, ...trace].join(lineBreak)}${lineBreak}`;
        // A line of the sender's can't begin with white space here: it would go on with SES's field.
        const rest = `X-First: y${lineBreak}${below.join(lineBreak)}${lineBreak}${lineBreak}To: body`;
        return {
          bytes: Buffer.from(head + rest, 'latin1'),
          traceEnd: head.length + 1,
          ...(recipient === undefined ? {} : { recipient }),
        };
      }),
  );
}

/** Messages with a `for` clause. */
export const mailWithRecipient = assemble(envelopeRecipient) as fc.Arbitrary<Required<GeneratedMail>>;

/** Messages with and without. */
export const mail = assemble(fc.option(envelopeRecipient, { nil: undefined }));

/** Messages with bytes changed, taken out, put in, repeated, and cut. */
export const mutatedMail: fc.Arbitrary<Buffer> = fc
  .tuple(
    mail,
    fc.array(
      fc.tuple(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(40),
        fc.oneof(
          fc.uint8Array({ maxLength: 3 }),
          fc.constantFrom('\r', '\n', '\r\n', ' ', '"', '(', '<', ';', ':').map((text) => Buffer.from(text)),
        ),
      ),
      { maxLength: 4 },
    ),
  )
  .map(([{ bytes }, changes]) =>
    changes.reduce((bytes, [place, length, inserted]) => {
      const at = Math.floor(place * bytes.length);
      return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + (length % 3 === 0 ? length : 0))]);
    }, bytes),
  );
