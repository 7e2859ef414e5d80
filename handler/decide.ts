/**
 * Where a message goes, decided from its header alone: the whole routing policy, without a network.
 */
import { addressParser } from 'postal-mime';
import { parseAddress } from './address.js';
import { type HeaderField, readHeaderBlock } from './headers.js';
import type { RoutingSettings } from './settings.js';
import { readTraceHeader } from './trace-header.js';

/** Why a message is not copied. The list is closed: logs, dashboards and `backfill` go by these words. */
export type Reason =
  /** The key names no message under `inbound/`. */
  | 'outside-inbound'
  /** The object that SES writes when a receipt rule is created. */
  | 'set-up-notice'
  /** There is nothing in the object. */
  | 'empty-object'
  /** SES encrypted the message client-side, for a receipt rule with a KMS key: its header can't be read. Needs an operator. */
  | 'client-side-encrypted'
  /** There is mail, and none of it for a wallet: another local part, another domain, or a prefix not in force. */
  | 'not-a-routed-address'
  /** Neither SES's trace header nor the sender's fields name anybody. */
  | 'no-recipient-found'
  /** The header block goes on past what is read of it, and SES's trace header did not decide. */
  | 'header-too-long'
  /** Every copy was there already: an event delivered twice. */
  | 'already-routed'
  /** The message was deleted before it could be copied. */
  | 'gone';

/** What is to be done with a message. */
export type Decision =
  | {
      kind: 'route';
      /** In lower case, each once, in the order they were named. */
      wallets: string[];
      /** Whose word it is: SES's envelope recipient, or the sender's header fields. */
      by: 'envelope' | 'headers';
    }
  | { kind: 'stay'; reason: Reason }
  /** The bytes do not suffice; never the answer when they are the whole message. */
  | { kind: 'need-more' };

/** The fields that may name a recipient when SES's trace header does not. */
const RECIPIENT_FIELDS = ['to', 'cc', 'delivered-to', 'x-original-to'];

/**
 * Decides on a message. The envelope recipient in SES's own trace header decides alone where it is there: a forged `To:`
 * must not move login mail. Only without it do the sender's `To`, `Cc`, `Delivered-To` and `X-Original-To` decide.
 *
 * @param headerBytes The message's first bytes.
 * @param complete Whether these are all the bytes of the message.
 * @param settings The mail domain and the prefixes in force.
 */
export function decide(
  headerBytes: Uint8Array,
  complete: boolean,
  settings: Pick<RoutingSettings, 'mailDomain' | 'prefixes'>,
): Decision {
  const block = readHeaderBlock(headerBytes, complete);

  const recipient = envelopeRecipient(block.fields);
  if (recipient !== undefined) return decideOn([recipient], 'envelope', settings);

  if (!block.complete) return { kind: 'need-more' };
  return decideOn(namedRecipients(block.fields), 'headers', settings);
}

function envelopeRecipient(fields: HeaderField[]): string | undefined {
  const first = fields.find((field) => field.name === 'received');
  if (first === undefined) return undefined;
  const trace = readTraceHeader(first.value);
  return trace.by === 'ses' ? trace.recipient : undefined;
}

function namedRecipients(fields: HeaderField[]): string[] {
  return fields
    .filter((field) => RECIPIENT_FIELDS.includes(field.name))
    .flatMap((field) => addressParser(field.value, { flatten: true }))
    .flatMap((mailbox) => mailbox.address || []);
}

function decideOn(
  recipients: string[],
  by: 'envelope' | 'headers',
  settings: Pick<RoutingSettings, 'mailDomain' | 'prefixes'>,
): Decision {
  if (recipients.length === 0) return { kind: 'stay', reason: 'no-recipient-found' };
  const wallets = new Set(recipients.flatMap((recipient) => routedWallet(recipient, settings)));
  return wallets.size === 0
    ? { kind: 'stay', reason: 'not-a-routed-address' }
    : { kind: 'route', wallets: [...wallets], by };
}

function routedWallet(recipient: string, settings: Pick<RoutingSettings, 'mailDomain' | 'prefixes'>): string[] {
  const address = parseAddress(recipient);
  if (address === undefined) return [];
  const inForce =
    settings.prefixes.includes(address.prefix) &&
    (settings.mailDomain === '' || settings.mailDomain === address.domain);
  return inForce ? [address.wallet] : [];
}
