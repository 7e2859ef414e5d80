/**
 * An open vault: a wallet's secrets in one bucket.
 */
import type { CallOptions, OpenVaultOptions, Vault } from './contract.js';
import {
  encryptNew,
  listSecrets,
  putEncrypted,
  readSecret,
  removeEverything,
  removeSecret,
  withStore,
} from './secrets.js';
import { checkedSession, checkStoredName, remember } from './session.js';
import type { Store } from './store.js';

/**
 * Opens the vault of a wallet. Nothing is sent.
 *
 * @example
 * ```ts
 * import { httpSigner, openVault } from 'agentkeys-ses-routing/vault';
 *
 * const wallet = '0x1111111111111111111111111111111111111111';
 * const signer = httpSigner({ url: 'https://signer.example.org', omniAccount: 'a'.repeat(64), token: process.env.SESSION_TOKEN ?? '' });
 * const vault = openVault({ bucket: 'agentkeys-vault-111122223333', layout: 'omni', wallet, signer });
 * await vault.put('openrouter', new TextEncoder().encode('sk-or-v1-…'));
 * const secret = await vault.get('openrouter');
 * console.log(secret.length);
 * secret.fill(0);
 * ```
 * @throws {VaultError} INVALID_ARGUMENT
 */
export function openVault(options: OpenVaultOptions): Vault {
  const session = checkedSession(options);
  const within = <Result>(call: CallOptions | undefined, work: (store: Store) => Promise<Result>): Promise<Result> =>
    withStore(session, call?.signal, work);
  const vault: Vault = {
    async put(service, secret, put) {
      const bytes = await encryptNew(session, service, secret);
      await within(put, (store) => putEncrypted(session, store, service, bytes, put?.overwrite === true));
    },
    async get(service, call) {
      checkStoredName(session, service);
      return within(call, async (store) => (await readSecret(session, store, service)).secret);
    },
    list: (call) => within(call, async (store) => [...(await listSecrets(session, store)).keys()]),
    async remove(service, call) {
      checkStoredName(session, service);
      await within(call, (store) => removeSecret(session, store, service));
    },
    removeAll: (call) => within(call, (store) => removeEverything(session, store)),
  };
  return remember(vault, session);
}
