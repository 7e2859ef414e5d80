import { CopyObjectCommand, type CopyObjectCommandInput, PutObjectCommand } from '@aws-sdk/client-s3';
import t, { type Test } from 'tap';
import { addBucket, addRole, clients, policy, refusal, sessionOf, start } from '../../../support.js';

const Bucket = 'mail';
const source = 'inbound/a b+é';
const CopySource = 'mail/inbound/a%20b%2B%C3%A9';
const Key = 'bots/x/inbound/1';
const input: CopyObjectCommandInput = { Bucket, Key, CopySource };
const allow = (Action: string | string[], Resource = '*', Condition?: object) => ({
  Effect: 'Allow',
  Action,
  Resource,
  Condition,
});

/** A bucket with one object in it, tagged or not. */
async function open(t: Test, Tagging?: string) {
  const account = await start(t);
  const bucket = addBucket(account.sandbox, Bucket);
  const put = { Bucket, Key: source, Body: 'mail', ContentType: 'message/rfc822', Metadata: { team: 'mail' }, Tagging };
  await account.s3.send(new PutObjectCommand(put));
  const copy = (more: Partial<CopyObjectCommandInput> = {}, s3 = account.s3) =>
    refusal(s3.send(new CopyObjectCommand({ ...input, ...more })));
  return { ...account, bucket, copy };
}

t.test('a copy is the same object under another key', async (t) => {
  const { sandbox, s3, bucket } = await open(t, 'a=1');
  const created: unknown[] = [];
  sandbox.state.objectCreated = ({ name }, ...rest) => void created.push([name, ...rest]);
  const { CopyObjectResult, ServerSideEncryption } = await s3.send(new CopyObjectCommand(input));
  const copy = bucket.objects.get(Key);
  t.match(CopyObjectResult, { ETag: copy?.etag, LastModified: copy?.modified });
  t.equal(ServerSideEncryption, 'AES256');
  t.match(copy, { contentType: 'message/rfc822', metadata: { team: 'mail' }, tags: new Map([['a', '1']]) });
  t.equal(copy?.body.toString(), 'mail');
  t.strictSame(created, [[Bucket, Key, 'CopyObject', '111122223333', '127.0.0.1']]);
});

const directives: Array<[what: string, more: Partial<CopyObjectCommandInput>, expected: object]> = [
  [
    'tags of its own',
    { TaggingDirective: 'REPLACE', Tagging: 'b=2' },
    { tags: new Map([['b', '2']]), metadata: { team: 'mail' } },
  ],
  ['no tags', { TaggingDirective: 'REPLACE' }, { tags: new Map(), metadata: { team: 'mail' } }],
  [
    'metadata of its own',
    { MetadataDirective: 'REPLACE', Metadata: { routed: 'yes' }, ContentType: 'text/plain' },
    { tags: new Map([['a', '1']]), metadata: { routed: 'yes' }, contentType: 'text/plain' },
  ],
  ['no metadata', { MetadataDirective: 'REPLACE' }, { metadata: {}, contentType: 'binary/octet-stream' }],
  ['a source with a slash before it', { CopySource: `/${CopySource}` }, { metadata: { team: 'mail' } }],
  ['an encryption of its own', { ServerSideEncryption: 'aws:kms' }, { encryption: { algorithm: 'aws:kms' } }],
];
for (const [what, more, expected] of directives) {
  t.test(`a copy with ${what}`, async (t) => {
    const { bucket, copy } = await open(t, 'a=1');
    t.equal(await copy(more), 'fine');
    t.match(bucket.objects.get(Key), expected);
  });
}

t.test('refuses', async (t) => {
  const { sandbox, bucket, copy } = await open(t);
  addBucket(sandbox, 'strange', { owner: '444455556666', policy: policy({ ...allow('s3:*'), Principal: '*' }) });
  const cases: Array<[what: string, more: Partial<CopyObjectCommandInput>, expected: string]> = [
    ['a missing source', { CopySource: 'mail/inbound/none' }, '404 NoSuchKey: The specified key does not exist.'],
    ['a missing bucket', { CopySource: 'none/inbound/1' }, '404 NoSuchBucket: The specified bucket does not exist'],
    [
      'another owner of the source',
      { SourceBucketOwner: '444455556666', ExpectedSourceBucketOwner: '444455556666' } as object,
      '403 AccessDenied: Access Denied',
    ],
    ['another owner of the destination', { ExpectedBucketOwner: '444455556666' }, '403 AccessDenied: Access Denied'],
    [
      'a copy onto itself',
      { Key: source },
      "400 InvalidRequest: This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    ],
    ['no source at all', { CopySource: 'mail' }, '404 NoSuchBucket: The specified bucket does not exist'],
  ];
  for (const [what, more, expected] of cases) {
    await t.test(what, async (t) => t.equal(await copy(more), expected));
  }
  t.equal(await copy({ ExpectedBucketOwner: '111122223333', ExpectedSourceBucketOwner: '111122223333' }), 'fine');
  t.equal(
    await copy({ IfNoneMatch: '*' }),
    '412 PreconditionFailed: At least one of the pre-conditions you specified did not hold',
  );
  t.equal(await copy({ Key: 'bots/new', IfNoneMatch: '*' }), 'fine');
  t.equal(await copy({ Key: source, MetadataDirective: 'REPLACE' }), 'fine');
  t.strictSame([...bucket.objects.keys()], [source, Key, 'bots/new']);
});

t.test('a source that is not the one named by its ETag', async (t) => {
  const { bucket, s3, copy } = await open(t);
  const etag = bucket.objects.get(source)?.etag;
  const unmet = (more: Partial<CopyObjectCommandInput>) =>
    s3.send(new CopyObjectCommand({ ...input, ...more })).catch(({ name, Condition, $metadata }) => ({
      name,
      Condition,
      status: $metadata.httpStatusCode,
    }));
  t.equal(await copy({ CopySourceIfMatch: etag, IfNoneMatch: '*' }), 'fine');
  t.equal(await copy({ CopySourceIfMatch: etag?.replaceAll('"', '') }), 'fine', 'without quotes');
  t.equal(await copy({ CopySourceIfMatch: '*' }), 'fine', 'any');
  const failed = { name: 'PreconditionFailed', status: 412 };
  const named = { ...failed, Condition: 'x-amz-copy-source-If-Match' };
  t.strictSame(await unmet({ CopySourceIfMatch: '"other"' }), named);
  t.strictSame(await unmet({ CopySourceIfMatch: '"other"', Key: 'bots/new', IfNoneMatch: '*' }), named);
  t.strictSame(await unmet({ CopySourceIfMatch: etag, IfNoneMatch: '*' }), { ...failed, Condition: 'If-None-Match' });
  t.strictSame([...bucket.objects.keys()], [source, Key]);
});

const get = allow('s3:GetObject', 'arn:aws:s3:::mail/inbound/*');
const put = allow('s3:PutObject', 'arn:aws:s3:::mail/bots/*');
const getTags = allow('s3:GetObjectTagging', 'arn:aws:s3:::mail/inbound/*');
const putTags = allow('s3:PutObjectTagging', 'arn:aws:s3:::mail/bots/*');
const replace = { TaggingDirective: 'REPLACE' as const };
const permissions: Array<
  [
    what: string,
    tagging: string | undefined,
    policy: string,
    more: Partial<CopyObjectCommandInput>,
    missing: string | undefined,
  ]
> = [
  ['reading and writing', undefined, policy(get, put), {}, undefined],
  ['only writing', undefined, policy(put), {}, 's3:GetObject'],
  ['only reading', undefined, policy(get), {}, 's3:PutObject'],
  ['tags, and no right to read them', 'a=1', policy(get, put, putTags), {}, 's3:GetObjectTagging'],
  ['tags, and no right to write them', 'a=1', policy(get, put, getTags), {}, 's3:PutObjectTagging'],
  ['tags, and both', 'a=1', policy(get, put, getTags, putTags), {}, undefined],
  ['tags that are not copied', 'a=1', policy(get, put), replace, undefined],
  ['tags that are replaced', 'a=1', policy(get, put), { ...replace, Tagging: 'b=2' }, 's3:PutObjectTagging'],
];
for (const [what, tagging, own, more, missing] of permissions) {
  t.test(`permissions: ${what}`, async (t) => {
    const { sandbox, copy } = await open(t, tagging);
    const { s3 } = clients(sandbox, sessionOf(sandbox, addRole(sandbox, 'router', own)));
    t.match(await copy(more, s3), missing ? `is not authorized to perform: ${missing} on resource: ` : /^fine$/);
  });
}

t.test('an encrypted source and destination need their keys', async (t) => {
  const { sandbox, bucket, copy } = await open(t);
  const key = 'arn:aws:kms:us-east-1:111122223333:key/k';
  bucket.encryption = { algorithm: 'aws:kms', key };
  const stored = bucket.objects.get(source);
  if (stored) stored.encryption = bucket.encryption;
  const as = (...statements: object[]) =>
    clients(sandbox, sessionOf(sandbox, addRole(sandbox, 'router', policy(get, put, ...statements)))).s3;
  t.match(await copy({}, as()), 'is not authorized to perform: kms:GenerateDataKey on');
  t.match(await copy({}, as(allow('kms:GenerateDataKey', key))), 'is not authorized to perform: kms:Decrypt on');
  t.equal(await copy({}, as(allow(['kms:GenerateDataKey', 'kms:Decrypt'], key))), 'fine');
});
