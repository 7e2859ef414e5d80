/**
 * S3: DeleteObject and DeleteObjects.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeletingObjectVersions.html
 */
import { decide } from '../../../access/authorize.js';
import type { Bucket } from '../../../account/state.js';
import { type Operation, RestAnswer } from '../../../operation.js';
import type { S3Request } from '../../../protocols/rest-xml.js';
import { xmlBody, xmlList, xmlText } from '../../../protocols/xml.js';
import { bodyOf } from '../body.js';
import {
  checkMatch,
  checkRegion,
  findBucket,
  findObject,
  objectAccess,
  objectArn,
  requestedVersionId,
  versionedAction,
  xmlAnswer,
} from '../common.js';
import { deleteCurrent, deleteVersion, isMarker } from '../versions.js';

/** The result of a deletion: the version that it named or created, and whether that is a delete marker. */
interface Deletion {
  versionId?: string;
  marker: boolean;
}

function deleteKey(bucket: Bucket, key: string, versionId: string | undefined, now: number): Deletion {
  if (versionId === undefined) {
    const marker = deleteCurrent(bucket, key, new Date(now));
    return { versionId: marker?.versionId, marker: marker !== undefined };
  }
  const version = deleteVersion(bucket, key, versionId);
  return { versionId, marker: version !== undefined && isMarker(version) };
}

const deleteObject: Operation<S3Request> = {
  service: 's3',
  name: 'DeleteObject',
  mutates: true,
  route: { method: 'DELETE', path: '/{Bucket}/{Key+}' },
  // A condition on the ETag needs s3:GetObject too. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
  access: (call) =>
    (call.input.headers['if-match'] ?? '*') === '*'
      ? objectAccess('s3:DeleteObject')(call)
      : [...objectAccess('s3:DeleteObject')(call), ...objectAccess('s3:GetObject')(call)],
  run(call) {
    const bucket = findBucket(call);
    const { Key, headers } = call.input;
    if (headers['if-match'] !== undefined) checkMatch(call, findObject(call, bucket, Key), 'If-Match');
    const { versionId, marker } = deleteKey(bucket, Key, requestedVersionId(call), call.state.now());
    return new RestAnswer(204, {
      ...(versionId !== undefined && { 'x-amz-version-id': versionId }),
      ...(marker && { 'x-amz-delete-marker': 'true' }),
    });
  },
};

const deleteObjects: Operation<S3Request> = {
  service: 's3',
  name: 'DeleteObjects',
  mutates: true,
  route: { method: 'POST', path: '/{Bucket}', subresource: 'delete' },
  // Each key is allowed or denied separately; the answer reports each.
  access(call) {
    checkRegion(call);
    return [];
  },
  run(call) {
    const { state, caller, sourceIp, input } = call;
    const bucket = findBucket(call);
    const root = xmlBody(bodyOf(input), 'Delete');
    const results = xmlList(root, 'Object').map((object) => {
      const Key = String(xmlText(object, 'Key'));
      const VersionId = xmlText(object, 'VersionId');
      const resource = objectArn(state, bucket.name, Key);
      const access = { action: versionedAction('s3:DeleteObject', VersionId), resource };
      if (!decide(state, caller, access, sourceIp).allowed) {
        return { Error: { Key, VersionId, Code: 'AccessDenied', Message: 'Access Denied' } };
      }
      const { versionId, marker } = deleteKey(bucket, Key, VersionId, state.now());
      const deleteMarker = marker ? { DeleteMarker: true, DeleteMarkerVersionId: versionId } : {};
      return { Deleted: { Key, VersionId, ...deleteMarker } };
    });
    const quiet = xmlText(root, 'Quiet') === 'true';
    return xmlAnswer('DeleteResult', {
      Deleted: quiet ? [] : results.flatMap(({ Deleted }) => Deleted ?? []),
      Error: results.flatMap(({ Error: refused }) => refused ?? []),
    });
  },
};

export const deleteObjectOperations: Operation[] = [deleteObject, deleteObjects];
