/**
 * A wallet's mail address, `or-0x<40 hex>-<digits>@<mail domain>`, and the S3 keys of its mail.
 * Pure, and shared with src/: both formats are defined only here.
 */

/** Where SES's receipt rule stores every message. */
export const INBOUND_PREFIX = 'inbound/';

/** Every wallet has its own folder below this prefix. */
export const WALLETS_PREFIX = 'bots/';

/** The parts of a routed address. */
export interface RoutedAddress {
  /** The start of the local part, in lower case: `or`. */
  prefix: string;
  /** `0x` and 40 hexadecimal digits, in lower case: `aws:PrincipalTag` values are compared case-sensitively. */
  wallet: string;
  /** Distinguishes the sign-ups of a wallet; usually the Unix time in seconds. Text, so that its length has no limit. */
  digits: string;
  /** In lower case. */
  domain: string;
}

/**
 * US-ASCII only: lower-casing other text could turn other letters into these. The domain is printable and contains no `@`; a dot at its
 * end is the DNS root and not part of the name.
 */
const ADDRESS = /^([a-z0-9]+)-(0x[0-9a-f]{40})-([0-9]+)@([!-?A-~]+?)\.?$/i;

/**
 * Parses a routed address.
 *
 * @param address A bare address (RFC 5321 `Mailbox`), in any case, without angle brackets.
 * @returns Its parts, or undefined when it is not of the form `<prefix>-0x<40 hex>-<digits>@<domain>`. The caller checks whether the
 *   prefix and the domain are configured.
 */
export function parseAddress(address: string): RoutedAddress | undefined {
  const match = ADDRESS.exec(address);
  if (match === null) return undefined;
  const [, prefix = '', wallet = '', digits = '', domain = ''] = match.map((part) => part.toLowerCase());
  return { prefix, wallet, digits, domain };
}

/**
 * The prefix of a wallet's mail, which its sessions may list and read.
 *
 * @param wallet A wallet in lower case, as `parseAddress` returns it.
 */
export function routedPrefix(wallet: string): string {
  return `${WALLETS_PREFIX}${wallet}/inbound/`;
}

/**
 * The key that a message for a wallet is copied to.
 *
 * @param wallet A wallet in lower case, as `parseAddress` returns it.
 * @param messageId The message's key without `inbound/`.
 */
export function routedKey(wallet: string, messageId: string): string {
  return `${routedPrefix(wallet)}${messageId}`;
}

/**
 * Any key except those that can't be listed or read reliably: with control characters, which XML can't contain; with a slash at the end,
 * as consoles name folders; with `.` or `..` as a segment, which HTTP clients remove from a path.
 */
const MESSAGE_ID = /^(?!(?:[\s\S]*\/)?\.{1,2}(?:\/|$))\P{Cc}*[^\p{Cc}/]$/u;

/**
 * Whether this is a valid message id: a key without `inbound/`. SES's own ids have 40 letters and digits; a receipt rule's prefix or
 * another program may produce others. Keys without a valid message id are neither routed nor listed.
 */
export function isMessageId(id: string): boolean {
  return MESSAGE_ID.test(id);
}

const ROUTED_KEY = /^bots\/0x[0-9a-f]{40}\/inbound\/([\s\S]+)$/;

/** Whether the object at a key is a copy that was routed. */
export function isRoutedKey(key: string): boolean {
  const [, id] = ROUTED_KEY.exec(key) ?? [];
  return id !== undefined && isMessageId(id);
}
