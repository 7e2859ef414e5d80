/**
 * S3: UploadPart, UploadPartCopy and ListParts.
 */
import type { MultipartUpload, Part } from '../../../account/objects.js';
import { AwsRefusal, type Operation, RestAnswer } from '../../../operation.js';
import type { S3Request } from '../../../protocols/rest-xml.js';
import { bodyOf, md5 } from '../body.js';
import { checkMatch, findBucket, findObject, objectAccess, type S3Call, xmlAnswer } from '../common.js';
import { encryptionHeaders, kmsAccess } from '../encryption.js';
import { sourceAccess, sourceOf } from '../objects/copy-object.js';
import { checkReadable } from '../storage-class.js';
import { findUpload, pageOf, partAccess, objectPath as path } from './common.js';

/** @throws {AwsRefusal} InvalidArgument */
function partNumberIn({ input }: S3Call): number {
  const number = Number(input.query.get('partNumber'));
  if (Number.isInteger(number) && number >= 1 && number <= 10_000) return number;
  throw new AwsRefusal('InvalidArgument', 'Part number must be an integer between 1 and 10000, inclusive', 400, {
    ArgumentName: 'partNumber',
    ArgumentValue: String(input.query.get('partNumber')),
  });
}

/** Stores a part, in place of an earlier one of that number. */
function storePart(call: S3Call, upload: MultipartUpload, body: Buffer): Part {
  const part = { body, etag: `"${md5(body)}"`, modified: new Date(call.state.now()) };
  upload.parts.set(partNumberIn(call), part);
  return part;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html */
const uploadPart: Operation<S3Request> = {
  service: 's3',
  name: 'UploadPart',
  mutates: true,
  route: { method: 'PUT', path, subresource: 'uploadId' },
  access: partAccess,
  run(call) {
    const { upload } = findUpload(call);
    const { etag } = storePart(call, upload, bodyOf(call.input));
    return new RestAnswer(200, { etag, ...encryptionHeaders(call.state, upload.encryption) });
  },
};

/** The bytes of a source that a part is made of. @throws {AwsRefusal} InvalidArgument */
function rangeOf(body: Buffer, header: string | undefined): Buffer {
  if (header === undefined) return body;
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(header) ?? [];
  if (first !== undefined && Number(first) <= Number(last) && Number(last) < body.length) {
    return body.subarray(Number(first), Number(last) + 1);
  }
  throw new AwsRefusal(
    'InvalidArgument',
    `The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy, for source object of size: ${body.length}`,
  );
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html */
const uploadPartCopy: Operation<S3Request> = {
  service: 's3',
  name: 'UploadPartCopy',
  mutates: true,
  route: { method: 'PUT', path, subresource: 'uploadId', header: 'x-amz-copy-source' },
  access(call) {
    const source = sourceOf(call);
    const { bucket, key, object } = source;
    return [
      ...partAccess(call),
      ...sourceAccess(call, source, false),
      ...kmsAccess(call.state, 'kms:Decrypt', object?.encryption, bucket, key),
    ];
  },
  run(call) {
    const source = sourceOf(call);
    const from = findBucket(call, source.bucket, 'x-amz-source-expected-bucket-owner');
    const { upload } = findUpload(call);
    const original = findObject(call, from, source.key, source.versionId);
    checkReadable(original, "Operation is not valid for the source object's storage class");
    checkMatch(call, original, 'x-amz-copy-source-If-Match');
    const body = rangeOf(original.body, call.input.headers['x-amz-copy-source-range']);
    const { etag, modified } = storePart(call, upload, body);
    const headers = encryptionHeaders(call.state, upload.encryption);
    return xmlAnswer('CopyPartResult', { LastModified: modified, ETag: etag }, headers);
  },
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html */
const listParts: Operation<S3Request> = {
  service: 's3',
  name: 'ListParts',
  mutates: false,
  route: { method: 'GET', path, subresource: 'uploadId' },
  access: objectAccess('s3:ListMultipartUploadParts'),
  run(call) {
    const { bucket, upload } = findUpload(call);
    const { most, marker } = pageOf(call.input.query, 'max-parts');
    const rest = [...upload.parts].filter(([number]) => number > marker).sort(([a], [b]) => a - b);
    const page = rest.slice(0, most);
    const IsTruncated = rest.length > page.length;
    return xmlAnswer('ListPartsResult', {
      Bucket: bucket.name,
      Key: upload.key,
      UploadId: upload.id,
      StorageClass: upload.storageClass ?? 'STANDARD',
      PartNumberMarker: marker,
      NextPartNumberMarker: page.at(-1)?.[0] ?? 0,
      MaxParts: most,
      IsTruncated,
      Part: page.map(([PartNumber, { body, etag, modified }]) => {
        return { PartNumber, LastModified: modified, ETag: etag, Size: body.length };
      }),
    });
  },
};

export const partOperations: Operation[] = [uploadPart, uploadPartCopy, listParts];
