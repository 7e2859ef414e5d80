/** What `trace` is asked about. Pure. */
import { INBOUND_PREFIX, isMessageId, isRoutedKey, parseAddress } from '../../../handler/mail/address.js';
import { readWallet } from '../../agentkeys/wallet.js';

export type Subject =
  | { kind: 'message'; id: string }
  | { kind: 'wallet'; wallet: string }
  /** In lower case, without a dot at its end. */
  | { kind: 'address'; address: string; wallet: string };

/**
 * Reads a wallet, a sign-up address, a message's id, or the key of a message or of a copy.
 *
 * @returns undefined for anything else.
 */
export function readSubject(text: string): Subject | undefined {
  const wallet = readWallet(text);
  if (wallet !== undefined) return { kind: 'wallet', wallet };
  const parsed = parseAddress(text);
  if (parsed !== undefined) return { kind: 'address', address: canonicalAddress(text), wallet: parsed.wallet };
  const id = isRoutedKey(text) ? text.split('/').slice(3).join('/') : withoutPrefix(text);
  return isMessageId(id) && (id !== text || !id.includes('@')) ? { kind: 'message', id } : undefined;
}

function withoutPrefix(key: string): string {
  return key.startsWith(INBOUND_PREFIX) ? key.slice(INBOUND_PREFIX.length) : key;
}

/** Addresses that the function does not tell apart are equal in this form. */
export function canonicalAddress(address: string): string {
  return address.toLowerCase().replace(/\.$/, '');
}
