/**
 * S3: GetObject and HeadObject.
 */
import type { AccountState, Bucket, StoredObject } from '../../../account/state.js';
import { type Access, AwsRefusal, type Operation, RestAnswer } from '../../../operation.js';
import type { S3Request } from '../../../protocols/rest-xml.js';
import { checkMatch, findBucket, findObject, objectAccess, requestedObject, type S3Call } from '../common.js';
import { encryptionHeaders, kmsAccess } from '../encryption.js';
import { checkReadable, storageHeaders } from '../storage-class.js';
import { versionHeader } from '../versions.js';
import { metadataPrefix } from './put-object.js';

const path = '/{Bucket}/{Key+}';

/** The permissions to read an object. */
function readAccess(call: S3Call): Access[] {
  const { Bucket, Key } = call.input;
  const encryption = requestedObject(call)?.encryption;
  return [...objectAccess('s3:GetObject')(call), ...kmsAccess(call.state, 'kms:Decrypt', encryption, Bucket, Key)];
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html */
function objectHeaders(state: AccountState, bucket: Bucket, object: StoredObject): Record<string, string> {
  const metadata = Object.entries(object.metadata).map(([name, value]) => [metadataPrefix + name, value]);
  return {
    'accept-ranges': 'bytes',
    'content-type': object.contentType,
    'content-length': String(object.body.length),
    etag: object.etag,
    'last-modified': object.modified.toUTCString(),
    ...(object.tags.size > 0 ? { 'x-amz-tagging-count': String(object.tags.size) } : {}),
    ...encryptionHeaders(state, object.encryption),
    ...storageHeaders(object),
    ...versionHeader(bucket, object),
    ...Object.fromEntries(metadata),
  };
}

/**
 * A Range header's first and last byte; undefined for an invalid header, which S3 ignores.
 * https://www.rfc-editor.org/rfc/rfc9110#name-range
 * @throws {AwsRefusal} InvalidRange when it is outside the object
 */
function rangeOf(header: string | undefined, size: number): { first: number; last: number } | undefined {
  const match = /^bytes=(?:(\d+)-(\d*)|-(\d+))$/.exec(String(header));
  if (!match) return undefined;
  const [, start, end, suffix] = match;
  const first = start === undefined ? Math.max(size - Number(suffix), 0) : Number(start);
  const last = end ? Math.min(Number(end), size - 1) : size - 1;
  if (first <= last) return { first, last };
  throw new AwsRefusal('InvalidRange', 'The requested range is not satisfiable', 416, {
    RangeRequested: String(header),
    ActualObjectSize: String(size),
  });
}

const getObject: Operation<S3Request> = {
  service: 's3',
  name: 'GetObject',
  mutates: false,
  route: { method: 'GET', path },
  access: readAccess,
  run(call) {
    const bucket = findBucket(call);
    const object = findObject(call, bucket, call.input.Key);
    checkMatch(call, object, 'If-Match');
    checkReadable(object, "The operation is not valid for the object's storage class");
    const described = objectHeaders(call.state, bucket, object);
    const size = object.body.length;
    const range = rangeOf(call.input.headers.range, size);
    if (!range) return new RestAnswer(200, described, object.body);
    const body = object.body.subarray(range.first, range.last + 1);
    const part = {
      'content-length': String(body.length),
      'content-range': `bytes ${range.first}-${range.last}/${size}`,
    };
    return new RestAnswer(206, { ...described, ...part }, body);
  },
};

const headObject: Operation<S3Request> = {
  service: 's3',
  name: 'HeadObject',
  mutates: false,
  route: { method: 'HEAD', path },
  access: readAccess,
  run(call) {
    const bucket = findBucket(call);
    const object = findObject(call, bucket, call.input.Key);
    checkMatch(call, object, 'If-Match');
    return new RestAnswer(200, objectHeaders(call.state, bucket, object));
  },
};

export const getObjectOperations: Operation[] = [getObject, headObject];
