/**
 * S3: CreateMultipartUpload, AbortMultipartUpload and ListMultipartUploads.
 */
import { randomBytes } from 'node:crypto';
import { AwsRefusal, type Operation } from '../../../operation.js';
import type { S3Request } from '../../../protocols/rest-xml.js';
import { bucketAccess, findBucket, objectAccess, xmlAnswer } from '../common.js';
import { encryptionFor, encryptionHeaders } from '../encryption.js';
import { byBytes } from '../key-order.js';
import { metadataIn, taggingAccess, writeAccess } from '../objects/put-object.js';
import { storageClassIn } from '../storage-class.js';
import { tagsIn } from '../tags.js';
import { findUpload, pageOf, objectPath as path, removeUpload } from './common.js';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html */
const createMultipartUpload: Operation<S3Request> = {
  service: 's3',
  name: 'CreateMultipartUpload',
  mutates: true,
  route: { method: 'POST', path, subresource: 'uploads' },
  access: (call) => [...writeAccess(call), ...taggingAccess(call, tagsIn(call.input.headers))],
  run(call) {
    const { Key: key, headers } = call.input;
    const bucket = findBucket(call);
    const id = randomBytes(48).toString('base64url');
    const encryption = encryptionFor(call);
    const upload = {
      id,
      key,
      created: new Date(call.state.now()),
      parts: new Map(),
      contentType: headers['content-type'] ?? 'binary/octet-stream',
      metadata: metadataIn(headers),
      tags: tagsIn(headers),
      encryption,
      storageClass: storageClassIn(headers),
    };
    bucket.uploads = [...(bucket.uploads ?? []), upload];
    const result = { Bucket: bucket.name, Key: key, UploadId: id };
    return xmlAnswer('InitiateMultipartUploadResult', result, encryptionHeaders(call.state, encryption));
  },
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html */
const abortMultipartUpload: Operation<S3Request> = {
  service: 's3',
  name: 'AbortMultipartUpload',
  mutates: true,
  route: { method: 'DELETE', path, subresource: 'uploadId', status: 204 },
  access: objectAccess('s3:AbortMultipartUpload'),
  run(call) {
    const { bucket, upload } = findUpload(call);
    removeUpload(bucket, upload);
  },
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html */
const listMultipartUploads: Operation<S3Request> = {
  service: 's3',
  name: 'ListMultipartUploads',
  mutates: false,
  route: { method: 'GET', path: '/{Bucket}', subresource: 'uploads' },
  access: bucketAccess('s3:ListBucketMultipartUploads'),
  run(call) {
    const { query } = call.input;
    const unknown = ['delimiter', 'encoding-type'].find((name) => query.has(name));
    if (unknown !== undefined) {
      throw new AwsRefusal(
        'NotImplemented',
        `The embedded AWS's ListMultipartUploads does not support ${unknown}.`,
        501,
      );
    }
    const bucket = findBucket(call);
    const prefix = query.get('prefix') ?? '';
    const keyMarker = query.get('key-marker') ?? '';
    const { most } = pageOf(query, 'max-uploads');
    const all = (bucket.uploads ?? [])
      .filter(({ key }) => key.startsWith(prefix))
      .sort((a, b) => byBytes(a.key, b.key) || a.created.getTime() - b.created.getTime());
    const marker = all.findIndex(({ id, key }) => key === keyMarker && id === query.get('upload-id-marker'));
    const rest = marker === -1 ? all.filter(({ key }) => byBytes(key, keyMarker) > 0) : all.slice(marker + 1);
    const page = rest.slice(0, most);
    const last = rest.length > page.length ? page.at(-1) : undefined;
    return xmlAnswer('ListMultipartUploadsResult', {
      Bucket: bucket.name,
      Prefix: prefix,
      KeyMarker: keyMarker,
      UploadIdMarker: query.get('upload-id-marker') ?? '',
      NextKeyMarker: last?.key,
      NextUploadIdMarker: last?.id,
      MaxUploads: most,
      IsTruncated: last !== undefined,
      Upload: page.map(({ id, key, created, storageClass }) => {
        return { Key: key, UploadId: id, StorageClass: storageClass ?? 'STANDARD', Initiated: created };
      }),
    });
  },
};

export const multipartUploadOperations: Operation[] = [
  createMultipartUpload,
  abortMultipartUpload,
  listMultipartUploads,
];
