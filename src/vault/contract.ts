/**
 * What an open vault is and does.
 */
import type { SdkClient } from '../mailbox/client.js';
import type { Signer } from './signers.js';

/**
 * Where secrets are written: `wallet`, version 1, under the wallet, for sessions with the tag `agentkeys_user_wallet`; `omni`, version 2, under
 * the actor's ID, for sessions with the tag `agentkeys_actor_omni`. Both are read.
 */
export type Layout = 'wallet' | 'omni';

export interface OpenVaultOptions {
  /** The bucket: the mail bucket in the layout `wallet`, the vault's own in the layout `omni`. */
  bucket: string;
  /** `0x` and 40 hexadecimal digits, in any case. */
  wallet: string;
  /** Signs with the wallet's key. */
  signer: Signer;
  /** `wallet` when left out. */
  layout?: Layout | undefined;
  /** An `S3Client` with a session of the wallet's; when left out, one with the SDK's own defaults, for each operation. */
  s3?: SdkClient | undefined;
  /** The account that must own the bucket; not checked when left out. */
  account?: string | undefined;
}

export interface CallOptions {
  /** Aborts the operation; a call that was sent may have had its effect. */
  signal?: AbortSignal | undefined;
}

export interface PutOptions extends CallOptions {
  /** Replaces a secret that is stored already. */
  overwrite?: boolean | undefined;
}

/** A wallet's secrets in one bucket. Nothing of it is printed by `util.inspect` or `JSON.stringify`. */
export interface Vault {
  /**
   * Encrypts and stores a secret, in at most three calls of S3. The signer is asked twice, to be sure that the key can be derived again.
   *
   * @param service 1 to 64 of `a-z`, `0-9`, dot, hyphen and underscore, beginning with a letter or a digit.
   * @param secret 1 to 65,507 bytes. The caller wipes it.
   * @throws {VaultError} INVALID_ARGUMENT; SIGNER_FAILED; INVALID_SIGNATURE; WRONG_SIGNER; EXISTS without `overwrite`; CONFLICT with it, when
   *   another writer was faster; ACCESS_DENIED; AWS_FAILED. What the signer throws. The signal's reason.
   */
  put(service: string, secret: Uint8Array, options?: PutOptions): Promise<void>;
  /**
   * Reads and decrypts a secret, in at most two calls of S3.
   *
   * @returns its bytes, which the caller may wipe.
   * @throws {VaultError} NOT_FOUND; MISSING_OR_DENIED; TOO_LARGE; UNREADABLE; AUTHENTICATION_FAILED; AWS_FAILED, and as `put`.
   */
  get(service: string, options?: CallOptions): Promise<Uint8Array>;
  /** The names of the stored secrets: those of version 2's place, then the others. */
  list(options?: CallOptions): Promise<string[]>;
  /** Deletes a secret from both places, so that no older one of the same name appears. @throws {VaultError} NOT_FOUND; MISSING_OR_DENIED */
  remove(service: string, options?: CallOptions): Promise<void>;
  /** Deletes everything of this wallet's in the bucket below `credentials/`. @returns the number of objects */
  removeAll(options?: CallOptions): Promise<number>;
}
