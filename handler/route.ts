/**
 * Routes one message: reads its header, decides, and has it copied to the wallets it is for.
 */
import { DeleteObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { copy } from './copy.js';
import { LONGEST_KEY } from './event.js';
import { CopiesFailedError, S3CallError } from './failure.js';
import { routedKey } from './mail/address.js';
import type { Reason } from './mail/decide.js';
import { readAndDecide } from './read.js';
import type { RoutingSettings } from './settings.js';

/** What became of a message that nothing failed for. */
export type Outcome = (
  | { outcome: 'routed'; wallets: string[]; by: 'envelope' | 'headers' }
  | { outcome: 'skipped'; reason: Reason; wallets?: string[] }
) & {
  /** How much of the message was read; absent when it was gone. */
  headerBytesRead?: number;
};

/** A message in the bucket. */
export interface Message {
  key: string;
  /** The key without `inbound/`. */
  messageId: string;
}

/**
 * Routes a message.
 *
 * @param s3 The client, with the execution role's credentials.
 * @param message The message to route.
 * @param settings The function's settings.
 * @param signal Ends the calls under way.
 * @returns `routed` when at least one copy was made, with the wallets that have theirs; else `skipped` with the reason.
 * @throws {S3CallError} for a call that failed; every other wallet has been tried by then.
 * @throws {CopiesFailedError} of those, when the copies for several wallets failed.
 */
export async function route(
  s3: S3Client,
  message: Message,
  settings: RoutingSettings,
  signal?: AbortSignal,
): Promise<Outcome> {
  const { key, messageId } = message;
  const read = await readAndDecide(s3, key, settings, signal).catch(async (error) => {
    if (!(await isGone([error], s3, key, settings, signal))) throw error;
  });
  if (read === undefined) return { outcome: 'skipped', reason: 'gone' };
  const { decision, headerBytesRead } = read;
  if (decision.kind === 'stay') return { outcome: 'skipped', reason: decision.reason, headerBytesRead };

  const { wallets, by } = decision;
  const copies = wallets.map((wallet) => ({ wallet, to: routedKey(wallet, messageId) }));
  if (copies.some(({ to }) => Buffer.byteLength(to) > LONGEST_KEY))
    return { outcome: 'skipped', reason: 'key-too-long', headerBytesRead };

  const results = await Promise.allSettled(copies.map(({ to }) => copy(s3, key, to, settings, signal)));
  const failures = results.flatMap((result): unknown[] => (result.status === 'rejected' ? [result.reason] : []));
  if (failures.length > 0 && !(await isGone(failures, s3, key, settings, signal))) throw asOne(failures);

  // What the sender wrote may lead to a copy, never to a deletion.
  if (failures.length === 0 && settings.deleteSource && by === 'envelope') await remove(s3, key, settings, signal);
  const made = results.some((result) => result.status === 'fulfilled' && result.value);
  const served = wallets.filter((_, index) => results[index]?.status === 'fulfilled');
  if (made) return { outcome: 'routed', wallets: served, by, headerBytesRead };
  if (failures.length > 0) return { outcome: 'skipped', reason: 'gone', headerBytesRead };
  return { outcome: 'skipped', reason: 'already-routed', wallets, headerBytesRead };
}

function asOne(failures: unknown[]): unknown {
  const calls = failures.filter((failure) => failure instanceof S3CallError);
  return calls.length > 1 ? new CopiesFailedError(calls) : failures[0];
}

async function remove(
  s3: S3Client,
  key: string,
  settings: RoutingSettings,
  signal: AbortSignal | undefined,
): Promise<void> {
  const command = new DeleteObjectCommand({
    Bucket: settings.bucket,
    Key: key,
    ExpectedBucketOwner: settings.accountId,
  });
  await s3.send(command, { abortSignal: signal }).catch((cause) => {
    throw new S3CallError('DeleteObject', cause);
  });
}

/** Whether every one of some calls failed because the message is no longer there. */
async function isGone(
  failures: unknown[],
  s3: S3Client,
  key: string,
  settings: RoutingSettings,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const calls = failures.filter((failure) => failure instanceof S3CallError);
  const missing = calls.filter(({ code }) => code === 'NoSuchKey');
  // S3 answers 403 to both a missing permission and, for a caller that may not list the bucket, a missing key.
  const denied = calls.filter(({ status }) => status === 403);
  if (missing.length + denied.length < failures.length) return false;
  return missing.length > 0 || !(await mayExist(s3, key, settings, signal));
}

/** Looks for the exact key: the role may list under `inbound/`. If it can't be told, it may be there. */
async function mayExist(
  s3: S3Client,
  key: string,
  settings: RoutingSettings,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const list = new ListObjectsV2Command({
    Bucket: settings.bucket,
    Prefix: key,
    // Of the keys that begin with it, the key itself comes first.
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
