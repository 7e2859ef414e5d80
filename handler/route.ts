/**
 * Routes one message: reads its header, decides, and copies it to its wallets.
 */
import { DeleteObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { settleEach } from './concurrency.js';
import { retryConflicts } from './conflict.js';
import { copy, type Source } from './copy.js';
import { LONGEST_KEY } from './event.js';
import { CopiesFailedError, isArchived, isPreconditionFailed, S3CallError } from './failure.js';
import { routedKey } from './mail/address.js';
import type { Reason } from './mail/decide.js';
import { readAndDecide } from './read.js';
import type { RoutingSettings } from './settings.js';

/** How often a message is read and decided on when it is replaced before it is copied. */
const ATTEMPTS = 3;

/** How many copies of a message are made at a time. */
const COPIES_AT_A_TIME = 4;

/** The outcome of a message, unless something failed. */
export type Outcome = (
  | { outcome: 'routed'; wallets: string[]; by: 'envelope' | 'headers' }
  | { outcome: 'skipped'; reason: Reason; wallets?: string[] }
) & {
  /** Bytes read of the message; absent when it was gone. */
  headerBytesRead?: number;
  /** Present when the message was deleted from `inbound/`. */
  deleted?: true;
};

/** A message in the bucket. */
export interface Message {
  key: string;
  /** The key without `inbound/`. */
  messageId: string;
}

/**
 * Routes a message. The object that was read is the one that is copied and deleted: if it is replaced meanwhile, the new one is read and
 * decided on. After a few attempts the call fails, for Lambda to retry.
 *
 * @param s3 The client, with the execution role's credentials.
 * @param message The message to route.
 * @param settings The function's settings.
 * @param signal Aborts the calls.
 * @returns `routed` when at least one copy was made, with the wallets that have a copy; otherwise `skipped` with the reason.
 * @throws {S3CallError} for a call that failed; all other wallets have been tried.
 * @throws {CopiesFailedError} when the copies for several wallets failed.
 */
export async function route(
  s3: S3Client,
  message: Message,
  settings: RoutingSettings,
  signal?: AbortSignal,
  attempt = 1,
): Promise<Outcome> {
  const { key, messageId } = message;
  const read = await readAndDecide(s3, key, settings, signal).catch(async (error) => {
    if (!(await isGone([error], s3, key, settings, signal))) throw error;
  });
  if (read === undefined) return { outcome: 'skipped', reason: 'gone' };
  const { decision, headerBytesRead, etag } = read;
  if (decision.kind === 'stay') return { outcome: 'skipped', reason: decision.reason, headerBytesRead };

  const { wallets, by } = decision;
  const copies = wallets.map((wallet) => ({ wallet, to: routedKey(wallet, messageId) }));
  if (copies.some(({ to }) => Buffer.byteLength(to) > LONGEST_KEY))
    return { outcome: 'skipped', reason: 'key-too-long', headerBytesRead };

  const source = { key, etag };
  const results = await settleEach(copies, COPIES_AT_A_TIME, ({ to }) => copy(s3, source, to, settings, signal));
  const failures = results.flatMap((result): unknown[] => (result.status === 'rejected' ? [result.reason] : []));
  if (failures.some(isPreconditionFailed) && attempt < ATTEMPTS)
    return route(s3, message, settings, signal, attempt + 1);
  const withCopies = wallets.filter((_, index) => results[index]?.status === 'fulfilled');
  // It was archived since it was read.
  if (failures.some(isArchived))
    return { outcome: 'skipped', reason: 'archived', wallets: withCopies, headerBytesRead };
  if (failures.length > 0 && !(await isGone(failures, s3, key, settings, signal))) throw asOne(failures);

  const made = results.some((result) => result.status === 'fulfilled' && result.value);
  // A copy that existed before may be of the message that this one replaced.
  const served = failures.length === 0 && (made || attempt === 1);
  // The sender's header fields may cause a copy, never a deletion.
  const deletes = served && settings.deleteSource && by === 'envelope';
  const deleted = deletes && (await remove(s3, source, settings, signal)) ? ({ deleted: true } as const) : {};
  if (made) return { outcome: 'routed', wallets: withCopies, by, headerBytesRead, ...deleted };
  if (failures.length > 0) return { outcome: 'skipped', reason: 'gone', headerBytesRead };
  return { outcome: 'skipped', reason: 'already-routed', wallets, headerBytesRead, ...deleted };
}

function asOne(failures: unknown[]): unknown {
  const calls = failures.filter((failure) => failure instanceof S3CallError);
  return calls.length > 1 ? new CopiesFailedError(calls) : failures[0];
}

/**
 * Deletes a message, unless it was replaced since it was read: then another event routes it. Needs s3:DeleteObject and s3:GetObject.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
 *
 * @returns false when it was replaced or was gone already.
 */
async function remove(
  s3: S3Client,
  { key, etag }: Source,
  settings: RoutingSettings,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const command = new DeleteObjectCommand({
    Bucket: settings.bucket,
    Key: key,
    IfMatch: etag,
    ExpectedBucketOwner: settings.accountId,
  });
  try {
    await retryConflicts('DeleteObject', () => s3.send(command, { abortSignal: signal }));
    return true;
  } catch (error) {
    if (isPreconditionFailed(error) || (await isGone([error], s3, key, settings, signal))) return false;
    throw error;
  }
}

/** Whether all calls failed because the message no longer exists. */
async function isGone(
  failures: unknown[],
  s3: S3Client,
  key: string,
  settings: RoutingSettings,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const calls = failures.filter((failure) => failure instanceof S3CallError);
  const missing = calls.filter(({ code }) => code === 'NoSuchKey');
  // S3 returns 403 for a missing permission and, to a caller that may not list the bucket, for a missing key.
  const denied = calls.filter(({ status }) => status === 403);
  if (missing.length + denied.length < failures.length) return false;
  return missing.length > 0 || !(await mayExist(s3, key, settings, signal));
}

/** Looks for the exact key: the role may list under `inbound/`. If the listing fails, the key may exist. */
async function mayExist(
  s3: S3Client,
  key: string,
  settings: RoutingSettings,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const list = new ListObjectsV2Command({
    Bucket: settings.bucket,
    Prefix: key,
    // The key itself sorts before every longer key that starts with it.
    MaxKeys: 1,
    ExpectedBucketOwner: settings.accountId,
  });
  try {
    const { Contents: objects = [] } = await s3.send(list, { abortSignal: signal });
    return objects.some((object) => object.Key === key);
  } catch {
    return true;
  }
}
