/**
 * S3's objects: putting and getting them.
 */
import { createHash } from 'node:crypto';
import type { AccountState, Bucket, StoredObject } from '../../account/state.js';
import { type Access, AwsRefusal, type Caller, type Operation, RestAnswer } from '../../operation.js';
import type { S3Request } from '../../protocols/rest-xml.js';
import {
  bucketOf,
  objectArn,
  objectAsked,
  objectOf,
  onObject,
  preconditions,
  regional,
  type S3Call,
} from './common.js';
import { encryptionFor, encryptionHeaders, keyAccess } from './encryption.js';
import { store, versionHeader } from './versions.js';

const path = '/{Bucket}/{Key+}';
const metadataPrefix = 'x-amz-meta-';

/** The user-defined metadata among a request's headers. */
export function metadataIn(headers: Record<string, string>): Record<string, string> {
  const found = Object.entries(headers).filter(([name]) => name.startsWith(metadataPrefix));
  return Object.fromEntries(found.map(([name, value]) => [name.slice(metadataPrefix.length), value]));
}

/** The tags of the `x-amz-tagging` header: `key=value&…`, URL-encoded. */
export function tagsIn(headers: Record<string, string>): Map<string, string> {
  return new Map(new URLSearchParams(headers['x-amz-tagging']));
}

/** Who created an object, as S3's events name them: the account, or the service. */
export function requesterOf({ principal }: Caller): string {
  return principal.account ?? principal.arn;
}

/** What writing the request's object needs, apart from its tags. */
export function writeAccess(call: S3Call): Access[] {
  regional(call);
  const { state, input } = call;
  const { Bucket, Key } = input;
  const asked = input.headers['x-amz-server-side-encryption'];
  const context = asked === undefined ? undefined : { 's3:x-amz-server-side-encryption': asked };
  const put = { action: 's3:PutObject', resource: objectArn(state, Bucket, Key), context };
  return [put, ...keyAccess(state, 'kms:GenerateDataKey', encryptionFor(call), Bucket, Key)];
}

/** The permission to give a new object its tags, where it has any. */
export function taggingAccess({ state, input }: S3Call, tags: Map<string, string>): Access[] {
  const action = 's3:PutObjectTagging';
  return tags.size === 0 ? [] : [{ action, resource: objectArn(state, input.Bucket, input.Key) }];
}

/** What reading an object needs. */
function readAccess(call: S3Call): Access[] {
  const { Bucket, Key } = call.input;
  const encryption = objectAsked(call)?.encryption;
  return [...onObject('s3:GetObject')(call), ...keyAccess(call.state, 'kms:Decrypt', encryption, Bucket, Key)];
}

const putObject: Operation<S3Request> = {
  service: 's3',
  name: 'PutObject',
  mutates: true,
  route: { method: 'PUT', path },
  access: (call) => [...writeAccess(call), ...taggingAccess(call, tagsIn(call.input.headers))],
  run(call) {
    const { state, caller, input, sourceIp } = call;
    const { headers, body, Key } = input;
    const bucket = bucketOf(call);
    preconditions(call, bucket);
    const object = store(bucket, Key, {
      body,
      etag: `"${createHash('md5').update(body).digest('hex')}"`,
      modified: new Date(state.now()),
      contentType: headers['content-type'] ?? 'binary/octet-stream',
      metadata: metadataIn(headers),
      tags: tagsIn(headers),
      encryption: encryptionFor(call),
    });
    state.objectCreated(bucket, Key, 'PutObject', requesterOf(caller), sourceIp);
    const told = { ...encryptionHeaders(state, object.encryption), ...versionHeader(bucket, object) };
    return new RestAnswer(200, { etag: object.etag, ...told });
  },
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html */
function describe(state: AccountState, bucket: Bucket, object: StoredObject): Record<string, string> {
  const metadata = Object.entries(object.metadata).map(([name, value]) => [metadataPrefix + name, value]);
  return {
    'accept-ranges': 'bytes',
    'content-type': object.contentType,
    'content-length': String(object.body.length),
    etag: object.etag,
    'last-modified': object.modified.toUTCString(),
    ...(object.tags.size > 0 ? { 'x-amz-tagging-count': String(object.tags.size) } : {}),
    ...encryptionHeaders(state, object.encryption),
    ...versionHeader(bucket, object),
    ...Object.fromEntries(metadata),
  };
}

/**
 * A Range header's first and last byte; undefined for a header that S3 does not understand, which it ignores.
 * https://www.rfc-editor.org/rfc/rfc9110#name-range
 * @throws {AwsRefusal} InvalidRange when it lies outside the object
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
    const bucket = bucketOf(call);
    const object = objectOf(call, bucket, call.input.Key);
    const described = describe(call.state, bucket, object);
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
    const bucket = bucketOf(call);
    return new RestAnswer(200, describe(call.state, bucket, objectOf(call, bucket, call.input.Key)));
  },
};

export const objectOperations: Operation[] = [putObject, getObject, headObject];
