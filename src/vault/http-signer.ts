/**
 * AgentKeys' signer over HTTP: `POST <url>/dev/sign-message`.
 */
import { readBody } from '../mailbox/body.js';
import { VaultError } from './errors.js';
import { SIGNATURE_BYTES } from './format.js';
import { fromHex, type Signer } from './signers.js';

export interface HttpSignerOptions {
  /** The signer's URL (AGENTKEYS_SIGNER_URL): https, or http on this machine. The answer is what a secret's key is derived from. */
  url: string;
  /** The account that the signer signs for, 64 hexadecimal digits. */
  omniAccount: string;
  /** The session token, or a function that is called each time; a signer for development needs none. */
  token?: string | (() => string | Promise<string>) | undefined;
  /** Milliseconds; 10,000 when left out. */
  timeoutMs?: number | undefined;
}

/** More than any answer of the signer's, in bytes. */
const LONGEST_ANSWER = 65_536;

/** What the signer's errors mean. */
const EXPLAINED = new Map<unknown, string>([
  ['invalid_omni_account', 'it does not accept the account (omniAccount)'],
  ['invalid_message_hex', 'it does not accept the message'],
  ['signer_disabled', 'it is disabled'],
  ['internal', 'it had an internal error; try again later'],
]);

/**
 * A signer that asks AgentKeys' signer. No error contains the token, the answer or the message.
 *
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { httpSigner } from 'agentkeys-ses-routing/vault';
 *
 * const session = JSON.parse(readFileSync('session.json', 'utf8'));
 * export const signer = httpSigner({ url: 'https://signer.example.org', omniAccount: 'a'.repeat(64), token: session.token });
 * ```
 * @throws {VaultError} INVALID_ARGUMENT; from the signer SIGNER_FAILED and INVALID_SIGNATURE.
 */
export function httpSigner({ url, omniAccount, token, timeoutMs = 10_000 }: HttpSignerOptions): Signer {
  const base = signerUrl(url);
  if (fromHex(String(omniAccount), 32) === undefined)
    throw new VaultError('INVALID_ARGUMENT', 'omniAccount must be 64 hexadecimal digits.');
  const endpoint = new URL(`${base.pathname.replace(/\/+$/, '')}/dev/sign-message`, base);
  return async (message) => {
    const bearer = typeof token === 'function' ? await token() : token;
    const body = JSON.stringify({
      omni_account: omniAccount.replace(/^0x/i, '').toLowerCase(),
      message_hex: Buffer.from(message).toString('hex'),
    });
    const headers = {
      'content-type': 'application/json',
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    };
    const answer = await ask(endpoint, { method: 'POST', headers, body, redirect: 'error' }, timeoutMs);
    const signature = typeof answer.signature === 'string' ? fromHex(answer.signature, SIGNATURE_BYTES) : undefined;
    if (signature === undefined)
      throw new VaultError(
        'INVALID_SIGNATURE',
        `The answer of the signer at ${endpoint.origin} has no signature of ${SIGNATURE_BYTES} bytes in hexadecimal digits.`,
      );
    return signature;
  };
}

/** @throws {VaultError} INVALID_ARGUMENT */
function signerUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const local = url !== undefined && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && local);
  if (url === undefined || !secure || url.username !== '' || url.password !== '')
    throw new VaultError(
      'INVALID_ARGUMENT',
      "The signer's URL must be an https URL without a user name, or an http URL of this machine (localhost): anybody who reads its answers can decrypt the secrets.",
    );
  return url;
}

/** The signer's answer to a request. @throws {VaultError} SIGNER_FAILED */
async function ask(url: URL, request: RequestInit, timeoutMs: number): Promise<{ signature?: unknown }> {
  const { status, text } = await exchange(url, request, timeoutMs).catch((error: unknown) => {
    // The cause may quote the request's headers: what it says is left out.
    throw new VaultError('SIGNER_FAILED', `The signer at ${url.origin} could not be reached (${reasonOf(error)}).`);
  });
  const answer = parsed(text);
  if (status >= 200 && status < 300) return answer;
  const [known] = Object.values(answer).flatMap((value) => EXPLAINED.get(value) ?? []);
  const refused = status === 401 || status === 403 ? 'it does not accept the token; log in again' : 'it gave no reason';
  throw new VaultError(
    'SIGNER_FAILED',
    `The signer at ${url.origin} did not sign (HTTP status ${status}): ${known ?? refused}.`,
  );
}

async function exchange(url: URL, request: RequestInit, timeoutMs: number) {
  const response = await fetch(url, { ...request, signal: AbortSignal.timeout(timeoutMs) });
  const body = await readBody(response.body, LONGEST_ANSWER);
  return { status: response.status, text: Buffer.from(body).toString() };
}

/** The errors of JSON.parse quote the text; this has none. */
function parsed(text: string): { signature?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** A network error's code, or the error's name. */
function reasonOf(error: unknown): string {
  const { name, cause } = error as { name?: unknown; cause?: { code?: unknown } };
  return String(cause?.code ?? name);
}
