/**
 * What the operations of multipart uploads share. https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
import type { MultipartUpload } from '../../../account/objects.js';
import type { Bucket } from '../../../account/state.js';
import { type Access, AwsRefusal } from '../../../operation.js';
import { findBucket, objectAccess, type S3Call } from '../common.js';
import { kmsAccess } from '../encryption.js';

export const objectPath = '/{Bucket}/{Key+}';

function uploadIn(call: S3Call, bucket: Bucket | undefined): MultipartUpload | undefined {
  const { Key, query } = call.input;
  return bucket?.uploads?.find(({ id, key }) => id === query.get('uploadId') && key === Key);
}

/** The upload that a request names. @throws {AwsRefusal} NoSuchBucket, NoSuchUpload */
export function findUpload(call: S3Call): { bucket: Bucket; upload: MultipartUpload } {
  const bucket = findBucket(call);
  const upload = uploadIn(call, bucket);
  if (upload) return { bucket, upload };
  const message =
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.';
  throw new AwsRefusal('NoSuchUpload', message, 404, { UploadId: String(call.input.query.get('uploadId')) });
}

export function removeUpload(bucket: Bucket, upload: MultipartUpload): void {
  bucket.uploads = bucket.uploads?.filter((each) => each !== upload);
}

/**
 * The permissions to write a part, or the whole object from its parts. With a KMS key S3 decrypts the parts.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions
 */
export function partAccess(call: S3Call): Access[] {
  const { Bucket, Key } = call.input;
  const encryption = uploadIn(call, call.state.s3.buckets.get(Bucket))?.encryption;
  return [...objectAccess('s3:PutObject')(call), ...kmsAccess(call.state, 'kms:Decrypt', encryption, Bucket, Key)];
}

/** The number of entries of a page, and the last number of the page before. */
export function pageOf(query: URLSearchParams, limit: string): { most: number; marker: number } {
  return {
    most: Math.min(Number(query.get(limit) ?? 1000), 1000),
    marker: Number(query.get('part-number-marker') ?? 0),
  };
}
