/**
 * S3: PutObject, and code shared with CopyObject.
 */
import { type Access, type Caller, type Operation, RestAnswer } from '../../../operation.js';
import type { S3Request } from '../../../protocols/rest-xml.js';
import { bodyOf, md5 } from '../body.js';
import { checkAddress, checkPreconditions, findBucket, objectAccess, objectArn, type S3Call } from '../common.js';
import { encryptionFor, encryptionHeaders, kmsAccess } from '../encryption.js';
import { storageClassIn } from '../storage-class.js';
import { tagsIn } from '../tags.js';
import { storeObject, versionHeader } from '../versions.js';

const path = '/{Bucket}/{Key+}';

export const metadataPrefix = 'x-amz-meta-';

/** The user-defined metadata among a request's headers. */
export function metadataIn(headers: Record<string, string>): Record<string, string> {
  const found = Object.entries(headers).filter(([name]) => name.startsWith(metadataPrefix));
  return Object.fromEntries(found.map(([name, value]) => [name.slice(metadataPrefix.length), value]));
}

/** The requester in S3's events: the account, or the service. */
export function requesterOf({ principal }: Caller): string {
  return principal.account ?? principal.arn;
}

/** The permissions to write the request's object, without its tags. */
export function writeAccess(call: S3Call): Access[] {
  checkAddress(call);
  const { state, input } = call;
  const { Bucket, Key } = input;
  const asked = input.headers['x-amz-server-side-encryption'];
  const context = asked === undefined ? undefined : { 's3:x-amz-server-side-encryption': asked };
  const put = { action: 's3:PutObject', resource: objectArn(state, Bucket, Key), context };
  return [put, ...kmsAccess(state, 'kms:GenerateDataKey', encryptionFor(call), Bucket, Key)];
}

/** The permission to set a new object's tags, if it has any. */
export function taggingAccess({ state, input }: S3Call, tags: Map<string, string>): Access[] {
  const action = 's3:PutObjectTagging';
  return tags.size === 0 ? [] : [{ action, resource: objectArn(state, input.Bucket, input.Key) }];
}

const putObject: Operation<S3Request> = {
  service: 's3',
  name: 'PutObject',
  mutates: true,
  route: { method: 'PUT', path },
  access: (call) => [
    ...writeAccess(call),
    ...taggingAccess(call, tagsIn(call.input.headers)),
    // A condition on the ETag reads it.
    ...(call.input.headers['if-match'] === undefined ? [] : objectAccess('s3:GetObject')(call)),
  ],
  run(call) {
    const { state, caller, input, sourceIp } = call;
    const { headers, Key } = input;
    const body = bodyOf(input);
    const bucket = findBucket(call);
    checkPreconditions(call, bucket);
    const object = storeObject(bucket, Key, {
      body,
      etag: `"${md5(body)}"`,
      modified: new Date(state.now()),
      contentType: headers['content-type'] ?? 'binary/octet-stream',
      metadata: metadataIn(headers),
      tags: tagsIn(headers),
      encryption: encryptionFor(call),
      storageClass: storageClassIn(headers),
    });
    state.objectCreated(bucket, Key, 'PutObject', requesterOf(caller), sourceIp);
    const encryptionAndVersion = { ...encryptionHeaders(state, object.encryption), ...versionHeader(bucket, object) };
    return new RestAnswer(200, { etag: object.etag, ...encryptionAndVersion });
  },
};

export const putObjectOperations: Operation[] = [putObject];
