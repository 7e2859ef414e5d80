/**
 * Reads as much of a message as its routing takes, and decides: usually the first 2 kB, never more than 64 kB.
 */
import { GetObjectCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { type Decision, decide } from './decide.js';
import type { RoutingSettings } from './settings.js';

/** SES's trace header ended before byte 353 in every message measured. */
const FIRST_RANGE = 2048;

/** Twice the longest header block measured, and more; bytes. */
const LONGEST_HEADER = 64 * 1024;

/** What the S3 encryption client, which SES uses for a receipt rule with a KMS key, keeps the data key under. */
const ENCRYPTED_DATA_KEY = 'x-amz-key-v2';

/**
 * Reads doubling ranges of a message, each byte once, until `decide` has an answer.
 *
 * @param s3 The client to read with.
 * @param key The message's key.
 * @param settings The bucket, its owner, and what `decide` goes by.
 * @throws {S3ServiceException} what GetObject answers, but for 416 InvalidRange: that is the end of the message.
 */
export async function readAndDecide(
  s3: S3Client,
  key: string,
  settings: RoutingSettings,
): Promise<Exclude<Decision, { kind: 'need-more' }>> {
  let bytes: Uint8Array = new Uint8Array();
  for (let end = FIRST_RANGE; end <= LONGEST_HEADER; end *= 2) {
    const range = await readRange(s3, key, settings, bytes.length, end);
    if (range.encrypted) return { kind: 'stay', reason: 'client-side-encrypted' };
    bytes = Buffer.concat([bytes, range.bytes]);
    if (bytes.length === 0) return { kind: 'stay', reason: 'empty-object' };
    const decision = decide(bytes, bytes.length < end, settings);
    if (decision.kind !== 'need-more') return decision;
  }
  return { kind: 'stay', reason: 'header-too-long' };
}

async function readRange(
  s3: S3Client,
  key: string,
  settings: RoutingSettings,
  from: number,
  end: number,
): Promise<{ bytes: Uint8Array; encrypted: boolean }> {
  const object = await s3
    .send(
      new GetObjectCommand({
        Bucket: settings.bucket,
        Key: key,
        Range: `bytes=${from}-${end - 1}`,
        ExpectedBucketOwner: settings.accountId,
      }),
    )
    .catch(undefinedPastTheEnd);
  return {
    bytes: (await object?.Body?.transformToByteArray()) ?? new Uint8Array(),
    encrypted: object?.Metadata?.[ENCRYPTED_DATA_KEY] !== undefined,
  };
}

/** S3 answers 416 to a range that begins at or past the end, as every range of an empty object does. */
function undefinedPastTheEnd(error: unknown): undefined {
  if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 416) return undefined;
  throw error;
}
