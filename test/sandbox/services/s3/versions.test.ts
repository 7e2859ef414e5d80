/** A bucket with versioning: what is the current version, what a deletion leaves, and what a version's permission is. */
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import t, { type Test } from 'tap';
import type { Bucket as BucketState } from '../../../../src/sandbox/account/state.js';
import { addBucket, addRole, clients, policy, refusal, sessionOf, start } from '../../support.js';

const Bucket = 'mail';
const Key = 'inbound/1';

/** What a test does to a key, and what is told of it. */
function hands(s3: S3Client) {
  return {
    versioning: (Status: 'Enabled' | 'Suspended') =>
      s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } })),
    put: async (Body: string) => (await s3.send(new PutObjectCommand({ Bucket, Key, Body, Tagging: 'a=1' }))).VersionId,
    get: async (VersionId?: string) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
      return Body?.transformToString();
    },
    remove: (VersionId?: string) => s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId })),
    /** Each version, the newest first: its body, or what it is; the current one is marked. */
    async versions() {
      const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
      const all = [...Versions, ...DeleteMarkers];
      return all.map(({ VersionId, IsLatest }) => ({ VersionId, IsLatest }));
    },
  };
}

async function open(t: Test, more: Partial<BucketState> = {}) {
  const account = await start(t);
  const bucket = addBucket(account.sandbox, Bucket, more);
  return { ...account, bucket, ...hands(account.s3) };
}

t.test('a new version keeps the old one and becomes the current one', async (t) => {
  const { put, get, versioning, versions, s3 } = await open(t);
  t.equal(await put('before'), undefined, 'a bucket that never had versioning tells of no version');
  await versioning('Enabled');
  const one = await put('one');
  const two = await put('two');
  t.match(one, /^[\w-]{32}$/);
  t.not(one, two);
  t.equal(await get(), 'two');
  t.equal(await get(one), 'one');
  t.equal(await get('null'), 'before');
  const head = (VersionId?: string) => s3.send(new HeadObjectCommand({ Bucket, Key, VersionId }));
  t.equal((await head()).VersionId, two);
  t.equal((await head('null')).VersionId, 'null');
  t.strictSame(await versions(), [
    { VersionId: two, IsLatest: true },
    { VersionId: one, IsLatest: false },
    { VersionId: 'null', IsLatest: false },
  ]);
  t.equal(await refusal(get('none')), '404 NoSuchVersion: The specified version does not exist.');
});

t.test('a deletion leaves a delete marker, and the versions below it', async (t) => {
  const { put, get, remove, versions, versioning, s3 } = await open(t);
  await versioning('Enabled');
  const one = await put('one');
  const marker = await remove();
  t.match(marker, { DeleteMarker: true, VersionId: /^[\w-]{32}$/, $metadata: { httpStatusCode: 204 } });

  const gone = await s3.send(new GetObjectCommand({ Bucket, Key })).catch((error: unknown) => error);
  t.match(gone, {
    name: 'NoSuchKey',
    $response: { headers: { 'x-amz-delete-marker': 'true', 'x-amz-version-id': marker.VersionId } },
  });
  t.match(await refusal(s3.send(new HeadObjectCommand({ Bucket, Key }))), /^404 NotFound/);
  t.equal(
    await refusal(get(marker.VersionId)),
    '405 MethodNotAllowed: The specified method is not allowed against this resource.',
  );
  t.equal((await s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount, 0);
  t.equal(await get(one), 'one');
  t.strictSame(await versions(), [
    { VersionId: one, IsLatest: false },
    { VersionId: marker.VersionId, IsLatest: true },
  ]);

  await t.test('a second deletion leaves a second one', async (t) => {
    const second = await remove();
    t.not(second.VersionId, marker.VersionId);
    t.match(await remove(second.VersionId), { DeleteMarker: true, VersionId: second.VersionId });
  });
  await t.test('without the marker the object is back', async (t) => {
    t.match(await remove(marker.VersionId), { DeleteMarker: true, VersionId: marker.VersionId });
    t.equal(await get(), 'one');
    t.match(await remove(one), { DeleteMarker: undefined, VersionId: one });
    t.strictSame(await versions(), []);
    t.match(await remove(one), { DeleteMarker: undefined, VersionId: one }, 'twice is fine');
  });
});

t.test('while versioning is suspended there is one version null, and the others stay', async (t) => {
  const { put, get, remove, versions, versioning } = await open(t);
  await versioning('Enabled');
  const one = await put('one');
  await versioning('Suspended');
  t.equal(await put('two'), 'null');
  t.equal(await put('three'), 'null');
  t.equal(await get(), 'three');
  t.strictSame(await versions(), [
    { VersionId: 'null', IsLatest: true },
    { VersionId: one, IsLatest: false },
  ]);
  t.match(await remove(), { DeleteMarker: true, VersionId: 'null' });
  t.match(await refusal(get()), /^404 NoSuchKey/);
  t.strictSame(await versions(), [
    { VersionId: one, IsLatest: false },
    { VersionId: 'null', IsLatest: true },
  ]);
  t.equal(await get(one), 'one');
});

t.test('If-None-Match: * succeeds if the current version is a delete marker', async (t) => {
  const { put, remove, versioning, s3 } = await open(t);
  await versioning('Enabled');
  await put('one');
  const again = () => refusal(s3.send(new PutObjectCommand({ Bucket, Key, Body: 'two', IfNoneMatch: '*' })));
  t.match(await again(), /^412 PreconditionFailed/);
  await remove();
  t.equal(await again(), 'fine');
});

t.test('a copy is of the current version, or of the one that is named', async (t) => {
  const { put, remove, versioning, s3, sandbox } = await open(t);
  addBucket(sandbox, 'plain');
  await versioning('Enabled');
  const one = await put('one');
  const two = await put('two');
  const copy = (source: string, to = Bucket) =>
    s3.send(new CopyObjectCommand({ Bucket: to, Key: 'bots/1', CopySource: source }));
  const copied = async () => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: 'bots/1' }));
    return Body?.transformToString();
  };
  t.match(await copy(`mail/${Key}`), { CopySourceVersionId: two, VersionId: /^[\w-]{32}$/ });
  t.equal(await copied(), 'two');
  t.match(await copy(`mail/${Key}?versionId=${one}`), { CopySourceVersionId: one });
  t.equal(await copied(), 'one');
  t.match(await copy(`mail/${Key}`, 'plain'), { CopySourceVersionId: two, VersionId: undefined });
  const back = new CopyObjectCommand({ Bucket, Key, CopySource: `mail/${Key}?versionId=${one}` });
  t.match(await s3.send(back), { CopySourceVersionId: one }, 'an older version can be copied onto its own key');

  await remove();
  t.equal(await refusal(copy(`mail/${Key}`)), '404 NoSuchKey: The specified key does not exist.');
});

t.test('requests without a version need no permission on versions', async (t) => {
  const { put, versioning, sandbox } = await open(t);
  await versioning('Enabled');
  const one = await put('one');
  const replace = { Bucket, Key: 'bots/1', TaggingDirective: 'REPLACE' as const };
  const source = `mail/${Key}`;
  const copying = ['s3:GetObject', 's3:PutObject'];
  type Sends = (s3: S3Client) => Promise<unknown>;
  const cases: Array<[what: string, allowed: string[], send: Sends, missing?: string]> = [
    ['get', ['s3:GetObject'], (s3) => s3.send(new GetObjectCommand({ Bucket, Key }))],
    [
      'get a version',
      ['s3:GetObject'],
      (s3) => s3.send(new GetObjectCommand({ Bucket, Key, VersionId: one })),
      's3:GetObjectVersion',
    ],
    [
      'the tags of a version',
      ['s3:GetObjectTagging'],
      (s3) => s3.send(new GetObjectTaggingCommand({ Bucket, Key, VersionId: one })),
      's3:GetObjectVersionTagging',
    ],
    ['copy', copying, (s3) => s3.send(new CopyObjectCommand({ ...replace, CopySource: source }))],
    [
      'copy a version',
      copying,
      (s3) => s3.send(new CopyObjectCommand({ ...replace, CopySource: `${source}?versionId=${one}` })),
      's3:GetObjectVersion',
    ],
    [
      'delete a version',
      ['s3:DeleteObject'],
      (s3) => s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId: one })),
      's3:DeleteObjectVersion',
    ],
    ['delete', ['s3:DeleteObject'], (s3) => s3.send(new DeleteObjectCommand({ Bucket, Key }))],
    [
      'list the versions',
      ['s3:ListBucket'],
      (s3) => s3.send(new ListObjectVersionsCommand({ Bucket })),
      's3:ListBucketVersions',
    ],
  ];
  for (const [what, Action, send, missing] of cases) {
    const role = addRole(sandbox, 'caller', policy({ Effect: 'Allow', Action, Resource: '*' }));
    const { s3 } = clients(sandbox, sessionOf(sandbox, role));
    const outcome = await refusal(send(s3));
    t.match(outcome, missing ? `is not authorized to perform: ${missing} on resource: ` : /^fine$/, what);
  }
});

t.test('404 for a missing version needs the permission to list', async (t) => {
  const { sandbox } = await open(t, { versioning: 'Enabled' });
  const own = policy({ Effect: 'Allow', Action: 's3:GetObjectVersion', Resource: '*' });
  const { s3 } = clients(sandbox, sessionOf(sandbox, addRole(sandbox, 'reader', own)));
  t.equal(
    await refusal(s3.send(new GetObjectCommand({ Bucket, Key, VersionId: 'none' }))),
    '403 AccessDenied: Access Denied',
  );
});

t.test('several keys and versions are deleted at once', async (t) => {
  const { put, versioning, s3 } = await open(t);
  await versioning('Enabled');
  const one = await put('one');
  const remove = async (...Objects: Array<{ Key: string; VersionId?: string }>) =>
    (await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))).Deleted;
  const [marked] = (await remove({ Key })) ?? [];
  t.match(marked, { Key, DeleteMarker: true, DeleteMarkerVersionId: /^[\w-]{32}$/ });
  const id = marked?.DeleteMarkerVersionId;
  t.strictSame(await remove({ Key, VersionId: id }, { Key, VersionId: one }), [
    { Key, VersionId: id, DeleteMarker: true, DeleteMarkerVersionId: id },
    { Key, VersionId: one },
  ]);
});

t.test('a bucket that never had versioning has one version of each object, null', async (t) => {
  const { put, versions, s3, bucket } = await open(t);
  t.strictSame(await versions(), [], 'none where nothing was ever put');
  await put('one');
  await put('two');
  t.strictSame(await versions(), [{ VersionId: 'null', IsLatest: true }]);
  await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId: 'null' }));
  t.equal(bucket.objects.size, 0);
});

t.test('the listing of versions: by prefix, in pages, encoded', async (t) => {
  const { versioning, s3 } = await open(t);
  await versioning('Enabled');
  for (const key of ['b/2', 'a é', 'b/1', 'b/1', 'c'])
    await s3.send(new PutObjectCommand({ Bucket, Key: key, Body: key }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'b/1' }));
  const list = async (more: object) => {
    const {
      Versions = [],
      DeleteMarkers = [],
      ...rest
    } = await s3.send(new ListObjectVersionsCommand({ Bucket, ...more }));
    const names = (some: Array<{ Key?: string }>) => some.map(({ Key: key }) => key).join(' ');
    return { ...rest, names: `${names(Versions)} | ${names(DeleteMarkers)}` };
  };
  t.match(await list({}), { names: 'a é b/1 b/1 b/2 c | b/1', IsTruncated: false, MaxKeys: 1000 });
  t.match(await list({ Prefix: 'b/' }), { names: 'b/1 b/1 b/2 | b/1', Prefix: 'b/' });
  t.match(await list({ KeyMarker: 'b/1' }), { names: 'b/2 c | ', KeyMarker: 'b/1' });
  t.match(await list({ Prefix: 'a', EncodingType: 'url' }), { names: 'a%20%C3%A9 | ', EncodingType: 'url' });
  const first = await list({ MaxKeys: 3 });
  t.match(first, { names: 'a é b/1 | b/1', IsTruncated: true, NextKeyMarker: 'b/1', NextVersionIdMarker: String });
  const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = first;
  t.match(await list({ KeyMarker, VersionIdMarker }), { names: 'b/1 b/2 c | ', IsTruncated: false });
  t.match(await list({ MaxKeys: 0 }), { names: ' | ', IsTruncated: false });
  t.equal(
    await refusal(list({ Delimiter: '/' })),
    "501 NotImplemented: The embedded AWS's ListObjectVersions does not support delimiter.",
  );
});
