/**
 * S3's storage classes, and objects that are archived: they are listed and described, but not read or copied before they are restored.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/archived-objects.html
 */
import type { StoredObject } from '../../account/state.js';
import { AwsRefusal } from '../../operation.js';

const CLASSES = new Set([
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'GLACIER_IR',
  'DEEP_ARCHIVE',
]);

/**
 * The storage class that a request gives a new object; undefined for STANDARD.
 * @throws {AwsRefusal} InvalidStorageClass
 */
export function storageClassIn(headers: Record<string, string>): string | undefined {
  const name = headers['x-amz-storage-class'] ?? 'STANDARD';
  if (!CLASSES.has(name)) throw new AwsRefusal('InvalidStorageClass', 'The storage class you specified is not valid');
  return name === 'STANDARD' ? undefined : name;
}

/** @throws {AwsRefusal} InvalidObjectState where the object is archived and no restored copy of it exists */
export function checkReadable(object: StoredObject, message: string): void {
  const { storageClass, accessTier, restore } = object;
  const archived = storageClass === 'GLACIER' || storageClass === 'DEEP_ARCHIVE' || accessTier !== undefined;
  if (!archived || restore?.expiry !== undefined) return;
  throw new AwsRefusal('InvalidObjectState', message, 403, { StorageClass: storageClass, AccessTier: accessTier });
}

/** The headers that describe an object's storage; none for STANDARD. https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html */
export function storageHeaders({ storageClass, accessTier, restore }: StoredObject): Record<string, string> {
  return {
    ...(storageClass !== undefined && { 'x-amz-storage-class': storageClass }),
    ...(accessTier !== undefined && { 'x-amz-archive-status': accessTier }),
    ...(restore !== undefined && {
      'x-amz-restore':
        restore.expiry === undefined
          ? 'ongoing-request="true"'
          : `ongoing-request="false", expiry-date="${restore.expiry.toUTCString()}"`,
    }),
  };
}

/** What a listing says about an object's storage, and about its restoration if the request asks for that. */
export function storageListed({ storageClass, restore }: StoredObject, headers: Record<string, string>) {
  const asked = headers['x-amz-optional-object-attributes'] === 'RestoreStatus';
  return {
    StorageClass: storageClass ?? 'STANDARD',
    ...(asked &&
      restore && {
        RestoreStatus: { IsRestoreInProgress: restore.expiry === undefined, RestoreExpiryDate: restore.expiry },
      }),
  };
}
