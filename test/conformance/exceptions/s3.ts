/** Where moto's S3 differs from AWS's, and what the embedded AWS's leaves out. */
import type { Exception } from './index.js';

const api = 'https://docs.aws.amazon.com/AmazonS3/latest/API/';
const guide = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/';

const malformed = ['no JSON', 'no principal', "another bucket's resource", 'a condition that its action does not know'];

const answers: Exception[] = [
  {
    in: ['s3:HeadBucket, of another owner than expected'],
    path: 'answer',
    moto: '200',
    here: '403 Unknown',
    aws: 'if the account ID that you provide does not match the actual owner, the request fails with 403 Forbidden',
    page: `${api}API_HeadBucket.html`,
  },
  {
    in: ['s3:PutBucketPolicy, new', 's3:PutBucketPolicy, that lets SES in'],
    path: 'answer',
    moto: '200',
    here: '204',
    aws: 'the sample response is HTTP/1.1 204 No Content',
    page: `${api}API_PutBucketPolicy.html`,
  },
  {
    in: malformed.map((title) => `s3:PutBucketPolicy, ${title}`),
    path: 'answer',
    moto: '200',
    here: '400 MalformedPolicy',
    aws: 'MalformedPolicy, 400: your policy contains a principal, an action, a resource … that is not valid',
    page: `${api}ErrorResponses.html`,
  },
  {
    in: ['s3:GetBucketPolicyStatus, no policy'],
    path: 'answer',
    moto: '200',
    here: '404 NoSuchBucketPolicy',
    aws: 'the policy status of a bucket; moto does not know it, and lists the bucket',
    page: `${api}API_GetBucketPolicyStatus.html`,
  },
  {
    in: ['s3:GetBucketOwnershipControls, of a new bucket'],
    path: 'answer',
    moto: '404 OwnershipControlsNotFoundError',
    here: '200',
    aws: 'all new buckets have S3 Object Ownership set to bucket owner enforced',
    page: `${guide}create-bucket-faq.html`,
  },
  {
    in: ['s3:PutBucketAcl, where there are none'],
    path: 'answer',
    moto: '200',
    here: '400 AccessControlListNotSupported',
    aws: 'with bucket owner enforced, requests to set ACLs fail and return the AccessControlListNotSupported error code',
    page: `${api}API_PutBucketAcl.html`,
  },
  {
    in: ['s3:GetBucketEncryption, none was set'],
    path: 'answer',
    moto: '404 ServerSideEncryptionConfigurationNotFoundError',
    here: '200',
    aws: 'all buckets have default encryption; if it was not set, server-side encryption with S3 managed keys is used',
    page: `${api}API_GetBucketEncryption.html`,
  },
  {
    in: ['s3:PutBucketNotificationConfiguration, a queue that is not there'],
    path: 'answer',
    moto: '200',
    here: '400 InvalidArgument',
    aws: 'S3 verifies that the destination exists and that the bucket owner has permission to publish to it',
    page: `${api}API_PutBucketNotificationConfiguration.html`,
  },
  {
    in: ['s3:CopyObject, there, if there is none'],
    path: 'answer',
    moto: '200',
    here: '412 PreconditionFailed',
    aws: 'copies the object if the object key name at the destination does not exist, else 412',
    page: `${api}API_CopyObject.html`,
  },
  {
    in: ['s3:CopyObject, if the source is another'],
    path: 'answer',
    moto: '200',
    here: '412 PreconditionFailed',
    aws: 'x-amz-copy-source-if-match: copies the object if its entity tag (ETag) matches the specified tag',
    page: `${api}API_CopyObject.html`,
  },
];

const members: Exception[] = [
  ...Object.entries({ QueueConfigurations: 'prefix', TopicConfigurations: 'suffix' }).map(([list, name]) => ({
    in: ['s3:GetBucketNotificationConfiguration, of every kind, and EventBridge'],
    path: `${list}[].Filter.Key.FilterRules[].Name`,
    moto: `"${name}"`,
    here: `"${name[0]?.toUpperCase()}${name.slice(1)}"`,
    aws: 'S3 answers with Prefix and Suffix, reported to AWS as such',
    page: 'https://github.com/aws/aws-sdk/issues/389',
  })),
  {
    in: ['s3:GetBucketPolicyStatus, of a public one'],
    path: 'PolicyStatus.IsPublic',
    moto: 'absent',
    here: 'true',
    aws: 'the policy status for this bucket: TRUE indicates that it is public',
    page: `${api}API_PolicyStatus.html`,
  },
  {
    in: ['s3:GetObjectLockConfiguration, set'],
    path: 'ObjectLockConfiguration.Rule.DefaultRetention.Years',
    moto: '0',
    here: 'absent',
    aws: 'the period can be either Days or Years but you must select one',
    page: `${api}API_DefaultRetention.html`,
  },
  {
    in: ['s3:GetBucketAcl'],
    path: 'Owner.DisplayName',
    moto: '"webfile"',
    here: 'absent',
    aws: 'S3 no longer returns DisplayName',
    page: `${api}API_Owner.html`,
  },
  {
    in: ['s3:PutObject', 's3:GetObject', 's3:HeadObject', 's3:CopyObject'],
    path: 'ServerSideEncryption',
    moto: 'absent',
    here: '"AES256"',
    aws: 'all new object uploads to S3 are encrypted by default, and the x-amz-server-side-encryption header says so',
    page: `${guide}default-encryption-faq.html`,
  },
  {
    in: ['s3:ListObjectsV2, the last page'],
    path: 'ContinuationToken',
    moto: 'absent',
    here: '"a string"',
    aws: 'if ContinuationToken was sent with the request, it is included in the response',
    page: `${api}API_ListObjectsV2.html`,
  },
  {
    in: ['s3:DeleteObjects, quietly'],
    path: 'Deleted',
    moto: 'a list',
    here: 'absent',
    aws: 'in quiet mode the response includes only keys where the delete action encountered an error',
    page: `${api}API_DeleteObjects.html`,
  },
  {
    in: ['s3:ListObjectVersions'],
    path: 'VersionIdMarker',
    moto: '""',
    here: 'absent',
    aws: 'marks the last version of the key returned in a truncated response: here none is asked for',
    page: `${api}API_ListObjectVersions.html`,
  },
];

const checksums = {
  aws: 'S3 keeps the checksum that an object was uploaded with, and tells it',
  page: `${guide}checking-object-integrity.html`,
  leftOut: 'a check on the way, which the SDK makes only where S3 tells one; the loopback has no need of it',
};

const leftOut: Exception[] = [
  ...['ueLPug==', 'AAAAAA=='].map((value) => ({
    in: ['s3:PutObject'],
    path: 'ChecksumCRC32',
    moto: `"${value}"`,
    here: 'absent',
    ...checksums,
  })),
  { in: ['s3:GetObject', 's3:CopyObject'], path: 'ChecksumCRC32', moto: '"ueLPug=="', here: 'absent', ...checksums },
  { in: ['s3:ListObjectsV2'], path: 'ChecksumAlgorithm', moto: 'a list', here: 'absent', ...checksums },
  {
    in: ['s3:ListObjectVersions'],
    path: 'Owner',
    moto: 'an object',
    here: 'absent',
    aws: 'information about the object owner',
    page: `${api}API_ObjectVersion.html`,
    leftOut: 'nothing here reads it: all objects are of the account',
  },
];

export const s3Exceptions: Exception[] = [...answers, ...members, ...leftOut];
