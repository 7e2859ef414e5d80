/**
 * S3: CopyObject. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 */
import type { StoredObject } from '../../../account/state.js';
import { type Access, AwsRefusal, type Operation } from '../../../operation.js';
import type { S3Request } from '../../../protocols/rest-xml.js';
import { decodedUri } from '../../../protocols/route.js';
import {
  checkMatch,
  checkPreconditions,
  existingTags,
  findBucket,
  findObject,
  objectArn,
  type S3Call,
  versionedAction,
  xmlAnswer,
} from '../common.js';
import { encryptionFor, encryptionHeaders, kmsAccess } from '../encryption.js';
import { checkReadable, storageClassIn } from '../storage-class.js';
import { tagsIn } from '../tags.js';
import { objectAt, storeObject, versionHeader, versionIdOf } from '../versions.js';
import { metadataIn, requesterOf, taggingAccess, writeAccess } from './put-object.js';

export interface Source {
  bucket: string;
  key: string;
  versionId?: string;
  object?: StoredObject;
}

/** `bucket/key` or `/bucket/key`, URL-encoded, and perhaps `?versionId=…` after it. */
export function sourceOf({ state, input }: S3Call): Source {
  const [path = '', versionId] = String(input.headers['x-amz-copy-source']).split('?versionId=');
  const [, name = '', key = ''] = /^\/?([^/]*)\/(.*)$/s.exec(decodedUri(path)) ?? [];
  const bucket = state.s3.buckets.get(name);
  return { bucket: name, key, versionId, object: bucket && objectAt(bucket, key, versionId) };
}

/** The new object's tags: the source's, unless the request says REPLACE. */
function newTags({ input }: S3Call, source: StoredObject | undefined): Map<string, string> {
  return input.headers['x-amz-tagging-directive'] === 'REPLACE' ? tagsIn(input.headers) : new Map(source?.tags);
}

/** The new object's metadata and content type: the source's, unless the request says REPLACE. */
function newMetadata({ input }: S3Call, source: StoredObject): Pick<StoredObject, 'metadata' | 'contentType'> {
  if (input.headers['x-amz-metadata-directive'] !== 'REPLACE') return source;
  const contentType = input.headers['content-type'] ?? 'binary/octet-stream';
  return { metadata: metadataIn(input.headers), contentType };
}

/** The permissions to read a copy's source. @param withTags whether its tags are copied too, which needs the permission to read them */
export function sourceAccess(
  call: S3Call,
  { bucket, key, versionId, object }: Source,
  withTags = call.input.headers['x-amz-tagging-directive'] !== 'REPLACE',
): Access[] {
  const resource = objectArn(call.state, bucket, key);
  const context = existingTags(object);
  const get = { action: versionedAction('s3:GetObject', versionId), resource, context };
  const copiesTags = withTags && Object.keys(context).length > 0;
  return copiesTags ? [get, { action: versionedAction('s3:GetObjectTagging', versionId), resource, context }] : [get];
}

const copyObject: Operation<S3Request> = {
  service: 's3',
  name: 'CopyObject',
  mutates: true,
  route: { method: 'PUT', path: '/{Bucket}/{Key+}', header: 'x-amz-copy-source' },
  access(call) {
    const source = sourceOf(call);
    return [
      ...writeAccess(call),
      ...sourceAccess(call, source),
      ...taggingAccess(call, newTags(call, source.object)),
      ...kmsAccess(call.state, 'kms:Decrypt', source.object?.encryption, source.bucket, source.key),
    ];
  },
  run(call) {
    const { state, input, caller, sourceIp } = call;
    const source = sourceOf(call);
    const from = findBucket(call, source.bucket, 'x-amz-source-expected-bucket-owner');
    const bucket = findBucket(call);
    const original = findObject(call, from, source.key, source.versionId);
    checkReadable(original, "Operation is not valid for the source object's storage class");
    checkMatch(call, original, 'x-amz-copy-source-If-Match');
    checkPreconditions(call, bucket);
    const itself = from === bucket && source.key === input.Key && source.versionId === undefined;
    if (itself && input.headers['x-amz-metadata-directive'] !== 'REPLACE') {
      throw new AwsRefusal(
        'InvalidRequest',
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
      );
    }
    const copy = storeObject(bucket, input.Key, {
      ...newMetadata(call, original),
      body: original.body,
      etag: original.etag,
      modified: new Date(state.now()),
      tags: newTags(call, original),
      encryption: encryptionFor(call),
      storageClass: storageClassIn(input.headers),
    });
    state.objectCreated(bucket, input.Key, 'CopyObject', requesterOf(caller), sourceIp);
    const result = { LastModified: copy.modified, ETag: copy.etag };
    return xmlAnswer('CopyObjectResult', result, {
      ...encryptionHeaders(state, copy.encryption),
      ...versionHeader(bucket, copy),
      ...(from.versioning && { 'x-amz-copy-source-version-id': versionIdOf(original) }),
    });
  },
};

export const copyObjectOperations: Operation[] = [copyObject];
