/**
 * Shared by S3's operations: finding the bucket and the object, and the permissions that they need.
 */
import { decide } from '../../access/authorize.js';
import type { AccountState, Bucket, StoredObject } from '../../account/state.js';
import { type Access, AwsRefusal, type OperationCall, RestAnswer } from '../../operation.js';
import type { S3Request } from '../../protocols/rest-xml.js';
import { xmlDocument } from '../../protocols/xml.js';
import { objectAt, versionAt, versionIdOf } from './versions.js';

export type S3Call = OperationCall<S3Request>;

export function bucketArn(state: AccountState, bucket: string): string {
  return `arn:${state.partition}:s3:::${bucket}`;
}

export function objectArn(state: AccountState, bucket: string, key: string): string {
  return `${bucketArn(state, bucket)}/${key}`;
}

/** An answer with an XML body. */
export function xmlAnswer(root: string, value: unknown, headers: Record<string, string> = {}): RestAnswer {
  const body = xmlDocument(`${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/"`, value, 'flat');
  return new RestAnswer(200, { 'content-type': 'application/xml', ...headers }, body);
}

/**
 * Redirects a caller that requests a bucket of another region.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingRouting.html
 * @throws {AwsRefusal} PermanentRedirect
 */
export function checkRegion({ state, input }: S3Call): void {
  const bucket = state.s3.buckets.get(input.Bucket);
  if (!bucket || input.region === undefined || input.region === bucket.region) return;
  throw new AwsRefusal(
    'PermanentRedirect',
    'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
    301,
    { Bucket: bucket.name, Endpoint: `s3.${bucket.region}.amazonaws.com` },
    { 'x-amz-bucket-region': bucket.region },
  );
}

/** Bytes of UTF-8. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const longestKey = 1024;

/** Checks the request's bucket and key. @throws {AwsRefusal} PermanentRedirect; KeyTooLongError */
export function checkAddress(call: S3Call): void {
  checkRegion(call);
  const size = Buffer.byteLength(call.input.Key);
  if (size <= longestKey) return;
  throw new AwsRefusal('KeyTooLongError', 'Your key is too long', 400, { Size: size, MaxSizeAllowed: longestKey });
}

/** A permission for the request's bucket. */
export function bucketAccess(action: string) {
  return (call: S3Call): Access[] => {
    checkRegion(call);
    return [{ action, resource: bucketArn(call.state, call.input.Bucket) }];
  };
}

/** The requested version. */
export function requestedVersionId({ input }: S3Call): string | undefined {
  return input.query.get('versionId') ?? undefined;
}

/** The action for a version instead of the object: `s3:GetObjectVersion` for `s3:GetObject`. */
export function versionedAction(action: string, versionId: string | undefined): string {
  return versionId === undefined ? action : action.replace('Object', 'ObjectVersion');
}

/** The existing object with the request's bucket, key and version. */
export function requestedObject(call: S3Call): StoredObject | undefined {
  const bucket = call.state.s3.buckets.get(call.input.Bucket);
  return bucket && objectAt(bucket, call.input.Key, requestedVersionId(call));
}

/** A permission for the request's object, or for the requested version of it. */
export function objectAccess(action: string) {
  return (call: S3Call): Access[] => {
    checkAddress(call);
    const resource = objectArn(call.state, call.input.Bucket, call.input.Key);
    const context = existingTags(requestedObject(call));
    return [{ action: versionedAction(action, requestedVersionId(call)), resource, context }];
  };
}

/** The condition keys of an existing object. */
export function existingTags(object: StoredObject | undefined): Record<string, string> {
  return Object.fromEntries([...(object?.tags ?? [])].map(([key, value]) => [`s3:ExistingObjectTag/${key}`, value]));
}

/**
 * The request's bucket, or another bucket that it names.
 * @param owner the header with the expected owner
 * @throws {AwsRefusal} NoSuchBucket; AccessDenied when its owner is not the expected one
 */
export function findBucket(
  { state, input }: S3Call,
  name = input.Bucket,
  owner = 'x-amz-expected-bucket-owner',
): Bucket {
  const bucket = state.s3.buckets.get(name);
  if (!bucket) {
    throw new AwsRefusal('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: name });
  }
  if ((input.headers[owner] ?? bucket.owner) !== bucket.owner) {
    throw new AwsRefusal('AccessDenied', 'Access Denied', 403);
  }
  return bucket;
}

/**
 * An object, or the requested version of it. A caller that may not list the bucket does not learn that a key is missing.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 * @throws {AwsRefusal} NoSuchKey; AccessDenied instead for a caller without s3:ListBucket; NoSuchVersion; MethodNotAllowed
 *   where the requested version is a delete marker
 */
export function findObject(
  call: S3Call,
  bucket: Bucket,
  key: string,
  versionId = requestedVersionId(call),
): StoredObject {
  const object = objectAt(bucket, key, versionId);
  if (object) return object;
  const marker = versionAt(bucket, key, versionId);
  const headers: Record<string, string> = marker
    ? { 'x-amz-delete-marker': 'true', 'x-amz-version-id': versionIdOf(marker) }
    : {};
  if (marker && versionId !== undefined) {
    const message = 'The specified method is not allowed against this resource.';
    throw new AwsRefusal('MethodNotAllowed', message, 405, { Method: 'GET' }, { ...headers, allow: 'DELETE' });
  }
  const { state, caller, sourceIp } = call;
  const list = { action: 's3:ListBucket', resource: bucketArn(state, bucket.name) };
  if (!decide(state, caller, list, sourceIp).allowed) throw new AwsRefusal('AccessDenied', 'Access Denied', 403);
  if (versionId === undefined) {
    throw new AwsRefusal('NoSuchKey', 'The specified key does not exist.', 404, { Key: key }, headers);
  }
  throw new AwsRefusal('NoSuchVersion', 'The specified version does not exist.', 404, {
    Key: key,
    VersionId: versionId,
  });
}

/** @param condition the header whose condition was not met, in S3's spelling */
function preconditionFailed(condition: string): AwsRefusal {
  const message = 'At least one of the pre-conditions you specified did not hold';
  return new AwsRefusal('PreconditionFailed', message, 412, { Condition: condition });
}

/**
 * Checks the conditions of a write. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 * @throws {AwsRefusal} PreconditionFailed when the request requires a new object and the object exists, or an ETag that it does not have;
 *   NoSuchKey when it requires an ETag and there is no object
 */
export function checkPreconditions(call: S3Call, bucket: Bucket): void {
  const { headers, Key } = call.input;
  if (headers['if-none-match'] === '*' && bucket.objects.has(Key)) throw preconditionFailed('If-None-Match');
  if (headers['if-match'] !== undefined) checkMatch(call, findObject(call, bucket, Key), 'If-Match');
}

/**
 * Checks that an object has the ETag that the request requires.
 * @param header the header with the ETag, in S3's spelling: `If-Match`, or `x-amz-copy-source-If-Match` for a copy's source
 * @throws {AwsRefusal} PreconditionFailed
 */
export function checkMatch({ input }: S3Call, { etag }: StoredObject, header: string): void {
  const expected = input.headers[header.toLowerCase()];
  if (expected === undefined || expected === '*' || unquoted(expected) === unquoted(etag)) return;
  throw preconditionFailed(header);
}

/** An ETag may be sent without its quotes. */
export function unquoted(etag: string): string {
  return etag.replace(/^"(.*)"$/, '$1');
}
