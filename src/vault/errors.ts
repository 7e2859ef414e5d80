/**
 * The vault's errors. Neither they nor their causes contain a secret, a key, a signature or a token: they may be logged.
 */

/** What kind of a failure it is. */
export type VaultErrorCode =
  /** An argument is malformed; nothing was sent. */
  | 'INVALID_ARGUMENT'
  /** The signer could not be reached, or it refused. */
  | 'SIGNER_FAILED'
  /** The signer's answer is not a signature that a key can be derived from. */
  | 'INVALID_SIGNATURE'
  /** The signature is another wallet's; nothing was written. */
  | 'WRONG_SIGNER'
  /** There is no such secret. */
  | 'NOT_FOUND'
  /** S3 answered 403, which it also does for a missing object where the caller may not list the bucket. */
  | 'MISSING_OR_DENIED'
  /** AWS denied the call. */
  | 'ACCESS_DENIED'
  /** There is a secret already, and it was not to be replaced. */
  | 'EXISTS'
  /** Another writer was faster; nothing was overwritten. */
  | 'CONFLICT'
  /** The object is larger than any secret. */
  | 'TOO_LARGE'
  /** The object is not an encrypted secret of a known version. */
  | 'UNREADABLE'
  /** The object was not encrypted with this key, for this place, or it was changed. */
  | 'AUTHENTICATION_FAILED'
  /** AWS refused the call for another reason, or could not be reached: `cause` is the SDK's error. */
  | 'AWS_FAILED'
  /** A required package is not installed. */
  | 'MISSING_PACKAGE';

/** Added to an error about a write whose answer did not arrive. */
export const UNKNOWN_EFFECT = 'It is unknown whether the call had an effect.';

/** A failure of the vault. */
export class VaultError extends Error {
  override readonly name: string = 'VaultError';

  constructor(
    readonly code: VaultErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}
