/**
 * S3's objects, their versions, and what becomes one: multipart uploads.
 */

/** How objects are encrypted at rest. */
export interface Encryption {
  /** `AES256`, `aws:kms` or `aws:kms:dsse`. */
  algorithm: string;
  /** The KMS key as it was named: by its ARN, its id or an alias; absent for AWS's own key for S3, and without KMS. */
  key?: string;
  bucketKeyEnabled?: boolean;
}

export interface StoredObject {
  body: Buffer;
  etag: string;
  modified: Date;
  contentType: string;
  metadata: Record<string, string>;
  tags: Map<string, string>;
  encryption?: Encryption;
  /** Absent: `STANDARD`. */
  storageClass?: string;
  /** The archive tier that Intelligent-Tiering moved the object to: `ARCHIVE_ACCESS` or `DEEP_ARCHIVE_ACCESS`. */
  accessTier?: string;
  /** The restoration of an archived object; in progress until the copy has an expiry date. */
  restore?: { expiry?: Date };
  /** Absent for objects stored before the bucket had versioning: the version id is `null` then. */
  versionId?: string;
}

/** The delete marker of an object in a bucket with versioning. */
export interface DeleteMarker {
  deleteMarker: true;
  versionId: string;
  modified: Date;
}

export type Version = StoredObject | DeleteMarker;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html */
export interface Part {
  body: Buffer;
  etag: string;
  modified: Date;
}

/** An upload, with what the object will have that is made of it. */
export interface MultipartUpload extends Omit<StoredObject, 'body' | 'etag' | 'modified'> {
  id: string;
  key: string;
  created: Date;
  /** By their numbers, 1 to 10,000. */
  parts: Map<number, Part>;
}
