/**
 * `agentkeys-ses-routing/mailbox`: an address to sign up with, and the mail that arrives at it.
 */

export type { Service } from '../agentkeys/services.js';
export { type SignupAddressOptions, signupAddress } from './address.js';
export type { SdkClient } from './client.js';
export { type FetchVerificationCodeOptions, fetchVerificationCode } from './code.js';
export {
  EmailTimeoutError,
  MailboxError,
  type MailboxErrorCode,
  type Mismatch,
  type Sample,
  type Seen,
} from './errors.js';
export type { Extract, FieldPattern, MailMatch, Wanted } from './match.js';
export { type FetchViaSesS3Options, fetchViaSesS3 } from './provisioner.js';
export type { MailHeader } from './reading/header.js';
export type { MailMessage } from './reading/message.js';
export type { Verdicts } from './reading/verdict.js';
export { type AssumeDataRoleOptions, assumeDataRole, type DataRoleCredentials } from './role.js';
export { walletFromToken } from './token.js';
export { type WaitForMailOptions, waitForMail } from './wait.js';
