import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
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
