import {
  CopyObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import t from 'tap';
import type { StoredObject } from '../../../../../src/sandbox/account/state.js';
import { addBucket, addRole, clients, policy, refusal, sessionOf, start } from '../../../support.js';

const Bucket = 'mail';
const Key = 'inbound/a b+c&é';
const body = '0123456789';
const allow = (Action: string | string[], Resource: string | string[] = '*', Condition?: object) => ({
  Effect: 'Allow',
  Action,
  Resource,
  Condition,
});

const ranges: Array<[range: string, body: string, expected: string, contentRange?: string]> = [
  ['bytes=0-2047', body, body, 'bytes 0-9/10'],
  ['bytes=2-4', body, '234', 'bytes 2-4/10'],
  ['bytes=9-9', body, '9', 'bytes 9-9/10'],
  ['bytes=7-', body, '789', 'bytes 7-9/10'],
  ['bytes=-3', body, '789', 'bytes 7-9/10'],
  ['bytes=-30', body, body, 'bytes 0-9/10'],
  ['pages=1', body, body],
  ['bytes=10-11', body, '416 InvalidRange: The requested range is not satisfiable'],
  ['bytes=-0', body, '416 InvalidRange: The requested range is not satisfiable'],
  ['bytes=0-2047', '', '416 InvalidRange: The requested range is not satisfiable'],
];

t.test('ranges', async (t) => {
  const { sandbox, s3 } = await start(t);
  addBucket(sandbox, Bucket);
  for (const [Range, Body, expected, contentRange] of ranges) {
    await t.test(`${Range} of ${Body.length} bytes`, async (t) => {
      await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
      const sent = s3.send(new GetObjectCommand({ Bucket, Key, Range }));
      const problem = await refusal(sent);
      if (problem !== 'fine') return t.equal(problem, expected);
      const got = await sent;
      t.equal(await got.Body?.transformToString(), expected);
      t.match(got, {
        ContentRange: contentRange,
        ContentLength: expected.length,
        $metadata: { httpStatusCode: contentRange ? 206 : 200 },
      });
    });
  }
});

t.test('archived objects are described, listed, and neither read nor copied before they are restored', async (t) => {
  const { sandbox, s3 } = await start(t);
  const { objects } = addBucket(sandbox, Bucket);
  const cases: Array<[more: Partial<StoredObject>, read: string, described: object]> = [
    [{}, 'fine', {}],
    [{ storageClass: 'GLACIER_IR' }, 'fine', { StorageClass: 'GLACIER_IR' }],
    [{ storageClass: 'GLACIER' }, '403', { StorageClass: 'GLACIER' }],
    [{ storageClass: 'DEEP_ARCHIVE', restore: {} }, '403', { Restore: 'ongoing-request="true"' }],
    [
      { storageClass: 'DEEP_ARCHIVE', restore: { expiry: new Date(0) } },
      'fine',
      { Restore: 'ongoing-request="false", expiry-date="Thu, 01 Jan 1970 00:00:00 GMT"' },
    ],
    [
      { storageClass: 'INTELLIGENT_TIERING', accessTier: 'ARCHIVE_ACCESS' },
      '403',
      { StorageClass: 'INTELLIGENT_TIERING', ArchiveStatus: 'ARCHIVE_ACCESS' },
    ],
  ];
  for (const [more, expected, described] of cases) {
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: body }));
    const stored = objects.get(Key);
    if (stored !== undefined) objects.set(Key, { ...stored, ...more });
    t.match(await s3.send(new HeadObjectCommand({ Bucket, Key })), described);
    const read = await refusal(s3.send(new GetObjectCommand({ Bucket, Key })));
    const archived = "403 InvalidObjectState: The operation is not valid for the object's storage class";
    t.equal(read, expected === '403' ? archived : expected);
    const CopySource = `${Bucket}/${encodeURIComponent(Key)}`;
    const copied = await refusal(s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource })));
    const uncopied = "403 InvalidObjectState: Operation is not valid for the source object's storage class";
    t.equal(copied, expected === '403' ? uncopied : expected);
    const list = { Bucket, Prefix: Key, OptionalObjectAttributes: ['RestoreStatus' as const] };
    const { Contents } = await s3.send(new ListObjectsV2Command(list));
    const restore = more.restore && { IsRestoreInProgress: more.restore.expiry === undefined };
    t.match(Contents, [{ StorageClass: more.storageClass ?? 'STANDARD', ...(restore && { RestoreStatus: restore }) }]);
    if (restore === undefined) t.notOk(Contents?.[0]?.RestoreStatus);
  }
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: body, StorageClass: 'STANDARD_IA' }));
  t.match(await s3.send(new GetObjectCommand({ Bucket, Key })), { StorageClass: 'STANDARD_IA' });
  const unknown = new PutObjectCommand({ Bucket, Key, Body: body, StorageClass: 'SNOW' });
  t.equal(await refusal(s3.send(unknown)), '400 InvalidStorageClass: The storage class you specified is not valid');
});

t.test('If-Match', async (t) => {
  const { sandbox, s3 } = await start(t);
  addBucket(sandbox, Bucket);
  const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key, Body: body }));
  for (const Command of [GetObjectCommand, HeadObjectCommand]) {
    t.equal(await refusal(s3.send(new Command({ Bucket, Key, IfMatch: ETag }))), 'fine');
    t.match(await refusal(s3.send(new Command({ Bucket, Key, IfMatch: '"other"' }))), /^412 /);
  }
  await t.rejects(s3.send(new GetObjectCommand({ Bucket, Key, IfMatch: '"other"', Range: 'bytes=2-3' })), {
    name: 'PreconditionFailed',
    Condition: 'If-Match',
  });
});

t.test('404 for a missing key needs the permission to list', async (t) => {
  const { sandbox } = await start(t);
  addBucket(sandbox, Bucket);
  const get = allow('s3:GetObject');
  const cases: Array<[what: string, policy: string, expected: RegExp, head: RegExp]> = [
    [
      'with s3:ListBucket',
      policy(get, allow('s3:ListBucket')),
      /^404 NoSuchKey: The specified key does not exist\.$/,
      /^404 NotFound/,
    ],
    ['without', policy(get), /^403 AccessDenied: Access Denied$/, /^403 /],
    [
      'with s3:ListBucket under a prefix',
      policy(get, allow('s3:ListBucket', '*', { StringLike: { 's3:prefix': 'inbound/*' } })),
      /^403 AccessDenied: Access Denied$/,
      /^403 /,
    ],
  ];
  for (const [what, own, expected, head] of cases) {
    await t.test(what, async (t) => {
      const { s3 } = clients(sandbox, sessionOf(sandbox, addRole(sandbox, 'reader', own)));
      t.match(await refusal(s3.send(new GetObjectCommand({ Bucket, Key }))), expected);
      t.match(await refusal(s3.send(new HeadObjectCommand({ Bucket, Key }))), head);
    });
  }
});
