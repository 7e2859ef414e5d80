/**
 * Reads as much of a message as the decision needs, usually the first 2 kB, at most 64 kB, and decides.
 */
import type { Readable } from 'node:stream';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { isArchived, isPreconditionFailed, S3CallError } from './failure.js';
import { type Decision, decide, type Reason } from './mail/decide.js';
import type { RoutingSettings } from './settings.js';

/** SES's trace header ended before byte 353 in every message measured. */
const FIRST_RANGE = 2048;

/** More than twice the longest header block measured; bytes. */
const LONGEST_HEADER = 64 * 1024;

/** The metadata in which the S3 encryption client, which SES uses for a receipt rule with a KMS key, stores the data key. */
const ENCRYPTED_DATA_KEY = 'x-amz-key-v2';

/** How often a message is read if it is replaced meanwhile. */
const READ_ATTEMPTS = 3;

/** How often a range is requested if its body is truncated. Until the body's first byte, the client itself retries. */
const BODY_ATTEMPTS = 3;

/** A decision, and what was read for it. */
export interface ReadDecision {
  decision: Exclude<Decision, { kind: 'need-more' }>;
  headerBytesRead: number;
  /** What was read. */
  header: Uint8Array;
  /** The ETag of the object that was read. */
  etag: string | undefined;
}

/** A range of an object. */
interface Range {
  bytes: Uint8Array;
  /** Whether it is the end of the object. */
  last: boolean;
  encrypted: boolean;
  etag: string | undefined;
}

/**
 * Reads doubling ranges of a message, each byte once, until `decide` has an answer. All are of the same object: if it is
 * replaced meanwhile, the message is read from the start.
 *
 * @param s3 The client to read with.
 * @param key The message's key.
 * @param settings The bucket, its owner, and the settings of `decide`.
 * @param signal Aborts the call.
 * @throws {S3CallError} GetObject's error, except 416 InvalidRange, which is the end of the message; `PreconditionFailed` if the message was
 *   replaced during each attempt.
 */
export async function readAndDecide(
  s3: S3Client,
  key: string,
  settings: RoutingSettings,
  signal?: AbortSignal,
  attempt = 1,
): Promise<ReadDecision> {
  try {
    return await readOnce(s3, key, settings, signal);
  } catch (error) {
    if (isArchived(error))
      return {
        decision: { kind: 'stay', reason: 'archived' },
        headerBytesRead: 0,
        header: new Uint8Array(),
        etag: undefined,
      };
    if (!isPreconditionFailed(error) || attempt === READ_ATTEMPTS) throw error;
  }
  return readAndDecide(s3, key, settings, signal, attempt + 1);
}

async function readOnce(
  s3: S3Client,
  key: string,
  settings: RoutingSettings,
  signal: AbortSignal | undefined,
): Promise<ReadDecision> {
  let bytes: Uint8Array = new Uint8Array();
  let etag: string | undefined;
  const read = (decision: ReadDecision['decision']) => ({
    decision,
    headerBytesRead: bytes.length,
    header: bytes,
    etag,
  });
  const stay = (reason: Reason) => read({ kind: 'stay', reason });
  for (let end = FIRST_RANGE; end <= LONGEST_HEADER; end *= 2) {
    const range = await readRange(s3, key, settings, { from: bytes.length, end, etag }, signal);
    bytes = Buffer.concat([bytes, range.bytes]);
    etag = range.etag;
    if (range.encrypted) return stay('client-side-encrypted');
    if (bytes.length === 0) return stay('empty-object');
    const decision = decide(bytes, range.last, settings);
    if (decision.kind !== 'need-more') return read(decision);
  }
  return stay('header-too-long');
}

async function readRange(
  s3: S3Client,
  key: string,
  settings: RoutingSettings,
  part: { from: number; end: number; etag: string | undefined },
  signal: AbortSignal | undefined,
  attempt = 1,
): Promise<Range> {
  const { from, end, etag } = part;
  const get = new GetObjectCommand({
    Bucket: settings.bucket,
    Key: key,
    Range: `bytes=${from}-${end - 1}`,
    IfMatch: etag,
    ExpectedBucketOwner: settings.accountId,
  });
  const answer = await s3.send(get, { abortSignal: signal }).catch(undefinedPastTheEnd);
  if (answer === undefined) return { bytes: new Uint8Array(), last: true, encrypted: false, etag };
  const { Body, ContentRange, ContentLength, ETag, Metadata } = answer;
  // Without a Content-Range it is the whole object: a proxy did not pass the range on.
  const skip = ContentRange === undefined ? from : 0;
  const size = ContentRange === undefined ? ContentLength : Number(ContentRange.split('/')[1]);
  try {
    // In Node.js the body is one of its own streams.
    const bytes = await firstBytes(Body as Readable, skip, end - from);
    const encrypted = Metadata?.[ENCRYPTED_DATA_KEY] !== undefined;
    return { bytes, last: from + bytes.length === size, encrypted, etag: ETag };
  } catch (error) {
    if (attempt === BODY_ATTEMPTS) throw new S3CallError('GetObject', error);
  }
  return readRange(s3, key, settings, part, signal, attempt + 1);
}

/** Reads some bytes of a stream, without buffering or awaiting the rest. */
async function firstBytes(stream: Readable, skip: number, count: number): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of stream) {
    pieces.push(piece);
    length += piece.length;
    // Not at exactly the last byte: leaving a stream before its end closes the connection.
    if (length > skip + count) break;
  }
  return Buffer.concat(pieces).subarray(skip, skip + count);
}

/** S3 returns 416 for a range that begins at or past the end, such as every range of an empty object. */
function undefinedPastTheEnd(cause: unknown): undefined {
  const error = new S3CallError('GetObject', cause);
  if (error.status === 416) return undefined;
  throw error;
}
