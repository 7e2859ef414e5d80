/**
 * Where a message goes, decided from its header alone: the whole routing policy, without a network. docs/routing.md explains it to
 * operators.
 */

import type { RoutingSettings } from '../settings.js';
import { parseAddress } from './address.js';
import { readAddressList } from './address-list.js';
import { type HeaderField, readHeaderBlock } from './headers.js';
import { readTraceHeader } from './trace-header.js';

/** Why a message is not copied. The list is complete: logs, metrics, dashboards and `backfill` use these words. */
export const reasons = [
  /** The key is not a message under `inbound/`. */
  'outside-inbound',
  /** The object that SES writes when a receipt rule is created. */
  'set-up-notice',
  /** The object is empty. */
  'empty-object',
  /** SES encrypted the message client-side, for a receipt rule with a KMS key: its header can't be read. An operator must act. */
  'client-side-encrypted',
  /** No recipient is a wallet: another local part, another domain, or a prefix that is not configured. */
  'not-a-routed-address',
  /** Neither SES's trace header nor the sender's fields name a recipient. */
  'no-recipient-found',
  /** The header block is longer than what is read of it, and SES's trace header did not decide. */
  'header-too-long',
  /** The sender's fields name more wallets than a message is copied to. An operator must act. */
  'too-many-wallets',
  /** The copy's key would be longer than S3 allows. An operator must act. */
  'key-too-long',
  /** Every copy existed already: for example, the event was delivered twice. */
  'already-routed',
  /** The message is archived: it can't be read before it is restored. An operator must act. */
  'archived',
  /** The message was deleted before it could be copied. */
  'gone',
] as const;

/** One of `reasons`. */
export type Reason = (typeof reasons)[number];

/** The decision about a message. */
export type Decision =
  | {
      kind: 'route';
      /** In lower case, each once, in the order they were named; at most {@link MOST_WALLETS}. */
      wallets: string[];
      /** What decided: SES's envelope recipient, or the sender's header fields. */
      by: 'envelope' | 'headers';
    }
  | { kind: 'stay'; reason: Reason }
  /** More bytes are needed; never returned for a whole message. */
  | { kind: 'need-more' };

/** The settings that `decide` uses. */
export type DecisionSettings = Pick<RoutingSettings, 'mailDomain' | 'prefixes'>;

/**
 * The most wallets that a message is copied to. A sign-up message is for one; without a limit, 64 kB of `To:` would have one message
 * copied some 900 times.
 */
export const MOST_WALLETS = 10;

/** The fields that may name a recipient when SES's trace header does not. */
const RECIPIENT_FIELDS = ['to', 'cc', 'delivered-to', 'x-original-to'];

/**
 * Decides about a message. If SES's own trace header has an envelope recipient, that alone decides: a forged `To:` must not move login
 * mail. Otherwise the sender's `To`, `Cc`, `Delivered-To` and `X-Original-To` decide.
 *
 * Never throws, whatever the bytes. A decision by the envelope does not change when more bytes of the message are given.
 *
 * @param headerBytes The message's first bytes.
 * @param complete Whether these are all the bytes of the message.
 * @param settings The mail domain and the configured prefixes.
 */
export function decide(headerBytes: Uint8Array, complete: boolean, settings: DecisionSettings): Decision {
  if (complete && headerBytes.length === 0) return { kind: 'stay', reason: 'empty-object' };
  const found = findRecipients(headerBytes, complete);
  if (found === undefined) return { kind: 'need-more' };
  const { recipients, by } = found;
  return decideOn(
    recipients.map(({ address }) => address),
    by,
    settings,
  );
}

/** A recipient, and the header field that names it, in lower case. */
export interface Recipient {
  address: string;
  field: string;
}

/**
 * Finds the recipients that decide.
 *
 * @returns undefined when more bytes are needed.
 */
export function findRecipients(
  headerBytes: Uint8Array,
  complete: boolean,
): { recipients: Recipient[]; by: 'envelope' | 'headers' } | undefined {
  const block = readHeaderBlock(headerBytes, complete);
  const address = envelopeRecipient(block.fields);
  if (address !== undefined) return { recipients: [{ address, field: 'received' }], by: 'envelope' };
  return block.complete ? { recipients: namedRecipients(block.fields), by: 'headers' } : undefined;
}

/**
 * SES writes its trace header above everything that the sender sent, so only the first `Received` can be SES's. Its position is not
 * checked further. Fields above it are not the sender's either: Return-Path, or what a receipt rule's "add header" action or a later
 * version of SES adds. To reject the trace header because of them would lose SES's recipient and stop no forgery: in a message without
 * SES's trace header, a forged one could be at the very top.
 */
function envelopeRecipient(fields: HeaderField[]): string | undefined {
  const first = fields.find((field) => field.name === 'received');
  if (first === undefined) return undefined;
  const trace = readTraceHeader(first.value);
  return trace.by === 'ses' ? trace.recipient : undefined;
}

function namedRecipients(fields: HeaderField[]): Recipient[] {
  return fields
    .filter((field) => RECIPIENT_FIELDS.includes(field.name))
    .flatMap(({ name: field, value }) => readAddressList(value).map((address) => ({ address, field })));
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
