/**
 * What holds of every decision, over generated messages.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { type Decision, decide } from '../../../handler/mail/decide.js';
import { anyList } from './generated/address-lists.js';
import { inAnyCase, SETTINGS, wallet } from './generated/addresses.js';
import { mail, mailWithRecipient, mutatedMail } from './generated/mails.js';
import { property } from './generated/run.js';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

/** What a decision must be, whatever the bytes. */
function assertSound(decision: Decision, bytes: Uint8Array, complete: boolean): void {
  if (decision.kind === 'need-more') assert.ok(!complete, 'more is asked for of a whole message');
  if (decision.kind !== 'route') return;
  assert.ok(decision.wallets.length > 0, 'routed to nobody');
  assert.equal(new Set(decision.wallets).size, decision.wallets.length, 'a wallet twice');
  for (const wallet of decision.wallets) {
    assert.match(wallet, /^0x[0-9a-f]{40}$/);
    const written = SETTINGS.prefixes.some((prefix) => text(bytes).toLowerCase().includes(`${prefix}-${wallet}-`));
    assert.ok(written, 'a wallet that nobody wrote');
  }
}

property(
  t,
  'the envelope recipient decides, whatever else the message holds',
  8_000,
  fc.tuple(mailWithRecipient, fc.nat()),
  ([mail, cut]) => {
    const { wallet } = mail.recipient;
    const expected: Decision =
      wallet === undefined
        ? { kind: 'stay', reason: 'not-a-routed-address' }
        : { kind: 'route', wallets: [wallet], by: 'envelope' };
    const { bytes, traceEnd } = mail;
    assert.deepEqual(decide(bytes, true, SETTINGS), expected);
    assert.deepEqual(decide(bytes.subarray(0, traceEnd), false, SETTINGS), expected);
    assert.deepEqual(
      decide(bytes.subarray(0, traceEnd + (cut % (bytes.length - traceEnd))), false, SETTINGS),
      expected,
    );
    assert.deepEqual(decide(bytes.subarray(0, cut % traceEnd), false, SETTINGS), { kind: 'need-more' });
  },
);

property(
  t,
  'any bytes have a decision',
  4_000,
  fc.tuple(fc.uint8Array({ maxLength: 400 }), fc.boolean()),
  ([bytes, complete]) => {
    assertSound(decide(bytes, complete, SETTINGS), bytes, complete);
  },
);

property(
  t,
  'any changed message has a sound decision',
  5_000,
  fc.tuple(mutatedMail, fc.boolean()),
  ([bytes, complete]) => {
    assertSound(decide(bytes, complete, SETTINGS), bytes, complete);
  },
);

property(
  t,
  'what is decided on some first bytes is decided on more of them',
  4_000,
  fc.tuple(
    fc.oneof(
      mutatedMail,
      mail.map(({ bytes }) => bytes),
    ),
    fc.nat(),
    fc.nat(),
  ),
  ([bytes, first, second]) => {
    const [shorter = 0, longer = 0] = [first, second].map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b);
    const early = decide(bytes.subarray(0, shorter), false, SETTINGS);
    if (early.kind === 'need-more') return;
    assert.deepEqual(decide(bytes.subarray(0, longer), false, SETTINGS), early);
    assert.deepEqual(decide(bytes, true, SETTINGS), early);
  },
);

property(
  t,
  'without a for clause, To names the wallets that a strict reader finds there',
  3_000,
  anyList,
  ({ text, wallets }) => {
    const message = Buffer.from(`Return-Path: <>\r\nTo: ${text}\r\n\r\nbody`, 'latin1');
    const decision = decide(message, true, SETTINGS);
    assert.deepEqual(decision.kind === 'route' ? decision.wallets : [], [...new Set(wallets)]);
  },
);

const prefix = fc.constantFrom('or', 'gh', 'x9');
const domain = fc.constantFrom('bots.litentry.org', 'example.com', 'x.example.com');

property(
  t,
  'the prefixes and the domain in force are obeyed',
  3_000,
  fc.record({
    addresses: fc.array(
      fc
        .record({ prefix, wallet, domain })
        .chain((parts) =>
          inAnyCase(`${parts.prefix}-${parts.wallet}-7@${parts.domain}`).map((address) => ({ ...parts, address })),
        ),
      { minLength: 1, maxLength: 4 },
    ),
    settings: fc.record({
      prefixes: fc.uniqueArray(prefix, { minLength: 1 }),
      mailDomain: fc.oneof(fc.constant(''), domain),
    }),
    envelope: fc.boolean(),
  }),
  ({ addresses, settings: { prefixes, mailDomain }, envelope }) => {
    const head = envelope
      ? `Received: from a (b [192.0.2.10]) by inbound-smtp.us-east-1.amazonaws.com with SMTP id a for ${addresses[0]?.address}; now`
      : 'X: y';
    const message = Buffer.from(`${head}\r\nTo: ${addresses.map(({ address }) => address).join(', ')}\r\n\r\n`);
    const inForce = addresses
      .slice(0, envelope ? 1 : undefined)
      .filter((parts) => prefixes.includes(parts.prefix) && ['', parts.domain].includes(mailDomain));
    const wallets = [...new Set(inForce.map(({ wallet }) => wallet))];
    assert.deepEqual(
      decide(message, true, { prefixes, mailDomain }),
      wallets.length === 0
        ? { kind: 'stay', reason: 'not-a-routed-address' }
        : { kind: 'route', wallets, by: envelope ? 'envelope' : 'headers' },
    );
  },
);
