/**
 * Moving secrets from one vault to another: from version 1 to 2, to another bucket, or to another wallet.
 */
import type { Vault } from './contract.js';
import { VaultError } from './errors.js';
import { credentialsPrefix, encrypt, objectKey } from './format.js';
import { namesIn, readSecret, withStore } from './secrets.js';
import { keyToWriteWith, type Session, sessionOf, versions } from './session.js';
import { deleteObject, listObjects, putObject, type Store } from './store.js';

export interface ReencryptOptions {
  /** The vault whose layout's own place is read. */
  from: Vault;
  /** The vault in whose layout's own place the secrets are stored: with its own wallet, session and signer. */
  to: Vault;
  /** Deletes each old object, after the new one was read back. */
  deleteOld?: boolean | undefined;
  /** Aborts between two secrets or two calls; the next run continues. */
  signal?: AbortSignal | undefined;
}

/** What became of a secret. */
export interface Reencrypted {
  service: string;
  /**
   * - `copied`: the new object was read back; the old one is still there.
   * - `moved`: the old one was deleted after that.
   * - `different`: the new place holds another secret of this service. Nothing was changed.
   * - `unreadable`: the old or the new object can't be decrypted. Nothing was changed.
   */
  outcome: 'copied' | 'moved' | 'different' | 'unreadable';
  /** Why it is unreadable. */
  reason?: string;
}

/** Errors of one object; the others may be in order. */
const ONE_OBJECT: readonly string[] = ['AUTHENTICATION_FAILED', 'UNREADABLE', 'TOO_LARGE'];

/**
 * Encrypts the secrets of a vault again and stores them in another. It can be repeated after an interruption: at any time the secret is in
 * the old place, in the new one, or in both.
 *
 * @example
 * ```ts
 * import { localSigner, openVault, reencrypt } from 'agentkeys-ses-routing/vault';
 *
 * const wallet = '0x1111111111111111111111111111111111111111';
 * const signer = localSigner(process.env.WALLET_KEY ?? '');
 * const from = openVault({ bucket: 'agentkeys-mail-111122223333', wallet, signer });
 * const to = openVault({ bucket: 'agentkeys-vault-111122223333', layout: 'omni', wallet, signer });
 * const results = await reencrypt({ from, to });
 * console.log(results.map(({ service, outcome }) => `${service}: ${outcome}`));
 * ```
 * @throws {VaultError} INVALID_ARGUMENT when both are the same place; ACCESS_DENIED; WRONG_SIGNER; AWS_FAILED; what the signers throw.
 */
export async function reencrypt({ from, to, deleteOld, signal }: ReencryptOptions): Promise<Reencrypted[]> {
  const [source, target] = [placeOf(from), placeOf(to)];
  if (source.session.bucket === target.session.bucket && source.prefix === target.prefix)
    throw new VaultError('INVALID_ARGUMENT', 'Both vaults are the same place. Nothing was changed.');
  return withStore(source.session, signal, (old) =>
    withStore(target.session, signal, async (store) => {
      const results: Reencrypted[] = [];
      for (const service of await servicesIn(source, old))
        results.push(await moveOne(service, { source, old, target, store, deleteOld: deleteOld === true }));
      return results;
    }),
  );
}

/** The place that a vault writes to. */
interface Place {
  session: Session;
  prefix: string;
}

function placeOf(vault: Vault): Place {
  const session = sessionOf(vault);
  return { session, prefix: credentialsPrefix(session.owners[versions[session.layout]]) };
}

async function servicesIn({ session, prefix }: Place, store: Store): Promise<string[]> {
  const found = await listObjects(store, prefix);
  if (found.state === 'found') return namesIn(found.objects, prefix);
  throw new VaultError(
    'ACCESS_DENIED',
    `AWS does not let these credentials list ${prefix} in the bucket ${session.bucket}. Nothing was changed.`,
  );
}

interface Move {
  source: Place;
  old: Store;
  target: Place;
  store: Store;
  deleteOld: boolean;
}

async function moveOne(service: string, move: Move): Promise<Reencrypted> {
  try {
    return { service, outcome: await moveReadable(service, move) };
  } catch (error) {
    const { code, message } = error as VaultError;
    if (!ONE_OBJECT.includes(code)) throw error;
    return { service, outcome: 'unreadable', reason: message };
  }
}

async function moveReadable(
  service: string,
  { source, old, target, store, deleteOld }: Move,
): Promise<'copied' | 'moved' | 'different'> {
  const before = await readSecret(source.session, old, service, [versions[source.session.layout]]);
  try {
    const look = () => compare(target.session, store, service, before.secret);
    let found = await look();
    if (found === 'missing') {
      await storeIn(target.session, store, service, before.secret);
      // Only what was read back counts.
      found = await look();
    }
    if (found !== 'same') return 'different';
  } finally {
    before.secret.fill(0);
  }
  if (!deleteOld) return 'copied';
  await deleteObject(old, before.key, before.etag);
  return 'moved';
}

/** Compares a secret with the one in a vault's own place. */
async function compare(
  session: Session,
  store: Store,
  service: string,
  secret: Uint8Array,
): Promise<'same' | 'different' | 'missing'> {
  const present = await presentIn(session, store, service);
  if (present === undefined) return 'missing';
  const same = Buffer.compare(present, secret) === 0;
  present.fill(0);
  return same ? 'same' : 'different';
}

/** The secret in a vault's own place. */
async function presentIn(session: Session, store: Store, service: string): Promise<Uint8Array | undefined> {
  try {
    return (await readSecret(session, store, service, [versions[session.layout]])).secret;
  } catch (error) {
    if (/^(NOT_FOUND|MISSING_OR_DENIED)$/.test((error as VaultError).code)) return undefined;
    throw error;
  }
}

/** Stores a secret under its name, whatever that is, unless somebody else stores one first. */
async function storeIn(session: Session, store: Store, service: string, secret: Uint8Array): Promise<void> {
  const { owners, layout } = session;
  const version = versions[layout];
  const key = await keyToWriteWith(session, service);
  const bytes = encrypt({ version, key, owners, service, secret });
  key.fill(0);
  await putObject(store, objectKey(owners[version], service), bytes);
}
