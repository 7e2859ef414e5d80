/**
 * Copies one message within S3 to where one wallet reads it. Doing it twice, or twice at once, has the same result.
 */
import { CopyObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { retryConflicts } from './conflict.js';
import { isPreconditionFailed } from './failure.js';
import type { RoutingSettings } from './settings.js';

/** A message as it was read. */
export interface Source {
  key: string;
  /** The ETag of the object that was read. */
  etag: string | undefined;
}

/**
 * Copies server-side, with the metadata and without the tags: those would take tagging permissions.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 *
 * Two conditions apply: the message is still the one that was read, and there is no copy yet. S3 returns 412 PreconditionFailed when
 * either does not hold, and names the header: `If-None-Match` for the copy, `x-amz-copy-source-If-Match` for the message. Only the
 * first means that the copy exists. The function can't look for it instead: the execution role may neither read nor list copies.
 *
 * @param to The copy's key.
 * @param signal Aborts the call.
 * @returns false when the copy existed already.
 * @throws {S3CallError} `PreconditionFailed` when the message was replaced since it was read, or when S3 does not name the header.
 */
export async function copy(
  s3: S3Client,
  source: Source,
  to: string,
  settings: RoutingSettings,
  signal?: AbortSignal,
): Promise<boolean> {
  const command = new CopyObjectCommand({
    Bucket: settings.bucket,
    Key: to,
    // The SDK sends it unchanged; S3 decodes it.
    CopySource: `${settings.bucket}/${source.key.split('/').map(encodeURIComponent).join('/')}`,
    CopySourceIfMatch: source.etag,
    IfNoneMatch: '*',
    TaggingDirective: 'REPLACE',
    ExpectedBucketOwner: settings.accountId,
    ExpectedSourceBucketOwner: settings.accountId,
  });
  try {
    await retryConflicts('CopyObject', () => s3.send(command, { abortSignal: signal }));
    return true;
  } catch (error) {
    if (isPreconditionFailed(error) && error.unmetCondition?.toLowerCase() === 'if-none-match') return false;
    throw error;
  }
}
