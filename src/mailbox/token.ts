/**
 * The wallet in a token of the broker's.
 */

import { WALLET_TAG } from '../agentkeys/names.js';
import { readWallet } from '../agentkeys/wallet.js';
import { MailboxError } from './errors.js';

/** Where AWS reads a token's session tags. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html */
const TAGS_CLAIM = 'https://aws.amazon.com/tags';

const TAG_PLACE = [TAGS_CLAIM, 'principal_tags', WALLET_TAG];

/** Where a token may name the wallet: a claim, or one within it. */
const PLACES: string[][] = [['agentkeys', 'wallet_address'], ['agentkeys.wallet_address'], [WALLET_TAG], TAG_PLACE];

/** What is looked at of a token. */
export interface TokenFacts {
  /** In lower case. */
  wallet: string;
  /** Absent when the token doesn't say. */
  expires?: Date;
}

/**
 * Reads the wallet out of a broker's session token or OIDC token. The signature is not looked at: STS verifies it.
 *
 * @param jwt It gets into no error.
 * @param options.now What its expiry is held against; the present when left out.
 * @returns the wallet, in lower case.
 * @throws {MailboxError} INVALID_TOKEN when it is no token, names no wallet, or names two; TOKEN_EXPIRED, saying when.
 */
export function walletFromToken(jwt: string, options: { now?: Date } = {}): string {
  return readToken(jwt, options.now ?? new Date()).wallet;
}

/** As {@link walletFromToken}, with the token's expiry. */
export function readToken(jwt: string, now: Date): TokenFacts {
  const claims = claimsOf(jwt);
  const expires = expiryOf(claims);
  if (expires !== undefined && expires <= now)
    throw new MailboxError(
      'TOKEN_EXPIRED',
      `The token expired at ${expires.toISOString()}. Ask the broker for another.`,
    );

  const named = PLACES.map((path) => ({ place: path.join(' '), values: valuesAt(claims, path) }));
  const wallets = new Map<string, string>();
  for (const { place, values } of named)
    for (const value of values) {
      const wallet = typeof value === 'string' ? readWallet(value) : undefined;
      if (wallet === undefined) throw invalid(`its claim ${place} is no wallet (0x and 40 hexadecimal digits)`);
      wallets.set(wallet, place);
    }
  const [first, second] = wallets;
  if (first === undefined) {
    const places = named.map(({ place }) => place).join('; ');
    throw invalid(`it names no wallet. The claims that were looked for: ${places}`);
  }
  if (second !== undefined) throw invalid(`it names two wallets, in ${first[1]} and in ${second[1]}`);
  return { wallet: first[0], ...(expires === undefined ? {} : { expires }) };
}

/**
 * The tag that AWS gives to the token's session, as it stands there; undefined where there is none.
 *
 * @throws {MailboxError} INVALID_TOKEN when it is no token, and nothing else.
 */
export function walletTagOf(jwt: string): unknown {
  return valuesAt(claimsOf(jwt), TAG_PLACE)[0];
}

function invalid(what: string): MailboxError {
  return new MailboxError('INVALID_TOKEN', `This is not a token to be used: ${what}.`);
}

type Claims = Record<string, unknown>;

function isClaims(value: unknown): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** https://www.rfc-editor.org/rfc/rfc7519#section-7.2, without the signature. */
function claimsOf(jwt: string): Claims {
  const [, payload] = /^[\w-]+\.([\w-]+)\.[\w-]*$/.exec(jwt.trim()) ?? [];
  if (payload === undefined) throw invalid('it is not a JWT, three parts of base64url with dots between');
  const claims = parsed(Buffer.from(payload, 'base64url').toString());
  if (!isClaims(claims)) throw invalid('its payload is not a JSON object');
  return claims;
}

/** What JSON.parse says of a text repeats it: here nothing does. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `exp`, seconds since 1970. */
function expiryOf({ exp }: Claims): Date | undefined {
  if (exp === undefined) return undefined;
  const expires = new Date(typeof exp === 'number' ? exp * 1_000 : Number.NaN);
  if (Number.isNaN(expires.getTime())) throw invalid('its claim exp is no time');
  return expires;
}

/** The values at a path; a tag's value is a list of one. */
function valuesAt(claims: Claims, path: string[]): unknown[] {
  const value = path.reduce<unknown>((inner, name) => (isClaims(inner) ? inner[name] : undefined), claims);
  return value === undefined ? [] : [value].flat();
}
