/**
 * A wallet's folder in the mail bucket: what lies there, and the first part of each message. Nothing outside `bots/<wallet>/inbound/` is
 * ever asked for.
 */
import type { ListObjectsV2CommandOutput, S3Client } from '@aws-sdk/client-s3';
import { routedKey, routedPrefix } from '../../handler/mail/address.js';
import { WALLET_TAG } from '../agentkeys/names.js';
import type { SdkClient } from './client.js';
import { MailboxError } from './errors.js';
import { LONGEST_READ } from './reading/message.js';
import { loadS3 } from './sdk.js';

/** A wallet's folder, and how to get there. */
export interface Folder {
  s3: SdkClient;
  bucket: string;
  /** In lower case. */
  wallet: string;
  /** The account that the bucket has to be of. */
  account?: string;
}

/** A message that lies there. */
export interface Stored {
  id: string;
  arrived: Date;
  /** Bytes. */
  size: number;
}

/** The first part of a message. */
export interface FirstPart {
  bytes: Uint8Array;
  arrived: Date;
  /** Whether that is all of it. */
  whole: boolean;
}

/** What every call has in common. */
function common({ bucket, account }: Folder) {
  return { Bucket: bucket, ...(account === undefined ? {} : { ExpectedBucketOwner: account }) };
}

/** What is handed in is a client of the SDK: see {@link SdkClient}. */
function clientOf({ s3 }: Folder): S3Client {
  return s3 as S3Client;
}

/**
 * Lists the messages, the newest first. S3 lists by key, and SES's ids say nothing of the time: all pages are read.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 *
 * @param only the beginning of the ids that are of interest.
 */
export async function listMail(folder: Folder, abortSignal?: AbortSignal, only = ''): Promise<Stored[]> {
  const { ListObjectsV2Command } = await loadS3();
  const prefix = routedPrefix(folder.wallet);
  const found: Stored[] = [];
  let token: string | undefined;
  do {
    const command = new ListObjectsV2Command({ ...common(folder), Prefix: prefix + only, ContinuationToken: token });
    const page: ListObjectsV2CommandOutput = await clientOf(folder).send(command, { abortSignal });
    for (const { Key, LastModified, Size } of page.Contents ?? []) {
      const id = String(Key).slice(prefix.length);
      const size = Number(Size);
      // An empty object, as the console makes one for a folder, is no message; nor is what lies deeper.
      if (size > 0 && isMessageId(id)) found.push({ id, arrived: new Date(Number(LastModified)), size });
    }
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return found.sort((a, b) => b.arrived.getTime() - a.arrived.getTime());
}

/** SES's ids are letters and digits; a path that leads elsewhere is none. */
export function isMessageId(id: string): boolean {
  return /^[\w-][\w.-]{0,255}$/.test(id);
}

/**
 * Reads the first part of a message, with a range: the rest is neither sent nor kept.
 *
 * @returns undefined when it is not there.
 */
export async function readMail(folder: Folder, id: string, abortSignal?: AbortSignal): Promise<FirstPart | undefined> {
  const { GetObjectCommand } = await loadS3();
  const Range = `bytes=0-${LONGEST_READ - 1}`;
  const command = new GetObjectCommand({ ...common(folder), Key: routedKey(folder.wallet, id), Range });
  try {
    const { Body, LastModified, ContentRange, ContentLength } = await clientOf(folder).send(command, { abortSignal });
    const bytes = await firstBytes(Body as AsyncIterable<Uint8Array>);
    // Without a Content-Range it is the whole object: what lies between here and S3 did not pass the range on.
    const size = ContentRange === undefined ? ContentLength : ContentRange.split('/')[1];
    return { bytes, arrived: new Date(Number(LastModified)), whole: Number(size) <= LONGEST_READ };
  } catch (error) {
    if (await isGone(folder, id, error, abortSignal)) return undefined;
    throw error;
  }
}

/** No more than this is kept in any case. */
async function firstBytes(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of stream) {
    pieces.push(piece);
    length += piece.length;
    if (length > LONGEST_READ) break;
  }
  return Buffer.concat(pieces).subarray(0, LONGEST_READ);
}

/**
 * S3 answers 403 in place of 404 to whoever may not list the bucket, and an agent may do so only under a condition on the prefix: then the
 * listing tells. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
async function isGone(folder: Folder, id: string, error: unknown, signal?: AbortSignal): Promise<boolean> {
  if (nameOf(error) === 'NoSuchKey') return true;
  if (!isDenied(error)) return false;
  const there = await listMail(folder, signal, id);
  return !there.some((one) => one.id === id);
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
 * Whether S3 may well answer when it is asked again later. The SDK has tried several times by then.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
export function isTransient(error: unknown): boolean {
  const { code, $metadata } = error as { code?: unknown; $metadata?: { httpStatusCode?: number } };
  const status = Number($metadata?.httpStatusCode);
  return status >= 500 || status === 429 || TRANSIENT_NAMES.test(nameOf(error)) || TRANSIENT_CODES.test(String(code));
}

/** What is told of a call that failed for good. Errors of the mailbox's own stay what they are. */
export function refused({ bucket, wallet }: Folder, error: unknown): MailboxError {
  if (error instanceof MailboxError) return error;
  const cause = { cause: error };
  if (isDenied(error))
    return new MailboxError(
      'ACCESS_DENIED',
      `AWS does not let these credentials read ${routedPrefix(wallet)} in the bucket ${bucket}. A wallet's mail is read with a session of the data role whose tag ${WALLET_TAG} is that wallet, in lower case: compare it with the wallet in the token that the role was assumed with, and the bucket's policy with both.`,
      cause,
    );
  return new MailboxError('AWS_FAILED', `The mail in the bucket ${bucket} could not be read: ${nameOf(error)}.`, cause);
}
