import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import t from 'tap';
import { addBucket, addRole, clients, policy, refusal, sessionOf, start } from '../../support.js';

const Bucket = 'mail';
const Key = 'inbound/a b+c&é';
const body = '0123456789';
const allow = (Action: string | string[], Resource: string | string[] = '*', Condition?: object) => ({
  Effect: 'Allow',
  Action,
  Resource,
  Condition,
});

t.test('an object is put, got and deleted', async (t) => {
  const { sandbox, s3 } = await start(t, { now: () => Date.parse('2026-03-01T12:00:00.123Z') });
  const { objects } = addBucket(sandbox, Bucket);
  const created: unknown[] = [];
  sandbox.state.objectCreated = ({ name }, ...rest) => void created.push([name, ...rest]);
  const put = await s3.send(
    new PutObjectCommand({
      Bucket,
      Key,
      Body: body,
      ContentType: 'message/rfc822',
      Metadata: { Team: 'mail' },
      Tagging: 'a=1&b=x%20y',
    }),
  );
  t.match(put, { ETag: '"781e5e245d69b566979b86e28d23f2c7"', ServerSideEncryption: 'AES256' });
  t.strictSame(created, [[Bucket, Key, 'PutObject', '111122223333', '127.0.0.1']]);
  t.strictSame([...objects.keys()], [Key]);

  const described = {
    ContentType: 'message/rfc822',
    ContentLength: 10,
    ETag: put.ETag,
    LastModified: new Date('2026-03-01T12:00:00Z'),
    Metadata: { team: 'mail' },
    TagCount: 2,
    AcceptRanges: 'bytes',
    ServerSideEncryption: 'AES256',
  };
  const got = await s3.send(new GetObjectCommand({ Bucket, Key }));
  t.match(got, described);
  t.equal(await got.Body?.transformToString(), body);
  const { TagCount: _count, ...head } = described;
  t.match(await s3.send(new HeadObjectCommand({ Bucket, Key })), head);

  const remove = () => refusal(s3.send(new DeleteObjectCommand({ Bucket, Key })));
  t.equal(await remove(), 'fine');
  t.equal(objects.size, 0);
  t.equal(await remove(), 'fine');
});

t.test('a streamed body comes in pieces, with its checksum after it', async (t) => {
  const { sandbox, s3 } = await start(t);
  const { objects } = addBucket(sandbox, Bucket);
  const pieces = ['first\r\n', 'x'.repeat(200_000), '0\r\n\r\n'];
  const ContentLength = pieces.join('').length;
  let streamed = '';
  sandbox.intercept(({ input }) => {
    streamed = String((input as { headers: Record<string, string> }).headers['x-amz-content-sha256']);
    return undefined;
  });
  await s3.send(
    new PutObjectCommand({
      Bucket,
      Key,
      Body: Readable.from(pieces.map((piece) => Buffer.from(piece))),
      ContentLength,
    }),
  );
  t.match(streamed, /^STREAMING-/);
  t.equal(objects.get(Key)?.body.toString(), pieces.join(''));
  t.equal(objects.get(Key)?.contentType, 'application/octet-stream');
});

t.test('If-None-Match: * puts only what is new', async (t) => {
  const { sandbox, s3 } = await start(t);
  addBucket(sandbox, Bucket);
  const put = (Body: string) => refusal(s3.send(new PutObjectCommand({ Bucket, Key, Body, IfNoneMatch: '*' })));
  t.equal(await put('first'), 'fine');
  t.equal(await put('second'), '412 PreconditionFailed: At least one of the pre-conditions you specified did not hold');
  t.equal(sandbox.state.s3.buckets.get(Bucket)?.objects.get(Key)?.body.toString(), 'first');
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

t.test('a missing key is told of only to who may list', async (t) => {
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

t.test('several keys are deleted, each allowed or denied by itself', async (t) => {
  const { sandbox, s3: admin } = await start(t);
  const { objects } = addBucket(sandbox, Bucket);
  const keys = ['inbound/1', 'inbound/2', 'bots/3'];
  for (const each of keys) await admin.send(new PutObjectCommand({ Bucket, Key: each, Body: 'x' }));
  const own = policy(allow('s3:DeleteObject', 'arn:aws:s3:::mail/inbound/*'));
  const { s3 } = clients(sandbox, sessionOf(sandbox, addRole(sandbox, 'cleaner', own)));
  const remove = (names: string[], Quiet?: boolean) =>
    s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: names.map((name) => ({ Key: name })), Quiet } }));
  t.match(await remove(['inbound/1', 'bots/3', 'inbound/none']), {
    Deleted: [{ Key: 'inbound/1' }, { Key: 'inbound/none' }],
    Errors: [{ Key: 'bots/3', Code: 'AccessDenied', Message: 'Access Denied' }],
  });
  const quiet = await remove(['inbound/2'], true);
  t.notOk(quiet.Deleted);
  t.strictSame([...objects.keys()], ['bots/3']);
});

t.test('tags at birth need s3:PutObjectTagging; tags can be a condition', async (t) => {
  const { sandbox, s3: admin } = await start(t);
  addBucket(sandbox, Bucket);
  const own = policy(
    allow('s3:PutObject'),
    allow('s3:GetObject', '*', { StringEquals: { 's3:ExistingObjectTag/open': 'yes' } }),
  );
  const { s3 } = clients(sandbox, sessionOf(sandbox, addRole(sandbox, 'writer', own)));
  const tagged = (Tagging: string) => new PutObjectCommand({ Bucket, Key, Body: body, Tagging });
  const get = () => refusal(s3.send(new GetObjectCommand({ Bucket, Key })));
  t.match(await refusal(s3.send(tagged('open=yes'))), 'is not authorized to perform: s3:PutObjectTagging on');
  await admin.send(tagged('open=yes'));
  t.equal(await get(), 'fine');
  await admin.send(tagged('open=no'));
  t.match(await get(), 'is not authorized to perform: s3:GetObject on');
});

t.test('objects that never saw a PUT may be without encryption', async (t) => {
  const { sandbox, s3 } = await start(t);
  const { objects } = addBucket(sandbox, Bucket);
  objects.set(Key, {
    body: Buffer.from(body),
    etag: '"e"',
    modified: new Date(0),
    contentType: 'text/plain',
    metadata: {},
    tags: new Map(),
  });
  t.equal((await s3.send(new HeadObjectCommand({ Bucket, Key }))).ServerSideEncryption, undefined);
});

t.test('a key without a content type', async (t) => {
  const { sandbox } = await start(t);
  const open = policy({ Effect: 'Allow', Principal: '*', Action: 's3:PutObject', Resource: 'arn:aws:s3:::mail/*' });
  const { objects } = addBucket(sandbox, Bucket, { policy: open });
  const created: unknown[] = [];
  sandbox.state.objectCreated = (_bucket, ...rest) => void created.push(rest);
  const answer = await fetch(`${sandbox.endpoint}/mail/k`, { method: 'PUT', body: Buffer.from('x') });
  t.equal(answer.status, 200);
  t.equal(objects.get('k')?.contentType, 'binary/octet-stream');
  t.strictSame(created, [['k', 'PutObject', 'anonymous', '127.0.0.1']]);
});
