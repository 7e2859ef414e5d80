/**
 * AgentKeys' format of an encrypted secret, versions 1 and 2: where it is stored, what its key is derived from, and its bytes. Pure.
 *
 * An object is one byte for the version, a nonce of 12 bytes, the ciphertext, and a tag of 16 bytes: AES-256-GCM with additional data that
 * names the owner and the service (NIST SP 800-38D).
 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { VaultError } from './errors.js';

/** The version of an object, its first byte. */
export type Version = 1 | 2;

/** Whose a secret is: version 1 names the wallet (`0x…`, in lower case), version 2 the actor's ID. */
export type Owners = Readonly<Record<Version, string>>;

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The bytes of a signature: r, s and v. */
export const SIGNATURE_BYTES = 65;

/** What an object has besides the secret, in bytes. */
export const OVERHEAD = 1 + NONCE_BYTES + TAG_BYTES;

/** The most bytes of an object that is read or written. */
export const LARGEST_OBJECT = 65_536;

/** The most bytes of a secret. */
export const LARGEST_SECRET = LARGEST_OBJECT - OVERHEAD;

/** What the keys of an owner's objects begin with. */
export function credentialsPrefix(owner: string): string {
  return `bots/${owner}/credentials/`;
}

/** The extension of an object's key. */
export const EXTENSION = '.enc';

/** The key of an object. */
export function objectKey(owner: string, service: string): string {
  return `${credentialsPrefix(owner)}${service}${EXTENSION}`;
}

/** The text that a wallet signs (EIP-191) to derive the key for a service's secret, as UTF-8. */
export function keyMessage(wallet: string, service: string): Uint8Array {
  return new TextEncoder().encode(`agentkeys.kek.v1:${wallet}:${service}`);
}

/**
 * Derives the key-encryption key.
 *
 * @param signature r, s and v, which is 0 or 1: v is hashed too, so that 27 or 28 gives another key.
 */
export function deriveKey(signature: Uint8Array): Uint8Array {
  return createHash('sha256').update('agentkeys.kek-derive.v1').update(signature).digest();
}

/** What an object is bound to. */
function additionalData(version: Version, owners: Owners, service: string): Buffer {
  return Buffer.from(`agentkeys.cred.aad.v${version}|${owners[version]}|${service}`);
}

export interface EncryptOptions {
  version: Version;
  /** 32 bytes. */
  key: Uint8Array;
  owners: Owners;
  service: string;
  secret: Uint8Array;
  /** 12 bytes; random when left out. A nonce must not be used twice with a key: for test vectors only. */
  nonce?: Uint8Array;
}

/**
 * Encrypts a secret.
 *
 * @throws {VaultError} INVALID_ARGUMENT for a secret that is too long.
 */
export function encrypt({ version, key, owners, service, secret, nonce }: EncryptOptions): Uint8Array {
  if (secret.length > LARGEST_SECRET)
    throw new VaultError('INVALID_ARGUMENT', `The secret must have at most ${LARGEST_SECRET} bytes.`);
  const iv = nonce ?? randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(additionalData(version, owners, service));
  // GCM is a stream cipher: `final` has no bytes left to give.
  const ciphertext = cipher.update(secret);
  cipher.final();
  return Buffer.concat([Buffer.of(version), iv, ciphertext, cipher.getAuthTag()]);
}

/**
 * The version of an object.
 *
 * @throws {VaultError} TOO_LARGE; UNREADABLE when it is too short, or its version is unknown.
 */
export function versionOf(bytes: Uint8Array): Version {
  if (bytes.length > LARGEST_OBJECT)
    throw new VaultError(
      'TOO_LARGE',
      `The object has more than ${LARGEST_OBJECT} bytes. It is not a secret of this vault.`,
    );
  if (bytes.length < OVERHEAD)
    throw new VaultError(
      'UNREADABLE',
      `The object has ${bytes.length} bytes; an encrypted secret has ${OVERHEAD} or more. It was cut off, or is not a secret of this vault.`,
    );
  const [version] = bytes;
  if (version !== 1 && version !== 2)
    throw new VaultError(
      'UNREADABLE',
      `The object's version is ${version}, and only versions 1 and 2 can be read. It was changed, or a newer program wrote it.`,
    );
  return version;
}

/** What an object contained. */
export interface Decrypted {
  version: Version;
  secret: Uint8Array;
}

/**
 * Decrypts an object. The additional data follow from its version, not from its place: AgentKeys reads either version at either key.
 *
 * @throws {VaultError} TOO_LARGE; UNREADABLE; AUTHENTICATION_FAILED when the key, the place or the bytes are not those it was encrypted
 *   with.
 */
export function decrypt(bytes: Uint8Array, key: Uint8Array, owners: Owners, service: string): Decrypted {
  const version = versionOf(bytes);
  const [start, end] = [1 + NONCE_BYTES, bytes.length - TAG_BYTES];
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(1, start), { authTagLength: TAG_BYTES });
  decipher.setAAD(additionalData(version, owners, service));
  decipher.setAuthTag(bytes.subarray(end));
  const secret = decipher.update(bytes.subarray(start, end));
  try {
    decipher.final();
  } catch {
    // Nothing of what was not authenticated is kept.
    secret.fill(0);
    throw new VaultError('AUTHENTICATION_FAILED', "The object can't be decrypted.");
  }
  return { version, secret };
}
