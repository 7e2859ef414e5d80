import {
  CreateBucketCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  PutObjectCommand,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3';
import t from 'tap';
import { addBucket, addRole, clients, policy, refusal, sessionOf, start } from '../../../support.js';

const Bucket = 'mail';
const keys = ['a', 'b/1', 'b/2', 'b/c/3', 'b0', 'd e+é/4', 'z'];

const lists: Array<
  [input: Partial<ListObjectsV2CommandInput>, keys: string[], prefixes?: string[], truncated?: boolean]
> = [
  [{}, keys],
  [{ Prefix: 'b/' }, ['b/1', 'b/2', 'b/c/3']],
  [{ Prefix: 'none' }, []],
  [{ Delimiter: '/' }, ['a', 'b0', 'z'], ['b/', 'd e+é/']],
  [{ Delimiter: '/', Prefix: 'b/' }, ['b/1', 'b/2'], ['b/c/']],
  [{ StartAfter: 'b/2' }, ['b/c/3', 'b0', 'd e+é/4', 'z']],
  [{ StartAfter: 'b/2', Delimiter: '/' }, ['b0', 'z'], ['b/', 'd e+é/']],
  [{ MaxKeys: 2 }, ['a', 'b/1'], undefined, true],
  [{ MaxKeys: 2, Delimiter: '/' }, ['a'], ['b/'], true],
  [{ MaxKeys: 0 }, []],
  [{ MaxKeys: 5000 }, keys],
];
t.test('ListObjectsV2', async (t) => {
  const { s3 } = await start(t);
  await s3.send(new CreateBucketCommand({ Bucket }));
  for (const Key of keys.toReversed()) await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
  for (const [input, found, prefixes, truncated = false] of lists) {
    await t.test(JSON.stringify(input), async (t) => {
      const answer = await s3.send(new ListObjectsV2Command({ Bucket, ...input }));
      t.strictSame(answer.Contents?.map(({ Key }) => Key) ?? [], found);
      t.strictSame(
        answer.CommonPrefixes?.map(({ Prefix }) => Prefix),
        prefixes,
      );
      t.match(answer, {
        Name: Bucket,
        Prefix: input.Prefix ?? '',
        Delimiter: input.Delimiter,
        StartAfter: input.StartAfter,
        IsTruncated: truncated,
        KeyCount: found.length + (prefixes?.length ?? 0),
        MaxKeys: Math.min(input.MaxKeys ?? 1000, 1000),
      });
    });
  }

  await t.test('an entry', async (t) => {
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'z' }));
    t.match(Contents, [
      { Key: 'z', Size: 1, ETag: '"9dd4e461268c8034f5c8564e155c67a6"', StorageClass: 'STANDARD', LastModified: Date },
    ]);
  });

  for (const Delimiter of [undefined, '/']) {
    await t.test(`page by page, ${Delimiter ? 'with' : 'without'} a delimiter`, async (t) => {
      const entries: string[] = [];
      for await (const page of paginateListObjectsV2({ client: s3, pageSize: 1 }, { Bucket, Delimiter })) {
        t.equal(page.KeyCount, 1);
        entries.push(
          ...(page.Contents ?? []).map(({ Key }) => String(Key)),
          ...(page.CommonPrefixes ?? []).map(({ Prefix }) => String(Prefix)),
        );
      }
      t.strictSame(entries, Delimiter ? ['a', 'b/', 'b0', 'd e+é/', 'z'] : keys);
    });
  }

  await t.test('names are URL-encoded on request', async (t) => {
    const answer = await s3.send(
      new ListObjectsV2Command({ Bucket, EncodingType: 'url', Prefix: 'd e', Delimiter: '/' }),
    );
    t.match(answer, {
      EncodingType: 'url',
      Prefix: 'd%20e',
      Delimiter: '/',
      CommonPrefixes: [{ Prefix: 'd%20e%2B%C3%A9/' }],
    });
  });
});

t.test('ListObjects, the first version', async (t) => {
  const { sandbox, s3 } = await start(t);
  addBucket(sandbox, Bucket);
  for (const Key of keys) await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
  const all = await s3.send(new ListObjectsCommand({ Bucket }));
  t.match(all, { Name: Bucket, Prefix: '', IsTruncated: false, MaxKeys: 1000 });
  t.strictSame(
    all.Contents?.map(({ Key, Size }) => [Key, Size]),
    keys.map((key) => [key, 1]),
  );
  // A marker is answered where there is a delimiter; without one it is the last key.
  const first = await s3.send(new ListObjectsCommand({ Bucket, MaxKeys: 2, Delimiter: '/' }));
  t.match(first, { IsTruncated: true, NextMarker: 'b/', Contents: [{ Key: 'a' }], CommonPrefixes: [{ Prefix: 'b/' }] });
  const next = await s3.send(
    new ListObjectsCommand({ Bucket, Marker: 'b/', Delimiter: '/', MaxKeys: 2, EncodingType: 'url' }),
  );
  t.match(next, { Marker: 'b/', NextMarker: 'd%20e%2B%C3%A9/', Contents: [{ Key: 'b0' }] });
  const plain = await s3.send(new ListObjectsCommand({ Bucket, MaxKeys: 2, Marker: 'b/1' }));
  t.match(plain, { IsTruncated: true, Contents: [{ Key: 'b/2' }, { Key: 'b/c/3' }] });
  t.equal(plain.NextMarker, undefined);
});

t.test('a key that looks like a folder is listed in that folder', async (t) => {
  const { sandbox, s3 } = await start(t);
  addBucket(sandbox, Bucket);
  for (const Key of ['b', 'a/2', 'a/', 'a/1']) await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
  const list = async (input: Partial<ListObjectsV2CommandInput>) => {
    const { Contents = [], CommonPrefixes = [] } = await s3.send(new ListObjectsV2Command({ Bucket, ...input }));
    return [...Contents.map(({ Key }) => Key), '|', ...CommonPrefixes.map(({ Prefix }) => Prefix)];
  };
  t.strictSame(await list({}), ['a/', 'a/1', 'a/2', 'b', '|'], 'in a map of the test’s own, too');
  t.strictSame(await list({ Delimiter: '/' }), ['b', '|', 'a/']);
  t.strictSame(await list({ Delimiter: '/', Prefix: 'a/' }), ['a/', 'a/1', 'a/2', '|']);
  t.strictSame(await list({ Prefix: 'a/', StartAfter: 'a/1' }), ['a/2', '|']);
  t.strictSame(await list({ Prefix: 'a/', StartAfter: 'b' }), ['|']);
});

t.test('50,000 objects', async (t) => {
  const { sandbox, s3 } = await start(t);
  await s3.send(new CreateBucketCommand({ Bucket }));
  const { objects } = sandbox.state.s3.buckets.get(Bucket) ?? addBucket(sandbox, Bucket);
  const object = {
    body: Buffer.from('x'),
    etag: '"x"',
    modified: new Date(0),
    contentType: 'text/plain',
    metadata: {},
    tags: new Map(),
  };
  // No order of insertion that would help.
  const name = (index: number) => `inbound/${String((index * 37_781) % 50_000).padStart(5, '0')}`;
  for (let index = 0; index < 50_000; index += 1) objects.set(name(index), object);
  const began = process.cpuUsage();
  const found: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix: 'inbound/' })) {
    found.push(...Contents.map(({ Key }) => String(Key)));
  }
  const { user, system } = process.cpuUsage(began);
  t.strictSame(found, [...objects.keys()].sort());
  // Sorting them for each page took seventeen seconds. The client's share is in it, and that of the coverage.
  t.ok(user + system < 10_000_000, `${(user + system) / 1000} ms of CPU for 50 pages`);
});

t.test('the parameters are conditions', async (t) => {
  const { sandbox } = await start(t);
  addBucket(sandbox, Bucket);
  const own = (Condition: object) =>
    policy({ Effect: 'Allow', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::mail', Condition });
  const narrow = own({
    StringLike: { 's3:prefix': 'inbound/*' },
    StringEqualsIfExists: { 's3:delimiter': '/' },
    NumericLessThanEqualsIfExists: { 's3:max-keys': '10' },
  });
  const { s3 } = clients(sandbox, sessionOf(sandbox, addRole(sandbox, 'reader', narrow)));
  const list = async (input: Partial<ListObjectsV2CommandInput>) => {
    const outcome = await refusal(s3.send(new ListObjectsV2Command({ Bucket, ...input })));
    return outcome.slice(0, 16);
  };
  t.equal(await list({ Prefix: 'inbound/' }), 'fine');
  t.equal(await list({ Prefix: 'inbound/', Delimiter: '/', MaxKeys: 10 }), 'fine');
  t.equal(await list({ Prefix: 'inbound/', MaxKeys: 11 }), '403 AccessDenied');
  t.equal(await list({ Prefix: 'inbound/', Delimiter: '-' }), '403 AccessDenied');
  t.equal(await list({ Prefix: 'bots/' }), '403 AccessDenied');
  t.equal(await list({}), '403 AccessDenied');
  const first = (Prefix: string) => refusal(s3.send(new ListObjectsCommand({ Bucket, Prefix })));
  t.equal(await first('inbound/'), 'fine');
  t.match(await first('bots/'), '403 AccessDenied');
});
