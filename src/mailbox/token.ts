/**
 * The wallet in one of the broker's tokens.
 */

import { WALLET_TAG } from '../agentkeys/names.js';
import { readWallet } from '../agentkeys/wallet.js';
import { MailboxError } from './errors.js';

/** Where AWS reads a token's session tags. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html */
const TAGS_CLAIM = 'https://aws.amazon.com/tags';

const TAG_PLACE = [TAGS_CLAIM, 'principal_tags', WALLET_TAG];

/** Where a token may name the wallet: a claim, or one within it. */
const PLACES: string[][] = [['agentkeys', 'wallet_address'], ['agentkeys.wallet_address'], [WALLET_TAG], TAG_PLACE];

/** What is read from a token. */
export interface TokenFacts {
  /** In lower case. */
  wallet: string;
  /** Absent when the token doesn't say. */
  expires?: Date;
}

/**
 * Reads the wallet from a broker's session token or OIDC token. The signature is not checked: STS verifies it.
 *
 * @param token The token, the text of AgentKeys' `session.json`, or the answer of `POST /v1/mint-oidc-jwt`. No error contains it.
 * @param options.now The time its expiry is compared with; the present when left out.
 * @returns the wallet, in lower case.
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { walletFromToken } from 'agentkeys-ses-routing/mailbox';
 *
 * const wallet = walletFromToken(readFileSync('session.json', 'utf8'));
 * console.log(wallet);
 * ```
 * @throws {MailboxError} INVALID_TOKEN when it is not a token, names no wallet, or names two; TOKEN_EXPIRED, with the time.
 */
export function walletFromToken(token: string, options: { now?: Date } = {}): string {
  return readToken(token, options.now ?? new Date()).wallet;
}

/**
 * The token in a text: the text itself, or what AgentKeys has around it. Its `session.json` has the token in `token`, the answer of
 * `POST /v1/mint-oidc-jwt` in `jwt`.
 *
 * @throws {MailboxError} INVALID_TOKEN for JSON without either.
 */
export function tokenIn(text: string): string {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{')) return trimmed;
  const { jwt, token } = (parsed(trimmed) ?? {}) as Claims;
  const found = jwt ?? token;
  if (typeof found !== 'string') throw invalid('it is JSON without a token in `jwt` or `token`');
  return found.trim();
}

/** Like {@link walletFromToken}, with the token's expiry. */
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
      if (wallet === undefined) throw invalid(notAWallet(place, value));
      wallets.set(wallet, place);
    }
  const [first, second] = wallets;
  if (first === undefined) {
    const places = named.map(({ place }) => place).join('; ');
    throw invalid(`it names no wallet. Claims searched: ${places}`);
  }
  if (second !== undefined) throw invalid(`it names two wallets, in ${first[1]} and in ${second[1]}`);
  return { wallet: first[0], ...(expires === undefined ? {} : { expires }) };
}

/**
 * The tag that AWS gives to the token's session, as the token has it; undefined where there is none.
 *
 * @throws {MailboxError} INVALID_TOKEN when it is not a token, and for no other reason.
 */
export function walletTagOf(jwt: string): unknown {
  return valuesAt(claimsOf(jwt), TAG_PLACE)[0];
}

function invalid(what: string): MailboxError {
  return new MailboxError('INVALID_TOKEN', `The token can't be used: ${what}.`);
}

/** Agents' own tokens (J1) have the actor's id, 64 hexadecimal digits, where others have the wallet. */
function notAWallet(place: string, value: unknown): string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/i.test(value)
    ? `its claim ${place} is an actor's id (64 hexadecimal digits), not a wallet. No mail is routed for such actors: addresses and folders name wallets. Use the session token or OIDC token of the wallet`
    : `its claim ${place} is not a wallet (0x and 40 hexadecimal digits)`;
}

type Claims = Record<string, unknown>;

function isClaims(value: unknown): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** https://www.rfc-editor.org/rfc/rfc7519#section-7.2, without the signature. */
function claimsOf(jwt: string): Claims {
  const [, payload] = /^[\w-]+\.([\w-]+)\.[\w-]*$/.exec(tokenIn(jwt)) ?? [];
  if (payload === undefined) throw invalid('it is not a JWT, three parts of base64url with dots between');
  const claims = parsed(Buffer.from(payload, 'base64url').toString());
  if (!isClaims(claims)) throw invalid('its payload is not a JSON object');
  return claims;
}

/** The errors of JSON.parse quote the text; this has none. */
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
  if (Number.isNaN(expires.getTime())) throw invalid('its claim exp is not a time');
  return expires;
}

/** The values at a path; a tag's value is a list of one. */
function valuesAt(claims: Claims, path: string[]): unknown[] {
  const value = path.reduce<unknown>((inner, name) => (isClaims(inner) ? inner[name] : undefined), claims);
  return value === undefined ? [] : [value].flat();
}
