/**
 * Where a message goes, decided from its header alone: the whole routing policy, without a network. docs/routing.md tells it for
 * operators.
 */

import type { RoutingSettings } from '../settings.js';
import { parseAddress } from './address.js';
import { readAddressList } from './address-list.js';
import { type HeaderField, readHeaderBlock } from './headers.js';
import { readTraceHeader } from './trace-header.js';

/** Why a message is not copied. The list is closed: logs, metrics, dashboards and `backfill` go by these words. */
export const reasons = [
  /** The key names no message under `inbound/`. */
  'outside-inbound',
  /** The object that SES writes when a receipt rule is created. */
  'set-up-notice',
  /** There is nothing in the object. */
  'empty-object',
  /** SES encrypted the message client-side, for a receipt rule with a KMS key: its header can't be read. Needs an operator. */
  'client-side-encrypted',
  /** There is mail, and none of it for a wallet: another local part, another domain, or a prefix not in force. */
  'not-a-routed-address',
  /** Neither SES's trace header nor the sender's fields name anybody. */
  'no-recipient-found',
  /** The header block goes on past what is read of it, and SES's trace header did not decide. */
  'header-too-long',
  /** The sender's fields name more wallets than a message is copied to. Needs an operator. */
  'too-many-wallets',
  /** The copy's key would be longer than S3 lets a key be. Needs an operator. */
  'key-too-long',
  /** Every copy was there already: an event delivered twice. */
  'already-routed',
  /** The message was deleted before it could be copied. */
  'gone',
] as const;

/** One of `reasons`. */
export type Reason = (typeof reasons)[number];

/** What is to be done with a message. */
export type Decision =
  | {
      kind: 'route';
      /** In lower case, each once, in the order they were named; at most {@link MOST_WALLETS}. */
      wallets: string[];
      /** Whose word it is: SES's envelope recipient, or the sender's header fields. */
      by: 'envelope' | 'headers';
    }
  | { kind: 'stay'; reason: Reason }
  /** The bytes do not suffice; never the answer when they are the whole message. */
  | { kind: 'need-more' };

/** What `decide` goes by. */
export type DecisionSettings = Pick<RoutingSettings, 'mailDomain' | 'prefixes'>;

/**
 * The most wallets that a message is copied to. A sign-up message is for one; without a limit, 64 kB of `To:` would have one message
 * copied some 900 times.
 */
export const MOST_WALLETS = 10;

/** The fields that may name a recipient when SES's trace header does not. */
const RECIPIENT_FIELDS = ['to', 'cc', 'delivered-to', 'x-original-to'];

/**
 * Decides on a message. The envelope recipient in SES's own trace header decides alone where it is there: a forged `To:`
 * must not move login mail. Only without it do the sender's `To`, `Cc`, `Delivered-To` and `X-Original-To` decide.
 *
 * Any bytes have an answer: nothing is thrown. What the envelope decides on some first bytes of a message, it decides on more of them.
 *
 * @param headerBytes The message's first bytes.
 * @param complete Whether these are all the bytes of the message.
 * @param settings The mail domain and the prefixes in force.
 */
export function decide(headerBytes: Uint8Array, complete: boolean, settings: DecisionSettings): Decision {
  if (complete && headerBytes.length === 0) return { kind: 'stay', reason: 'empty-object' };
  const block = readHeaderBlock(headerBytes, complete);

  const recipient = envelopeRecipient(block.fields);
  if (recipient !== undefined) return decideOn([recipient], 'envelope', settings);

  if (!block.complete) return { kind: 'need-more' };
  return decideOn(namedRecipients(block.fields), 'headers', settings);
}

/**
 * SES puts its trace header above everything that the sender sent, so the first `Received` is the only one that can be SES's, and
 * nothing more is asked of its position. What stands above it is not the sender's either (Return-Path; what a receipt rule's "add header"
 * action or a later SES may put there), so to refuse a trace header for it would lose SES's word and keep no sender out: where SES
 * had written none, a forged one could as well stand at the very top.
 */
function envelopeRecipient(fields: HeaderField[]): string | undefined {
  const first = fields.find((field) => field.name === 'received');
  if (first === undefined) return undefined;
  const trace = readTraceHeader(first.value);
  return trace.by === 'ses' ? trace.recipient : undefined;
}

function namedRecipients(fields: HeaderField[]): string[] {
  return fields
    .filter((field) => RECIPIENT_FIELDS.includes(field.name))
    .flatMap((field) => readAddressList(field.value));
}

function decideOn(recipients: string[], by: 'envelope' | 'headers', settings: DecisionSettings): Decision {
  if (recipients.length === 0) return { kind: 'stay', reason: 'no-recipient-found' };
  const wallets = new Set(recipients.flatMap((recipient) => routedWallet(recipient, settings)));
  if (wallets.size === 0) return { kind: 'stay', reason: 'not-a-routed-address' };
  if (wallets.size > MOST_WALLETS) return { kind: 'stay', reason: 'too-many-wallets' };
  return { kind: 'route', wallets: [...wallets], by };
}

function routedWallet(recipient: string, settings: DecisionSettings): string[] {
  const address = parseAddress(recipient);
  if (address === undefined) return [];
  const inForce =
    settings.prefixes.includes(address.prefix) &&
    (settings.mailDomain === '' || settings.mailDomain === address.domain);
  return inForce ? [address.wallet] : [];
}
