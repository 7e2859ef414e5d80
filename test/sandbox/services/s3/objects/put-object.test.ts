import { Readable } from 'node:stream';
import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import t from 'tap';
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

t.test('If-None-Match: * creates only new objects', async (t) => {
  const { sandbox, s3 } = await start(t);
  addBucket(sandbox, Bucket);
  const put = (Body: string) => refusal(s3.send(new PutObjectCommand({ Bucket, Key, Body, IfNoneMatch: '*' })));
  t.equal(await put('first'), 'fine');
  t.equal(await put('second'), '412 PreconditionFailed: At least one of the pre-conditions you specified did not hold');
  t.equal(sandbox.state.s3.buckets.get(Bucket)?.objects.get(Key)?.body.toString(), 'first');
});

t.test('If-Match replaces only the object with that ETag', async (t) => {
  const { sandbox, s3 } = await start(t);
  addBucket(sandbox, Bucket);
  const put = (Body: string, IfMatch: string) => refusal(s3.send(new PutObjectCommand({ Bucket, Key, Body, IfMatch })));
  t.equal(await put('none', '"e"'), '404 NoSuchKey: The specified key does not exist.');
  const { ETag = '' } = await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'first' }));
  t.equal(await put('second', ETag), 'fine');
  t.equal(
    await put('third', ETag),
    '412 PreconditionFailed: At least one of the pre-conditions you specified did not hold',
  );
  t.equal(sandbox.state.s3.buckets.get(Bucket)?.objects.get(Key)?.body.toString(), 'second');
  const writer = sessionOf(sandbox, addRole(sandbox, 'writer', policy(allow('s3:PutObject'))));
  const replace = new PutObjectCommand({ Bucket, Key, Body: 'fourth', IfMatch: '*' });
  t.match(await refusal(clients(sandbox, writer).s3.send(replace)), 'is not authorized to perform: s3:GetObject on');
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
