/**
 * S3's objects: putting, reading in part, copying, listing, tags, deleting.
 */
import { createHash } from 'node:crypto';
import * as api from '@aws-sdk/client-s3';
import type { Account, Case } from '../account.js';

const Bucket = 'conformance-objects';
const nobody = { Bucket: 'conformance-not-there', Key: 'inbound/one' };
const there = { Bucket, Key: 'inbound/one' };
const missing = { Bucket, Key: 'inbound/none' };
const empty = { Bucket, Key: 'inbound/empty' };
const Body = 'Subject: one\r\n\r\nHello.\r\n';
const etag = `"${createHash('md5').update(Body).digest('hex')}"`;
const CopySource = `${Bucket}/inbound/one`;
const copied = { Bucket, Key: 'bots/0x1111/inbound/one' };

const reading: Case[] = [
  { title: 'for objects', send: ({ s3 }) => s3.send(new api.CreateBucketCommand({ Bucket })) },
  {
    title: 'with everything',
    send: ({ s3 }) =>
      s3.send(
        new api.PutObjectCommand({
          ...there,
          Body,
          ContentType: 'message/rfc822',
          Metadata: { origin: 'ses' },
          Tagging: 'team=mail',
        }),
      ),
  },
  { title: 'empty', send: ({ s3 }) => s3.send(new api.PutObjectCommand({ ...empty, Body: new Uint8Array() })) },
  {
    title: 'new, if there is none',
    send: ({ s3 }) => s3.send(new api.PutObjectCommand({ Bucket, Key: 'new', Body, IfNoneMatch: '*' })),
  },
  {
    title: 'there, if there is none',
    send: ({ s3 }) => s3.send(new api.PutObjectCommand({ ...there, Body, IfNoneMatch: '*' })),
  },
  {
    title: 'there, if it is another',
    send: ({ s3 }) => s3.send(new api.PutObjectCommand({ ...there, Body, IfMatch: '"other"' })),
  },
  { title: 'no bucket', send: ({ s3 }) => s3.send(new api.PutObjectCommand({ ...nobody, Body })) },
  { title: 'whole', send: ({ s3 }) => s3.send(new api.GetObjectCommand(there)) },
  { title: 'a range', send: ({ s3 }) => s3.send(new api.GetObjectCommand({ ...there, Range: 'bytes=0-6' })) },
  {
    title: 'a range longer than the object',
    send: ({ s3 }) => s3.send(new api.GetObjectCommand({ ...there, Range: 'bytes=0-2047' })),
  },
  { title: 'the last bytes', send: ({ s3 }) => s3.send(new api.GetObjectCommand({ ...there, Range: 'bytes=-4' })) },
  {
    title: 'a range past the end',
    send: ({ s3 }) => s3.send(new api.GetObjectCommand({ ...there, Range: 'bytes=100-200' })),
  },
  {
    title: 'a range of an empty object',
    send: ({ s3 }) => s3.send(new api.GetObjectCommand({ ...empty, Range: 'bytes=0-2047' })),
  },
  { title: 'if it is as expected', send: ({ s3 }) => s3.send(new api.GetObjectCommand({ ...there, IfMatch: etag })) },
  {
    title: 'if it is another',
    send: ({ s3 }) => s3.send(new api.GetObjectCommand({ ...there, IfMatch: '"other"' })),
  },
  { title: 'not there', send: ({ s3 }) => s3.send(new api.GetObjectCommand(missing)) },
  { title: 'no bucket', send: ({ s3 }) => s3.send(new api.GetObjectCommand(nobody)) },
  { title: 'there', send: ({ s3 }) => s3.send(new api.HeadObjectCommand(there)) },
  { title: 'not there', send: ({ s3 }) => s3.send(new api.HeadObjectCommand(missing)) },
  { title: 'no bucket', send: ({ s3 }) => s3.send(new api.HeadObjectCommand(nobody)) },
];

const copying: Case[] = [
  {
    title: 'new, if there is none, without its tags',
    send: ({ s3 }) =>
      s3.send(new api.CopyObjectCommand({ ...copied, CopySource, IfNoneMatch: '*', TaggingDirective: 'REPLACE' })),
  },
  {
    title: 'there, if there is none',
    send: ({ s3 }) =>
      s3.send(new api.CopyObjectCommand({ ...copied, CopySource, IfNoneMatch: '*', TaggingDirective: 'REPLACE' })),
  },
  {
    title: 'if the source is as expected',
    send: ({ s3 }) => s3.send(new api.CopyObjectCommand({ ...copied, CopySource, CopySourceIfMatch: etag })),
  },
  {
    title: 'if the source is another',
    send: ({ s3 }) => s3.send(new api.CopyObjectCommand({ ...copied, CopySource, CopySourceIfMatch: '"other"' })),
  },
  { title: 'with its tags', send: ({ s3 }) => s3.send(new api.CopyObjectCommand({ ...copied, CopySource })) },
  {
    title: 'onto itself',
    send: ({ s3 }) => s3.send(new api.CopyObjectCommand({ ...there, CopySource })),
  },
  {
    title: 'no source',
    send: ({ s3 }) => s3.send(new api.CopyObjectCommand({ ...copied, CopySource: `${Bucket}/inbound/none` })),
  },
  {
    title: "no source's bucket",
    send: ({ s3 }) => s3.send(new api.CopyObjectCommand({ ...copied, CopySource: 'conformance-not-there/x' })),
  },
  { title: 'a copy', send: ({ s3 }) => s3.send(new api.HeadObjectCommand(copied)) },
  { title: 'one', send: ({ s3 }) => s3.send(new api.GetObjectTaggingCommand(there)) },
  { title: 'none', send: ({ s3 }) => s3.send(new api.GetObjectTaggingCommand(empty)) },
  { title: 'not there', send: ({ s3 }) => s3.send(new api.GetObjectTaggingCommand(missing)) },
  {
    title: 'another',
    send: ({ s3 }) =>
      s3.send(new api.PutObjectTaggingCommand({ ...there, Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } })),
  },
  {
    title: 'eleven',
    send: ({ s3 }) => {
      const TagSet = Array.from({ length: 11 }, (_, index) => ({ Key: `key-${index}`, Value: '' }));
      return s3.send(new api.PutObjectTaggingCommand({ ...there, Tagging: { TagSet } }));
    },
  },
  {
    title: 'not there',
    send: ({ s3 }) =>
      s3.send(new api.PutObjectTaggingCommand({ ...missing, Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } })),
  },
];

const listing: Case[] = [
  { title: 'all', send: ({ s3 }) => s3.send(new api.ListObjectsV2Command({ Bucket })) },
  {
    title: 'by prefix and delimiter',
    send: ({ s3 }) => s3.send(new api.ListObjectsV2Command({ Bucket, Prefix: 'bots/', Delimiter: '/' })),
  },
  { title: 'none', send: ({ s3 }) => s3.send(new api.ListObjectsV2Command({ Bucket, Prefix: 'nothing/' })) },
  {
    title: 'the first page',
    async send({ s3, kept }) {
      const answer = await s3.send(new api.ListObjectsV2Command({ Bucket, Prefix: 'inbound/', MaxKeys: 1 }));
      kept.set('page', String(answer.NextContinuationToken));
      return answer;
    },
  },
  {
    title: 'the last page',
    send: ({ s3, kept }) =>
      s3.send(
        new api.ListObjectsV2Command({
          Bucket,
          Prefix: 'inbound/',
          MaxKeys: 1,
          ContinuationToken: kept.get('page'),
        }),
      ),
  },
  {
    title: 'after a key, URL-encoded',
    send: ({ s3 }) =>
      s3.send(new api.ListObjectsV2Command({ Bucket, StartAfter: 'inbound/empty', EncodingType: 'url' })),
  },
  { title: 'no bucket', send: ({ s3 }) => s3.send(new api.ListObjectsV2Command({ Bucket: nobody.Bucket })) },
  { title: 'all', send: ({ s3 }) => s3.send(new api.ListObjectsCommand({ Bucket })) },
  {
    title: 'by delimiter',
    send: ({ s3 }) => s3.send(new api.ListObjectsCommand({ Bucket, Delimiter: '/' })),
  },
  {
    title: 'after a key',
    send: ({ s3 }) => s3.send(new api.ListObjectsCommand({ Bucket, Marker: 'inbound/empty' })),
  },
  { title: 'no bucket', send: ({ s3 }) => s3.send(new api.ListObjectsCommand({ Bucket: nobody.Bucket })) },
  {
    title: 'if it is another',
    send: ({ s3 }) => s3.send(new api.DeleteObjectCommand({ ...there, IfMatch: '"other"' })),
  },
  {
    title: 'if it is as expected',
    send: ({ s3 }) => s3.send(new api.DeleteObjectCommand({ ...copied, IfMatch: etag })),
  },
  {
    title: 'not there, if it is as expected',
    send: ({ s3 }) => s3.send(new api.DeleteObjectCommand({ ...copied, IfMatch: etag })),
  },
  { title: 'there', send: ({ s3 }) => s3.send(new api.DeleteObjectCommand(there)) },
  { title: 'not there', send: ({ s3 }) => s3.send(new api.DeleteObjectCommand(missing)) },
  { title: 'no bucket', send: ({ s3 }) => s3.send(new api.DeleteObjectCommand(nobody)) },
  {
    title: 'one there, one not',
    send: ({ s3 }) =>
      s3.send(
        new api.DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: empty.Key }, { Key: missing.Key }] } }),
      ),
  },
  {
    title: 'quietly',
    send: ({ s3 }) =>
      s3.send(new api.DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: copied.Key }], Quiet: true } })),
  },
  {
    title: 'no bucket',
    send: ({ s3 }) =>
      s3.send(new api.DeleteObjectsCommand({ Bucket: nobody.Bucket, Delete: { Objects: [{ Key: 'x' }] } })),
  },
];

const versioned = { Bucket: 'conformance-versions', Key: 'inbound/one' };

const versions: Case[] = [
  { title: 'for versions', send: ({ s3 }) => s3.send(new api.CreateBucketCommand({ Bucket: versioned.Bucket })) },
  {
    title: 'on, for versions',
    send: ({ s3 }) =>
      s3.send(
        new api.PutBucketVersioningCommand({
          Bucket: versioned.Bucket,
          VersioningConfiguration: { Status: 'Enabled' },
        }),
      ),
  },
  {
    title: 'a version',
    async send({ s3, kept }) {
      const answer = await s3.send(new api.PutObjectCommand({ ...versioned, Body }));
      kept.set('version', String(answer.VersionId));
      return answer;
    },
  },
  { title: 'with a delete marker', send: ({ s3 }) => s3.send(new api.DeleteObjectCommand(versioned)) },
  { title: 'deleted', send: ({ s3 }) => s3.send(new api.GetObjectCommand(versioned)) },
  { title: 'deleted', send: ({ s3 }) => s3.send(new api.HeadObjectCommand(versioned)) },
  {
    title: 'an older version',
    send: ({ s3, kept }) => s3.send(new api.GetObjectCommand({ ...versioned, VersionId: kept.get('version') })),
  },
  {
    title: 'a version and a delete marker',
    send: ({ s3 }) => s3.send(new api.ListObjectVersionsCommand({ Bucket: versioned.Bucket })),
  },
  { title: 'no bucket', send: ({ s3 }) => s3.send(new api.ListObjectVersionsCommand({ Bucket: nobody.Bucket })) },
  {
    title: 'a version',
    send: ({ s3, kept }) => s3.send(new api.DeleteObjectCommand({ ...versioned, VersionId: kept.get('version') })),
  },
];

const large = { Bucket, Key: 'large' };
const fiveMiB = Buffer.alloc(5 * 1024 * 1024, 'a');
const part = (PartNumber: number, body: Uint8Array | string) => {
  return { PartNumber, ETag: `"${createHash('md5').update(body).digest('hex')}"` };
};
/** An upload's operation, for the upload that was created last. */
const uploading = (
  title: string,
  send: (upload: { UploadId: string }) => (account: Account) => Promise<object>,
): Case => ({
  title,
  send: (account) => send({ UploadId: String(account.kept.get('upload')) })(account),
});
const created = (title: string): Case => ({
  title,
  async send({ s3, kept }) {
    const answer = await s3.send(new api.CreateMultipartUploadCommand({ ...large, ContentType: 'text/plain' }));
    kept.set('upload', String(answer.UploadId));
    return answer;
  },
});
const completed = (title: string, ...Parts: object[]): Case =>
  uploading(title, (upload) => ({ s3 }) => {
    return s3.send(new api.CompleteMultipartUploadCommand({ ...large, ...upload, MultipartUpload: { Parts } }));
  });

const uploads: Case[] = [
  created('an object'),
  { title: 'no bucket', send: ({ s3 }) => s3.send(new api.CreateMultipartUploadCommand(nobody)) },
  uploading('the first', (upload) => ({ s3 }) => {
    return s3.send(new api.UploadPartCommand({ ...large, ...upload, PartNumber: 1, Body: fiveMiB }));
  }),
  uploading('a small one', (upload) => ({ s3 }) => {
    return s3.send(new api.UploadPartCommand({ ...large, ...upload, PartNumber: 2, Body: 'x' }));
  }),
  uploading('number 10,001', (upload) => ({ s3 }) => {
    return s3.send(new api.UploadPartCommand({ ...large, ...upload, PartNumber: 10_001, Body: 'x' }));
  }),
  {
    title: 'no upload',
    send: ({ s3 }) => s3.send(new api.UploadPartCommand({ ...large, UploadId: 'none', PartNumber: 1, Body: 'x' })),
  },
  uploading('of an object', (upload) => ({ s3 }) => {
    return s3.send(new api.UploadPartCopyCommand({ ...large, ...upload, PartNumber: 3, CopySource }));
  }),
  uploading('of a range', (upload) => ({ s3 }) => {
    const range = { CopySource, CopySourceRange: 'bytes=0-3' };
    return s3.send(new api.UploadPartCopyCommand({ ...large, ...upload, PartNumber: 3, ...range }));
  }),
  uploading(
    'three',
    (upload) =>
      ({ s3 }) =>
        s3.send(new api.ListPartsCommand({ ...large, ...upload })),
  ),
  { title: 'no upload', send: ({ s3 }) => s3.send(new api.ListPartsCommand({ ...large, UploadId: 'none' })) },
  { title: 'one', send: ({ s3 }) => s3.send(new api.ListMultipartUploadsCommand({ Bucket })) },
  completed('without parts'),
  completed('in another order', part(2, 'x'), part(1, fiveMiB)),
  completed('a part that is another', part(1, 'x')),
  completed('a small part before the last', part(2, 'x'), part(3, Body.slice(0, 4))),
  completed('all', part(1, fiveMiB), part(2, 'x')),
  { title: 'of two parts', send: ({ s3 }) => s3.send(new api.HeadObjectCommand(large)) },
  completed('again', part(1, fiveMiB), part(2, 'x')),
  created('another'),
  uploading(
    'there',
    (upload) =>
      ({ s3 }) =>
        s3.send(new api.AbortMultipartUploadCommand({ ...large, ...upload })),
  ),
  uploading(
    'again',
    (upload) =>
      ({ s3 }) =>
        s3.send(new api.AbortMultipartUploadCommand({ ...large, ...upload })),
  ),
];

export const objectCases: Case[] = [...reading, ...copying, ...uploads, ...listing, ...versions];
