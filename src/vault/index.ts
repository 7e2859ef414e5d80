/**
 * `agentkeys-ses-routing/vault`: a wallet's API keys, encrypted in S3.
 */

export type { SdkClient } from '../mailbox/client.js';
export type { CallOptions, Layout, OpenVaultOptions, PutOptions, Vault } from './contract.js';
export { VaultError, type VaultErrorCode } from './errors.js';
export { type HttpSignerOptions, httpSigner } from './http-signer.js';
export { type Reencrypted, type ReencryptOptions, reencrypt } from './reencrypt.js';
export { localSigner, type Signer } from './signers.js';
export { openVault } from './vault.js';
