/**
 * What an open vault does: finding, reading, writing and deleting a wallet's secrets.
 */
import { VaultError } from './errors.js';
import { credentialsPrefix, decrypt, EXTENSION, encrypt, LARGEST_SECRET, objectKey, type Version } from './format.js';
import { withS3 } from './sdk.js';
import { checkNewName, keyToWriteWith, readingOrder, type Session, versions, withKey, wrongSigner } from './session.js';
import { deleteObject, getObject, headObject, type Listed, listObjects, putObject, type Store } from './store.js';

/** Works with the session's store. */
export async function withStore<Result>(
  { s3: given, bucket, account }: Session,
  signal: AbortSignal | undefined,
  work: (store: Store) => Promise<Result>,
): Promise<Result> {
  signal?.throwIfAborted();
  return withS3(given, (s3) => work({ s3, bucket, account, signal }));
}

/** Encrypts a secret that is to be stored. @throws {VaultError} */
export async function encryptNew(session: Session, service: string, secret: Uint8Array): Promise<Uint8Array> {
  checkNewName(service);
  if (!(secret instanceof Uint8Array) || secret.length === 0 || secret.length > LARGEST_SECRET)
    throw new VaultError(
      'INVALID_ARGUMENT',
      `The secret must be a Uint8Array of 1 to ${LARGEST_SECRET} bytes. Nothing was written.`,
    );
  const { owners, layout } = session;
  const key = await keyToWriteWith(session, service);
  const bytes = encrypt({ version: versions[layout], key, owners, service, secret });
  key.fill(0);
  return bytes;
}

/** Stores an encrypted secret. @throws {VaultError} EXISTS; CONFLICT */
export async function putEncrypted(
  { owners, layout }: Session,
  store: Store,
  service: string,
  bytes: Uint8Array,
  overwrite: boolean,
): Promise<void> {
  const version = versions[layout];
  const own = objectKey(owners[version], service);
  // Readers take version 2's place first: what stands there hides what is written to version 1's.
  if (!overwrite || version === 1) {
    const other = objectKey(owners[version === 1 ? 2 : 1], service);
    const { state } = await headObject(store, other);
    if (state === 'found')
      throw new VaultError(
        'EXISTS',
        overwrite
          ? `${other} holds a secret of this service already, and readers prefer it to the layout '${layout}'. Use the layout 'omni' to replace it. Nothing was written.`
          : exists(other),
      );
  }
  const before = overwrite ? await headObject(store, own) : undefined;
  const written = await putObject(store, own, bytes, before?.state === 'found' ? before.etag : undefined);
  if (written) return;
  if (!overwrite) throw new VaultError('EXISTS', exists(own));
  throw new VaultError(
    'CONFLICT',
    `${own} was written or deleted by another writer in the meantime. Nothing was overwritten. Read it, then try again.`,
  );
}

function exists(key: string): string {
  return `${key} holds a secret of this service already. It was not replaced: that takes overwrite.`;
}

/** A secret, and where it was found. */
export interface StoredSecret {
  secret: Uint8Array;
  /** The version of the object. */
  version: Version;
  key: string;
  etag: string;
}

/** Finds, reads and decrypts a secret. @param places the places to look at, by the version that is written there */
export async function readSecret(
  session: Session,
  store: Store,
  service: string,
  places: readonly Version[] = readingOrder,
): Promise<StoredSecret> {
  const states: string[] = [];
  for (const place of places) {
    const key = objectKey(session.owners[place], service);
    const found = await getObject(store, key);
    if (found.state === 'found') {
      const { version, secret } = await decryptStored(session, service, key, found.bytes);
      return { secret, version, key, etag: found.etag };
    }
    states.push(found.state);
  }
  throw notFound(session, states);
}

function decryptStored(session: Session, service: string, key: string, bytes: Uint8Array) {
  return withKey(session, service, (derived) => {
    try {
      return decrypt(bytes, derived.key, session.owners, service);
    } catch (error) {
      // The pure functions throw nothing else.
      const { code, message } = error as VaultError;
      if (code !== 'AUTHENTICATION_FAILED') throw new VaultError(code, `${key}: ${message}`);
      const why =
        derived.address === session.wallet
          ? "The signature is the wallet's, so that the key is the right one for secrets that a deterministic signer (RFC 6979) wrote. Then the place or the bytes are at fault: the object was moved here from another service or wallet, or it was changed."
          : `The key is at fault: ${wrongSigner(session, derived)}`;
      throw new VaultError('AUTHENTICATION_FAILED', `${key} can't be decrypted. ${why}`);
    }
  });
}

function notFound({ bucket, owners }: Session, states: string[]): VaultError {
  const places = readingOrder.map((version) => credentialsPrefix(owners[version])).join(' or ');
  return states.includes('denied')
    ? new VaultError(
        'MISSING_OR_DENIED',
        `The secret is missing or denied: S3 answers both alike where the caller may not list the bucket ${bucket}. It was looked for in ${places}. Compare the session's tag with them, and the bucket's policy with both.`,
      )
    : new VaultError('NOT_FOUND', `There is no such secret in the bucket ${bucket}, in ${places}.`);
}

/** A stored secret in a listing. */
export interface ListedSecret extends Listed {
  /** The place where readers find it. */
  place: Version;
}

/** The objects below both prefixes. @throws {VaultError} ACCESS_DENIED when neither may be listed */
async function listPlaces(session: Session, store: Store): Promise<Array<{ place: Version; objects: Listed[] }>> {
  const listed = await Promise.all(
    readingOrder.map(async (place) => ({
      place,
      found: await listObjects(store, credentialsPrefix(session.owners[place])),
    })),
  );
  const places = listed.flatMap(({ place, found }) =>
    found.state === 'found' ? [{ place, objects: found.objects }] : [],
  );
  if (places.length > 0) return places;
  const prefixes = readingOrder.map((version) => credentialsPrefix(session.owners[version])).join(' or ');
  throw new VaultError(
    'ACCESS_DENIED',
    `AWS does not let these credentials list ${prefixes} in the bucket ${session.bucket}. It takes a session with the wallet's tag: compare it with them, and the bucket's policy with both.`,
  );
}

/** The stored secrets by name: those of version 2's place, then the others. */
export async function listSecrets(session: Session, store: Store): Promise<Map<string, ListedSecret>> {
  const secrets = new Map<string, ListedSecret>();
  for (const { place, objects } of await listPlaces(session, store))
    for (const object of objects) {
      const name = nameIn(object.key, credentialsPrefix(session.owners[place]));
      if (name !== undefined && !secrets.has(name)) secrets.set(name, { ...object, place });
    }
  return secrets;
}

/** The services of the objects below a prefix. */
export function namesIn(objects: readonly Listed[], prefix: string): string[] {
  return objects.flatMap(({ key }) => nameIn(key, prefix) ?? []);
}

/** AgentKeys skips empty names and names with a slash. */
function nameIn(key: string, prefix: string): string | undefined {
  if (!key.endsWith(EXTENSION)) return undefined;
  const name = key.slice(prefix.length, -EXTENSION.length);
  return name === '' || name.includes('/') ? undefined : name;
}

/** Deletes a secret from both places. @throws {VaultError} NOT_FOUND; MISSING_OR_DENIED */
export async function removeSecret(session: Session, store: Store, service: string): Promise<void> {
  // The place that readers prefer goes last: until then the secret is still readable, and the removal can be repeated.
  const found = await Promise.all(
    readingOrder.toReversed().map(async (version) => {
      const key = objectKey(session.owners[version], service);
      return { key, looked: await headObject(store, key) };
    }),
  );
  if (found.every(({ looked }) => looked.state !== 'found'))
    throw notFound(
      session,
      found.map(({ looked }) => looked.state),
    );
  for (const { key, looked } of found) if (looked.state === 'found') await deleteObject(store, key, looked.etag);
}

/** Deletes every object below both prefixes. @returns their number */
export async function removeEverything(session: Session, store: Store): Promise<number> {
  const places = await listPlaces(session, store);
  let count = 0;
  for (const { objects } of places.toReversed())
    for (const { key } of objects) {
      await deleteObject(store, key);
      count += 1;
    }
  return count;
}
