/**
 * Routes one message: reads its header, decides, and copies it within S3 to the wallets it is for. Doing it twice, or twice
 * at once, ends the same.
 */
import { setTimeout } from 'node:timers/promises';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { routedKey } from './address.js';
import type { Reason } from './decide.js';
import { readAndDecide } from './read.js';
import type { RoutingSettings } from './settings.js';

/** What became of a message that nothing failed for. */
export type Outcome =
  | { outcome: 'routed'; wallets: string[]; by: 'envelope' | 'headers' }
  | { outcome: 'skipped'; reason: Reason; wallets?: string[] };

/** A message in the bucket. */
export interface Message {
  key: string;
  /** The key without `inbound/`. */
  messageId: string;
}

/** How often a copy is tried when S3 answers 409 ConditionalRequestConflict: another write of the same key is under way. */
const CONFLICT_ATTEMPTS = 4;

/** The pause after the first 409, growing by as much with each one; milliseconds. */
const CONFLICT_PAUSE = 50;

/**
 * Routes a message.
 *
 * @param s3 The client, with the execution role's credentials.
 * @param message The message to route.
 * @param settings The function's settings.
 * @returns `routed` when at least one copy was made, else `skipped` with the reason.
 * @throws {S3ServiceException} for a call that failed; every other wallet has been tried by then.
 * @throws {AggregateError} of those, when the copies for several wallets failed.
 */
export async function route(s3: S3Client, message: Message, settings: RoutingSettings): Promise<Outcome> {
  try {
    const decision = await readAndDecide(s3, message.key, settings);
    if (decision.kind === 'stay') return { outcome: 'skipped', reason: decision.reason };

    const { wallets, by } = decision;
    const copied = await copyToAll(s3, message, wallets, settings);
    // What the sender wrote may lead to a copy, never to a deletion.
    if (settings.deleteSource && by === 'envelope') await deleteSource(s3, message.key, settings);
    return copied ? { outcome: 'routed', wallets, by } : { outcome: 'skipped', reason: 'already-routed', wallets };
  } catch (error) {
    if (await isGone(error, s3, message.key, settings)) return { outcome: 'skipped', reason: 'gone' };
    throw error;
  }
}

/** @returns Whether any copy was made that had not been there before. */
async function copyToAll(
  s3: S3Client,
  message: Message,
  wallets: string[],
  settings: RoutingSettings,
): Promise<boolean> {
  const results = await Promise.allSettled(wallets.map((wallet) => copyTo(s3, message, wallet, settings)));
  const failures = results.flatMap((result): unknown[] => (result.status === 'rejected' ? [result.reason] : []));
  if (failures.length > 1) throw new AggregateError(failures, failures.map(String).join('; '));
  if (failures.length === 1) throw failures[0];
  return results.some((result) => result.status === 'fulfilled' && result.value);
}

/**
 * Copies server-side, with the metadata and without the tags: those would take tagging permissions.
 *
 * @returns false when the copy was there already (412 PreconditionFailed).
 */
async function copyTo(
  s3: S3Client,
  message: Message,
  wallet: string,
  settings: RoutingSettings,
  attempt = 1,
): Promise<boolean> {
  const copy = new CopyObjectCommand({
    Bucket: settings.bucket,
    Key: routedKey(wallet, message.messageId),
    // The SDK sends it as it is; S3 decodes it.
    CopySource: `${settings.bucket}/${message.key.split('/').map(encodeURIComponent).join('/')}`,
    IfNoneMatch: '*',
    TaggingDirective: 'REPLACE',
    ExpectedBucketOwner: settings.accountId,
    ExpectedSourceBucketOwner: settings.accountId,
  });
  try {
    await s3.send(copy);
    return true;
  } catch (error) {
    const status = statusOf(error);
    if (status === 412) return false;
    if (status !== 409 || attempt === CONFLICT_ATTEMPTS) throw error;
  }
  await setTimeout(CONFLICT_PAUSE * attempt);
  return copyTo(s3, message, wallet, settings, attempt + 1);
}

async function deleteSource(s3: S3Client, key: string, settings: RoutingSettings): Promise<void> {
  await s3.send(
    new DeleteObjectCommand({ Bucket: settings.bucket, Key: key, ExpectedBucketOwner: settings.accountId }),
  );
}

/** Whether a call failed because the message is no longer there. */
async function isGone(error: unknown, s3: S3Client, key: string, settings: RoutingSettings): Promise<boolean> {
  if (error instanceof S3ServiceException && error.name === 'NoSuchKey') return true;
  // S3 answers 403 to both a missing permission and, for a caller that may not list the bucket, a missing key.
  return statusOf(error) === 403 && !(await mayExist(s3, key, settings));
}

/** Looks for the exact key: the role may list under `inbound/`. If it can't be told, the first error is the one to raise. */
async function mayExist(s3: S3Client, key: string, settings: RoutingSettings): Promise<boolean> {
  const list = new ListObjectsV2Command({
    Bucket: settings.bucket,
    Prefix: key,
    // Of the keys that begin with it, the key itself comes first.
    MaxKeys: 1,
    ExpectedBucketOwner: settings.accountId,
  });
  try {
    const { Contents: objects = [] } = await s3.send(list);
    return objects.some((object) => object.Key === key);
  } catch {
    return true;
  }
}

function statusOf(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}
