/**
 * The vault's calls to S3: each says what was found, and writes only on a condition.
 */
import type { ListObjectsV2CommandOutput, S3Client } from '@aws-sdk/client-s3';
import { readBody } from '../mailbox/body.js';
import type { SdkClient } from '../mailbox/client.js';
import { UNKNOWN_EFFECT, VaultError } from './errors.js';
import { LARGEST_OBJECT } from './format.js';
import { loadS3 } from './sdk.js';

/** A bucket, and how to reach it. */
export interface Store {
  s3: SdkClient;
  bucket: string;
  /** The account that must own the bucket. */
  account?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** `denied` may mean missing: S3 answers 403 for a missing object where the caller may not list the bucket. */
export type Found<What> = ({ state: 'found' } & What) | { state: 'missing' } | { state: 'denied' };

/** An object in a listing. */
export interface Listed {
  key: string;
  /** Bytes. */
  size: number;
  modified: Date;
}

/** The parameters that all calls share. */
function common({ bucket, account }: Store) {
  return { Bucket: bucket, ...(account === undefined ? {} : { ExpectedBucketOwner: account }) };
}

/** The client that was passed in is an SDK client: see {@link SdkClient}. */
function send({ s3, signal }: Store) {
  const client = s3 as S3Client;
  return { client, options: signal === undefined ? {} : { abortSignal: signal } };
}

/** What the SDK's errors have. */
interface Raised {
  name?: unknown;
  $metadata?: { httpStatusCode?: number; attempts?: number };
}

/** The credentials are at fault, not a policy. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const CREDENTIALS = /^(InvalidAccessKeyId|SignatureDoesNotMatch|RequestTimeTooSkewed|InvalidToken)$/;

/** What a failed call found. The answer to HeadObject has no body, and so no name. @throws the error, if it says neither. */
function absent(error: unknown, { signal }: Store): { state: 'missing' } | { state: 'denied' } {
  signal?.throwIfAborted();
  const { name, $metadata } = error as Raised;
  if (name === 'NoSuchKey' || name === 'NotFound') return { state: 'missing' };
  if ($metadata?.httpStatusCode === 403 && !CREDENTIALS.test(String(name))) return { state: 'denied' };
  throw failed(error, 'read');
}

/** The error for a call that failed for another reason than a policy. */
function failed(error: unknown, what: 'read' | 'written'): VaultError {
  const { name, $metadata } = error as Raised;
  // An answer without a body has no name.
  const answer = name === 'Unknown' ? `HTTP status ${$metadata?.httpStatusCode}` : String(name);
  const unknown = what === 'written' ? ` ${UNKNOWN_EFFECT}` : '';
  return new VaultError('AWS_FAILED', `The vault's bucket could not be ${what}: ${answer}.${unknown}`, {
    cause: error,
  });
}

/** Looks at an object without reading it. */
export async function headObject(store: Store, key: string): Promise<Found<{ etag: string }>> {
  const { HeadObjectCommand } = await loadS3();
  const { client, options } = send(store);
  try {
    const { ETag } = await client.send(new HeadObjectCommand({ ...common(store), Key: key }), options);
    return { state: 'found', etag: String(ETag) };
  } catch (error) {
    return absent(error, store);
  }
}

/** Reads an object; of one that is too large no more than shows that. */
export async function getObject(store: Store, key: string): Promise<Found<{ etag: string; bytes: Uint8Array }>> {
  const { GetObjectCommand } = await loadS3();
  const { client, options } = send(store);
  try {
    const { ETag, Body } = await client.send(new GetObjectCommand({ ...common(store), Key: key }), options);
    return { state: 'found', etag: String(ETag), bytes: await readBody(Body, LARGEST_OBJECT + 1) };
  } catch (error) {
    return absent(error, store);
  }
}

/**
 * Writes an object on a condition. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 *
 * @param replaced the ETag of the object that it replaces; when left out, there must be none.
 * @returns whether it was written; false if the condition was not met.
 */
export async function putObject(store: Store, key: string, bytes: Uint8Array, replaced?: string): Promise<boolean> {
  const { PutObjectCommand } = await loadS3();
  const { client, options } = send(store);
  const condition = replaced === undefined ? { IfNoneMatch: '*' } : { IfMatch: replaced };
  const ContentType = 'application/octet-stream';
  try {
    await client.send(
      new PutObjectCommand({ ...common(store), Key: key, Body: bytes, ContentType, ...condition }),
      options,
    );
    return true;
  } catch (error) {
    store.signal?.throwIfAborted();
    const { name, $metadata } = error as Raised;
    const status = $metadata?.httpStatusCode;
    // 409: another write at the same moment; 404: the object to replace was deleted.
    if (status === 412 || status === 409 || name === 'NoSuchKey')
      return Number($metadata?.attempts) > 1 && (await holds(store, key, bytes));
    if (status === 403 && !CREDENTIALS.test(String(name))) throw deniedWrite(store, key, error);
    throw failed(error, 'written');
  }
}

/** A repeated call does not meet its condition if the first one had its effect, and only its answer was lost. */
async function holds(store: Store, key: string, bytes: Uint8Array): Promise<boolean> {
  const now = await getObject(store, key);
  return now.state === 'found' && Buffer.compare(now.bytes, bytes) === 0;
}

/** Deletes an object. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html @param etag the ETag that it must have, if any */
export async function deleteObject(store: Store, key: string, etag?: string): Promise<void> {
  const { DeleteObjectCommand } = await loadS3();
  const { client, options } = send(store);
  try {
    await client.send(
      new DeleteObjectCommand({ ...common(store), Key: key, ...(etag === undefined ? {} : { IfMatch: etag }) }),
      options,
    );
  } catch (error) {
    store.signal?.throwIfAborted();
    const { name, $metadata } = error as Raised;
    const status = $metadata?.httpStatusCode;
    if (status === 404 && name !== 'NoSuchBucket') return;
    // A repeated call finds nothing if the first one had its effect, and only its answer was lost; a missing object may be denied.
    if (Number($metadata?.attempts) > 1 && (await headObject(store, key)).state !== 'found') return;
    if (status === 412 || status === 409)
      throw new VaultError('CONFLICT', `${key} was replaced in the meantime, and was not deleted. Try again.`);
    if (status === 403 && !CREDENTIALS.test(String(name))) throw deniedWrite(store, key, error);
    throw failed(error, 'written');
  }
}

function deniedWrite({ bucket }: Store, key: string, cause: unknown): VaultError {
  return new VaultError(
    'ACCESS_DENIED',
    `AWS does not let these credentials write ${key} in the bucket ${bucket}. Nothing was changed. It takes a session with the wallet's tag, and the statements for credentials/ in the bucket's policy.`,
    { cause },
  );
}

/** Lists everything under a prefix. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export async function listObjects(store: Store, prefix: string): Promise<Found<{ objects: Listed[] }>> {
  const { ListObjectsV2Command } = await loadS3();
  const { client, options } = send(store);
  const objects: Listed[] = [];
  let token: string | undefined;
  try {
    do {
      const next = token === undefined ? {} : { ContinuationToken: token };
      const command = new ListObjectsV2Command({ ...common(store), Prefix: prefix, ...next });
      const page: ListObjectsV2CommandOutput = await client.send(command, options);
      for (const { Key, Size, LastModified } of page.Contents ?? [])
        objects.push({ key: String(Key), size: Number(Size), modified: new Date(Number(LastModified)) });
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return { state: 'found', objects };
  } catch (error) {
    return absent(error, store);
  }
}
