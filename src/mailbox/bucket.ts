/**
 * Messages in the mail bucket: what a folder holds, and the first part of each message. Nothing outside the folder is requested.
 */
import type { ListObjectsV2CommandOutput, S3Client } from '@aws-sdk/client-s3';
import { isMessageId, routedPrefix } from '../../handler/mail/address.js';
import { WALLET_TAG } from '../agentkeys/names.js';
import { readBody } from './body.js';
import type { SdkClient } from './client.js';
import { type S3Clock, timed } from './clock.js';
import { MailboxError } from './errors.js';
import { LONGEST_READ } from './reading/message.js';
import { loadS3 } from './sdk.js';

/** A folder of messages, and how to reach it. */
export interface Folder {
  s3: SdkClient;
  bucket: string;
  /** What its keys begin with. */
  prefix: string;
  /** The account that must own the bucket. */
  account?: string;
  /** The message's id, given its key; undefined when the object is not a message. */
  idOf(key: string): string | undefined;
}

/** A stored message. */
export interface Stored {
  id: string;
  key: string;
  arrived: Date;
  /** Bytes; 0 when the client did not say. */
  size: number;
}

/** The first part of a message. */
export interface FirstPart {
  bytes: Uint8Array;
  arrived: Date;
  /** Whether that is all of it. */
  whole: boolean;
}

/** What a caller of S3 may add. */
export interface CallOptions {
  signal?: AbortSignal | undefined;
  /** Learns S3's time from each answer. */
  clock?: S3Clock | undefined;
}

/**
 * A wallet's own folder.
 *
 * @param options.wallet in lower case.
 */
export function walletFolder(options: { s3: SdkClient; bucket: string; wallet: string; account?: string }): Folder {
  const { s3, bucket, wallet, account } = options;
  const prefix = routedPrefix(wallet);
  return {
    s3,
    bucket,
    prefix,
    ...(account === undefined ? {} : { account }),
    idOf(key) {
      const id = key.slice(prefix.length);
      return isMessageId(id) ? id : undefined;
    },
  };
}

/** The parameters that all calls share. */
function common({ bucket, account }: Folder) {
  return { Bucket: bucket, ...(account === undefined ? {} : { ExpectedBucketOwner: account }) };
}

/** The client that was passed in is an SDK client: see {@link SdkClient}. */
function clientOf({ s3 }: Folder): S3Client {
  return s3 as S3Client;
}

/**
 * Lists the messages, newest first. S3 lists by key, and SES's ids are not ordered by time: all pages are read.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 *
 * @param only what the names below the prefix must begin with.
 */
export async function listMail(folder: Folder, options: CallOptions = {}, only = ''): Promise<Stored[]> {
  const { ListObjectsV2Command } = await loadS3();
  const found: Stored[] = [];
  const now = new Date();
  let token: string | undefined;
  do {
    const next = token === undefined ? {} : { ContinuationToken: token };
    const command = new ListObjectsV2Command({ ...common(folder), Prefix: folder.prefix + only, ...next });
    const page: ListObjectsV2CommandOutput = await clientOf(folder).send(timed(command, options.clock), {
      abortSignal: options.signal,
    });
    for (const { Key: key = '', LastModified, Size } of page.Contents ?? []) {
      const id = folder.idOf(key);
      // An empty object is not a message: the console creates one for a folder. A test double may leave size and time out.
      if (id !== undefined && Size !== 0)
        found.push({ id, key, arrived: LastModified ?? now, size: Number(Size ?? 0) });
    }
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return found.sort((a, b) => b.arrived.getTime() - a.arrived.getTime());
}

/**
 * Reads the first part of a message, with a range: the rest is neither sent nor kept.
 *
 * @returns undefined when the object does not exist.
 */
export async function readMail(folder: Folder, key: string, options: CallOptions = {}): Promise<FirstPart | undefined> {
  const { GetObjectCommand } = await loadS3();
  const command = new GetObjectCommand({ ...common(folder), Key: key, Range: `bytes=0-${LONGEST_READ - 1}` });
  try {
    const { Body, LastModified, ContentRange, ContentLength } = await clientOf(folder).send(
      timed(command, options.clock),
      { abortSignal: options.signal },
    );
    const bytes = await readBody(Body, LONGEST_READ);
    // An answer without Content-Range is the whole object: a proxy did not pass the range on.
    const size = ContentRange === undefined ? (ContentLength ?? bytes.length) : ContentRange.split('/')[1];
    return { bytes, arrived: LastModified ?? new Date(), whole: Number(size) <= LONGEST_READ };
  } catch (error) {
    if (await isGone(folder, key, error, options)) return undefined;
    throw error;
  }
}

/**
 * S3 answers 403 in place of 404 when the caller may not list the bucket, and an agent may do so only under a condition on the prefix: then
 * the listing decides. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
async function isGone(folder: Folder, key: string, error: unknown, options: CallOptions): Promise<boolean> {
  if (nameOf(error) === 'NoSuchKey') return true;
  if (!isDenied(error)) return false;
  const listed = await listMail(folder, options, key.slice(folder.prefix.length));
  return !listed.some((one) => one.key === key);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

export function isDenied(error: unknown): boolean {
  return /^(AccessDenied|Forbidden|AllAccessDisabled)$/.test(nameOf(error));
}

const TRANSIENT_NAMES = /^(SlowDown|Throttl.*|TooManyRequests.*|RequestLimitExceeded|RequestTimeout.*|TimeoutError)$/;
const TRANSIENT_CODES = /^(ECONNRESET|EPIPE|ETIMEDOUT|EAI_AGAIN)$/;

/**
 * Whether a later call may succeed. The SDK has already retried several times.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
export function isTransient(error: unknown): boolean {
  const { code, $metadata } = error as { code?: unknown; $metadata?: { httpStatusCode?: number } };
  const status = Number($metadata?.httpStatusCode);
  return status >= 500 || status === 429 || TRANSIENT_NAMES.test(nameOf(error)) || TRANSIENT_CODES.test(String(code));
}

/** The error for a call that failed for good. The mailbox's own errors are passed on. */
export function refused({ bucket, prefix }: Folder, error: unknown): MailboxError {
  if (error instanceof MailboxError) return error;
  const cause = { cause: error };
  if (isDenied(error))
    return new MailboxError(
      'ACCESS_DENIED',
      `AWS does not let these credentials read ${prefix} in the bucket ${bucket}. A wallet's mail is read with a session of the data role whose tag ${WALLET_TAG} is that wallet, in lower case: compare it with the wallet in the token that the role was assumed with, and the bucket's policy with both.`,
      cause,
    );
  return new MailboxError('AWS_FAILED', `The mail in the bucket ${bucket} could not be read: ${nameOf(error)}.`, cause);
}
