/**
 * Signatures of wallets (EIP-191, https://eips.ethereum.org/EIPS/eip-191) and the address that made one.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { VaultError } from './errors.js';
import { SIGNATURE_BYTES } from './format.js';

/** The hash that a wallet signs for a message: version 0x45, "personal message". */
export function messageHash(message: Uint8Array): Uint8Array {
  return keccak_256(concatBytes(utf8ToBytes(`\x19Ethereum Signed Message:\n${message.length}`), message));
}

/** The address of a public key. @param publicKey 65 bytes, uncompressed. */
export function addressOf(publicKey: Uint8Array): string {
  return `0x${bytesToHex(keccak_256(publicKey.subarray(1)).subarray(-20))}`;
}

/**
 * A signature with v as 0 or 1. Wallets write 27 or 28 (https://ethereum.github.io/yellowpaper/paper.pdf, appendix F), and v is hashed into
 * the key.
 *
 * @returns a copy.
 * @throws {VaultError} INVALID_SIGNATURE
 */
export function normalized(signature: unknown): Uint8Array {
  if (!(signature instanceof Uint8Array) || signature.length !== SIGNATURE_BYTES)
    throw new VaultError(
      'INVALID_SIGNATURE',
      `The signer's answer is not a signature: it must be ${SIGNATURE_BYTES} bytes, r, s and v.`,
    );
  const copy = Uint8Array.from(signature);
  const v = Number(copy[SIGNATURE_BYTES - 1]);
  const recovery = v === 27 || v === 28 ? v - 27 : v;
  if (recovery > 1)
    throw new VaultError(
      'INVALID_SIGNATURE',
      `The last byte of the signer's signature, v, is ${v}. It must be 0, 1, 27 or 28.`,
    );
  copy[SIGNATURE_BYTES - 1] = recovery;
  return copy;
}

/** What is known of a signature. */
export interface Recovered {
  /** The address that signed, in lower case; absent when the bytes are no signature of any key. */
  address?: string;
  /** Whether s is the lower of its two values (EIP-2), as RFC 6979 implementations for Ethereum write it. */
  canonical: boolean;
}

/**
 * Recovers the address that signed a message.
 *
 * @param signature as {@link normalized} returns it.
 */
export function recover(message: Uint8Array, signature: Uint8Array): Recovered {
  try {
    const parsed = secp256k1.Signature.fromBytes(signature.subarray(0, 64)).addRecoveryBit(Number(signature[64]));
    const publicKey = parsed.recoverPublicKey(messageHash(message)).toBytes(false);
    return { address: addressOf(publicKey), canonical: !parsed.hasHighS() };
  } catch {
    return { canonical: false };
  }
}
