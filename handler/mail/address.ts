/**
 * The address a wallet receives mail at, `or-0x<40 hex>-<digits>@<mail domain>`, and the S3 keys its mail lies under.
 * Pure, and shared with src/: the one place where both formats are written down.
 */

/** Where SES's receipt rule stores every message. */
export const INBOUND_PREFIX = 'inbound/';

/** Where every wallet has a folder of its own. */
export const WALLETS_PREFIX = 'bots/';

/** A routed address, taken apart. */
export interface RoutedAddress {
  /** What the local part begins with, in lower case: `or`. */
  prefix: string;
  /** `0x` and 40 hexadecimal digits, in lower case: `aws:PrincipalTag` values are compared case-sensitively. */
  wallet: string;
  /** What tells one sign-up of a wallet from another, by custom the Unix time in seconds; kept as text, it has no size limit here. */
  digits: string;
  /** In lower case. */
  domain: string;
}

/** US-ASCII throughout: lower-casing a text of any kind could turn other letters into these. The domain: printable, no `@`. */
const ADDRESS = /^([a-z0-9]+)-(0x[0-9a-f]{40})-([0-9]+)@([!-?A-~]+)$/i;

/**
 * Takes a routed address apart.
 *
 * @param address A bare address (RFC 5321 `Mailbox`), in any case, without angle brackets.
 * @returns Its parts, or undefined when it is not of the form `<prefix>-0x<40 hex>-<digits>@<domain>`. Whether the prefix
 *   and the domain are in force is the caller's to say.
 */
export function parseAddress(address: string): RoutedAddress | undefined {
  const match = ADDRESS.exec(address);
  if (match === null) return undefined;
  const [, prefix = '', wallet = '', digits = '', domain = ''] = match.map((part) => part.toLowerCase());
  return { prefix, wallet, digits, domain };
}

/**
 * Where a wallet's mail lies: what its sessions may list and read.
 *
 * @param wallet A wallet in lower case, as `parseAddress` gives it.
 */
export function routedPrefix(wallet: string): string {
  return `${WALLETS_PREFIX}${wallet}/inbound/`;
}

/**
 * Where a message for a wallet is copied to.
 *
 * @param wallet A wallet in lower case, as `parseAddress` gives it.
 * @param messageId The message's key without `inbound/`.
 */
export function routedKey(wallet: string, messageId: string): string {
  return `${routedPrefix(wallet)}${messageId}`;
}

const ROUTED_KEY = /^bots\/0x[0-9a-f]{40}\/inbound\/./;

/** Whether what lies at a key is a copy that was routed. */
export function isRoutedKey(key: string): boolean {
  return ROUTED_KEY.test(key);
}
