/**
 * What an open vault knows, and what its operations share: names, keys, places.
 */
import { actorOmni } from '../agentkeys/actor.js';
import { readWallet } from '../agentkeys/wallet.js';
import type { SdkClient } from '../mailbox/client.js';
import type { Layout, OpenVaultOptions, Vault } from './contract.js';
import { VaultError } from './errors.js';
import { deriveKey, keyMessage, type Owners, objectKey, type Version } from './format.js';
import { normalized, type Recovered, recover } from './signature.js';
import type { Signer } from './signers.js';

/** An open vault's values, checked. */
export interface Session {
  s3: SdkClient | undefined;
  bucket: string;
  account: string | undefined;
  /** In lower case. */
  wallet: string;
  owners: Owners;
  signer: Signer;
  layout: Layout;
}

const sessions = new WeakMap<Vault, Session>();

/** Keeps a vault's values, where nobody prints them. */
export function remember(vault: Vault, session: Session): Vault {
  sessions.set(vault, session);
  return vault;
}

/** The values of a vault. @throws {VaultError} INVALID_ARGUMENT for another object */
export function sessionOf(vault: Vault): Session {
  const session = sessions.get(vault);
  if (session === undefined) throw new VaultError('INVALID_ARGUMENT', 'The vault must be one that openVault returned.');
  return session;
}

/** The version that a layout writes. */
export const versions: Record<Layout, Version> = { wallet: 1, omni: 2 };

/** The layout that writes a version. */
export const layoutsByVersion: Record<Version, Layout> = { 1: 'wallet', 2: 'omni' };

/** The versions in the order in which AgentKeys' readers look for them. */
export const readingOrder: readonly Version[] = [2, 1];

/** @throws {VaultError} INVALID_ARGUMENT */
export function checkedSession({ bucket, wallet, signer, layout = 'wallet', s3, account }: OpenVaultOptions): Session {
  const read = readWallet(wallet);
  const faults = [
    read === undefined && 'wallet must be 0x and 40 hexadecimal digits',
    !bucket && 'bucket must be the name of a bucket',
    typeof signer !== 'function' && 'signer must be a function',
    !Object.hasOwn(versions, layout) && "layout must be 'wallet' or 'omni'",
  ].filter((fault) => fault !== false);
  if (read === undefined || faults.length > 0) throw new VaultError('INVALID_ARGUMENT', `${faults.join('; ')}.`);
  return { s3, bucket, account, wallet: read, owners: { 1: read, 2: actorOmni(read) }, signer, layout };
}

/** The names that put accepts: lower case, so that no two differ in case only, and safe in a key, a path and a shell. */
const PUT_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** @throws {VaultError} INVALID_ARGUMENT for a name that must not be put. */
export function checkNewName(service: string): void {
  if (typeof service !== 'string' || !PUT_NAME.test(service))
    throw new VaultError(
      'INVALID_ARGUMENT',
      'The service must have 1 to 64 characters: lower-case letters, digits, dot, hyphen and underscore, and begin with a letter or a digit. Nothing was written.',
    );
}

/** S3's limit for a key, in bytes of UTF-8. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const LONGEST_KEY = 1_024;

/** @throws {VaultError} INVALID_ARGUMENT for a name that can't be stored: others may have stored names that put does not accept. */
export function checkStoredName({ owners }: Session, service: string): void {
  const bytes = typeof service === 'string' ? Buffer.byteLength(objectKey(owners[2], service)) : 0;
  if (!service || bytes === 0 || bytes > LONGEST_KEY || service.includes('/') || /\p{Surrogate}/u.test(service))
    throw new VaultError('INVALID_ARGUMENT', 'The service must be the name of a stored secret, without a slash.');
}

/** A key, and what is known of the signature that it was derived from. */
interface DerivedKey extends Recovered {
  key: Uint8Array;
}

/** Asks the signer, and derives the key of a service's secret. The caller wipes it. */
async function keyFor({ wallet, signer }: Session, service: string): Promise<DerivedKey> {
  const message = keyMessage(wallet, service);
  const signature = normalized(await signer(message));
  const key = deriveKey(signature);
  const recovered = recover(message, signature);
  signature.fill(0);
  return { key, ...recovered };
}

/** Works with the key of a service's secret, and wipes it in any case. */
export async function withKey<Result>(
  session: Session,
  service: string,
  work: (derived: DerivedKey) => Result,
): Promise<Result> {
  const derived = await keyFor(session, service);
  try {
    return work(derived);
  } finally {
    derived.key.fill(0);
  }
}

/**
 * Like {@link keyFor}, for a secret that is to be written: what is encrypted with a key that can't be derived again is lost.
 *
 * @throws {VaultError} WRONG_SIGNER; INVALID_SIGNATURE when the signature is not the one that every signer of this wallet makes.
 */
export async function keyToWriteWith(session: Session, service: string): Promise<Uint8Array> {
  const first = await keyFor(session, service);
  try {
    if (first.address !== session.wallet)
      throw new VaultError('WRONG_SIGNER', `${wrongSigner(session, first)} Nothing was written.`);
    if (!first.canonical)
      throw new VaultError(
        'INVALID_SIGNATURE',
        "The signer's signature has the higher of the two values of s (EIP-2); other signers of this wallet would derive another key. Nothing was written.",
      );
    const second = await keyFor(session, service);
    const same = Buffer.compare(first.key, second.key) === 0;
    second.key.fill(0);
    if (!same)
      throw new VaultError(
        'INVALID_SIGNATURE',
        'The signer signs the same message differently each time, not by RFC 6979: the secret could not be decrypted again. Nothing was written.',
      );
    return first.key;
  } catch (error) {
    first.key.fill(0);
    throw error;
  }
}

/** What is wrong with a signature that is not the wallet's. */
export function wrongSigner({ wallet }: Session, { address }: Recovered): string {
  return address === undefined
    ? `The signer's answer is not the signature of any key, and the vault is that of the wallet ${wallet}.`
    : `The signer signs for the wallet ${address}, not for ${wallet}.`;
}
