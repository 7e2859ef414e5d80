/**
 * Copies one message within S3 to where one wallet reads it. Doing it twice, or twice at once, ends the same.
 */
import { setTimeout } from 'node:timers/promises';
import { CopyObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { S3CallError } from './failure.js';
import type { RoutingSettings } from './settings.js';

/** How often a copy is tried when S3 answers 409 ConditionalRequestConflict: another write of the same key is under way. */
const CONFLICT_ATTEMPTS = 4;

/** The pause after the first 409, growing by as much with each one; milliseconds. */
const CONFLICT_PAUSE = 50;

/**
 * Copies server-side, with the metadata and without the tags: those would take tagging permissions.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 *
 * @param from The message's key.
 * @param to The copy's key.
 * @param signal Ends the call under way.
 * @returns false when the copy was there already (412 PreconditionFailed).
 * @throws {S3CallError}
 */
export async function copy(
  s3: S3Client,
  from: string,
  to: string,
  settings: RoutingSettings,
  signal?: AbortSignal,
  attempt = 1,
): Promise<boolean> {
  const command = new CopyObjectCommand({
    Bucket: settings.bucket,
    Key: to,
    // The SDK sends it as it is; S3 decodes it.
    CopySource: `${settings.bucket}/${from.split('/').map(encodeURIComponent).join('/')}`,
    IfNoneMatch: '*',
    TaggingDirective: 'REPLACE',
    ExpectedBucketOwner: settings.accountId,
    ExpectedSourceBucketOwner: settings.accountId,
  });
  try {
    await s3.send(command, { abortSignal: signal });
    return true;
  } catch (cause) {
    const error = new S3CallError('CopyObject', cause);
    if (error.status === 412) return false;
    if (error.status !== 409 || attempt === CONFLICT_ATTEMPTS) throw error;
  }
  await setTimeout(CONFLICT_PAUSE * attempt);
  return copy(s3, from, to, settings, signal, attempt + 1);
}
