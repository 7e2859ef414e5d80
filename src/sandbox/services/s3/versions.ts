/**
 * The versions of a bucket's objects: which is the current one, what a new one leaves, what a deletion leaves.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html
 */
import { randomBytes } from 'node:crypto';
import type { Bucket, DeleteMarker, StoredObject, Version } from '../../account/state.js';

export function isMarker(version: Version): version is DeleteMarker {
  return 'deleteMarker' in version;
}

export function idOf({ versionId = 'null' }: Version): string {
  return versionId;
}

/** All versions of a key, delete markers among them, the current one first. */
export function versionsOf({ objects, otherVersions }: Bucket, key: string): Version[] {
  const current = objects.get(key);
  return [...(current ? [current] : []), ...(otherVersions?.get(key) ?? [])];
}

/** A key's current version, or the one of an id. */
export function versionAt(bucket: Bucket, key: string, versionId?: string): Version | undefined {
  const versions = versionsOf(bucket, key);
  return versionId === undefined ? versions[0] : versions.find((version) => idOf(version) === versionId);
}

/** Likewise, where it is no delete marker. */
export function objectAt(bucket: Bucket, key: string, versionId?: string): StoredObject | undefined {
  const version = versionAt(bucket, key, versionId);
  return version === undefined || isMarker(version) ? undefined : version;
}

function keep(bucket: Bucket, key: string, versions: Version[]): void {
  const [first, ...rest] = versions;
  const current = first === undefined || isMarker(first) ? undefined : first;
  if (current) bucket.objects.set(key, current);
  else bucket.objects.delete(key);
  const others = current ? rest : versions;
  bucket.otherVersions ??= new Map();
  if (others.length > 0) bucket.otherVersions.set(key, others);
  else bucket.otherVersions.delete(key);
}

/** What stays below a new version: everything, but without versioning, or while that is suspended, there is one version `null`. */
function below(bucket: Bucket, key: string): Version[] {
  const versions = versionsOf(bucket, key);
  return bucket.versioning === 'Enabled' ? versions : versions.filter((version) => idOf(version) !== 'null');
}

function newVersionId({ versioning }: Bucket): string {
  return versioning === 'Enabled' ? randomBytes(24).toString('base64url') : 'null';
}

/** Makes an object the current version of a key. */
export function store(bucket: Bucket, key: string, object: StoredObject): StoredObject {
  const stored = bucket.versioning === undefined ? object : { ...object, versionId: newVersionId(bucket) };
  keep(bucket, key, [stored, ...below(bucket, key)]);
  return stored;
}

/**
 * Deletes an object without naming a version.
 * @returns the delete marker that stands for it now, in a bucket with versioning
 */
export function remove(bucket: Bucket, key: string, modified: Date): DeleteMarker | undefined {
  if (bucket.versioning === undefined) {
    keep(bucket, key, []);
    return undefined;
  }
  const marker: DeleteMarker = { deleteMarker: true, versionId: newVersionId(bucket), modified };
  keep(bucket, key, [marker, ...below(bucket, key)]);
  return marker;
}

/** Deletes one version for good; what is the newest then is the current one. */
export function removeVersion(bucket: Bucket, key: string, versionId: string): Version | undefined {
  const found = versionAt(bucket, key, versionId);
  keep(
    bucket,
    key,
    versionsOf(bucket, key).filter((version) => version !== found),
  );
  return found;
}

/** The header that tells which version an answer is about; none from a bucket that never had versioning. */
export function versionHeader({ versioning }: Bucket, version: Version): Record<string, string> {
  return versioning === undefined ? {} : { 'x-amz-version-id': idOf(version) };
}
