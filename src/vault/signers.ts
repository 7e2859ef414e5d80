/**
 * Signers: what signs the text that a secret's key is derived from.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { VaultError } from './errors.js';
import { messageHash } from './signature.js';

/**
 * Signs a message as EIP-191's personal message, deterministically (RFC 6979): each call with the same message must return the same bytes.
 *
 * @returns 65 bytes, r, s and v.
 */
export type Signer = (message: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/**
 * A signer that has the wallet's private key.
 *
 * @param privateKey 32 bytes, or 64 hexadecimal digits with or without `0x`. The signer keeps a copy.
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { localSigner } from 'agentkeys-ses-routing/vault';
 *
 * export const signer = localSigner(readFileSync('wallet.key', 'utf8').trim());
 * ```
 * @throws {VaultError} INVALID_ARGUMENT
 */
export function localSigner(privateKey: Uint8Array | string): Signer {
  const key = typeof privateKey === 'string' ? fromHex(privateKey, 32) : Uint8Array.from(privateKey);
  if (key === undefined || !secp256k1.utils.isValidSecretKey(key))
    throw new VaultError(
      'INVALID_ARGUMENT',
      'The private key must be 32 bytes, or 64 hexadecimal digits, of secp256k1.',
    );
  return (message) => {
    const signature = secp256k1.sign(messageHash(message), key, { prehash: false, format: 'recovered' });
    const [v = 0] = signature;
    return Uint8Array.of(...signature.subarray(1), v);
  };
}

/**
 * Reads hexadecimal digits.
 *
 * @param length bytes.
 * @returns undefined for anything else.
 */
export function fromHex(text: string, length: number): Uint8Array | undefined {
  const digits = text.replace(/^0x/i, '');
  return digits.length === 2 * length && /^[\da-f]*$/i.test(digits)
    ? Uint8Array.from(Buffer.from(digits, 'hex'))
    : undefined;
}
