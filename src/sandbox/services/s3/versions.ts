/**
 * The versions of a bucket's objects: the current one, and the effect of a new object and of a deletion.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html
 */
import { randomBytes } from 'node:crypto';
import type { Bucket, DeleteMarker, StoredObject, Version } from '../../account/state.js';

export function isMarker(version: Version): version is DeleteMarker {
  return 'deleteMarker' in version;
}

export function versionIdOf({ versionId = 'null' }: Version): string {
  return versionId;
}

/** All versions of a key, including delete markers, the current one first. */
export function versionsOf({ objects, otherVersions }: Bucket, key: string): Version[] {
  const current = objects.get(key);
  return [...(current ? [current] : []), ...(otherVersions?.get(key) ?? [])];
}

/** A key's current version, or the one with this id. */
export function versionAt(bucket: Bucket, key: string, versionId?: string): Version | undefined {
  const versions = versionsOf(bucket, key);
  return versionId === undefined ? versions[0] : versions.find((version) => versionIdOf(version) === versionId);
}

/** The same, unless it is a delete marker. */
export function objectAt(bucket: Bucket, key: string, versionId?: string): StoredObject | undefined {
  const version = versionAt(bucket, key, versionId);
  return version === undefined || isMarker(version) ? undefined : version;
}

function setVersions(bucket: Bucket, key: string, versions: Version[]): void {
  const [first, ...rest] = versions;
  const current = first === undefined || isMarker(first) ? undefined : first;
  if (current) bucket.objects.set(key, current);
  else bucket.objects.delete(key);
  const others = current ? rest : versions;
  bucket.otherVersions ??= new Map();
  if (others.length > 0) bucket.otherVersions.set(key, others);
  else bucket.otherVersions.delete(key);
}

/** The versions that a new one does not replace: without versioning, or while it is suspended, the version `null` is replaced. */
function versionsKeptBelow(bucket: Bucket, key: string): Version[] {
  const versions = versionsOf(bucket, key);
  return bucket.versioning === 'Enabled' ? versions : versions.filter((version) => versionIdOf(version) !== 'null');
}

function newVersionId({ versioning }: Bucket): string {
  return versioning === 'Enabled' ? randomBytes(24).toString('base64url') : 'null';
}

/** Makes an object the current version of a key. */
export function storeObject(bucket: Bucket, key: string, object: StoredObject): StoredObject {
  const stored = bucket.versioning === undefined ? object : { ...object, versionId: newVersionId(bucket) };
  setVersions(bucket, key, [stored, ...versionsKeptBelow(bucket, key)]);
  return stored;
}

/**
 * Deletes an object without naming a version.
 * @returns the delete marker, in a bucket with versioning
 */
export function deleteCurrent(bucket: Bucket, key: string, modified: Date): DeleteMarker | undefined {
  if (bucket.versioning === undefined) {
    setVersions(bucket, key, []);
    return undefined;
  }
  const marker: DeleteMarker = { deleteMarker: true, versionId: newVersionId(bucket), modified };
  setVersions(bucket, key, [marker, ...versionsKeptBelow(bucket, key)]);
  return marker;
}

/** Deletes one version permanently; the newest remaining version becomes the current one. */
export function deleteVersion(bucket: Bucket, key: string, versionId: string): Version | undefined {
  const found = versionAt(bucket, key, versionId);
  setVersions(
    bucket,
    key,
    versionsOf(bucket, key).filter((version) => version !== found),
  );
  return found;
}

/** The header with the version; empty for a bucket that never had versioning. */
export function versionHeader({ versioning }: Bucket, version: Version): Record<string, string> {
  return versioning === undefined ? {} : { 'x-amz-version-id': versionIdOf(version) };
}
