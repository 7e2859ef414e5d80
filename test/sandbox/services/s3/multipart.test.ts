import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import t from 'tap';
import { addBucket, addRole, clients, policy, refusal, sessionOf, start } from '../../support.js';

const Bucket = 'mail';
const Key = 'inbound/large é';
const MiB = 1024 * 1024;
const [first, second] = [Buffer.alloc(5 * MiB, 'a'), Buffer.from('the end')];
const md5 = (...bytes: Uint8Array[]) => createHash('md5').update(Buffer.concat(bytes)).digest();

async function create(s3: S3Client, more: Partial<CreateMultipartUploadCommandInput> = {}): Promise<string> {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }));
  return String(UploadId);
}

/** @returns the part as CompleteMultipartUpload names it */
async function upload(s3: S3Client, UploadId: string, PartNumber: number, Body: Uint8Array) {
  const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
  return { PartNumber, ETag };
}

t.test('an object is made of parts, and reported once it is complete', async (t) => {
  const { sandbox, s3 } = await start(t);
  const bucket = addBucket(sandbox, Bucket);
  const created: unknown[] = [];
  sandbox.state.objectCreated = ({ name }, ...rest) => void created.push([name, ...rest]);
  const UploadId = await create(s3, { ContentType: 'text/plain', Metadata: { team: 'mail' }, Tagging: 'a=1' });
  const last = await upload(s3, UploadId, 20, second);
  await upload(s3, UploadId, 3, Buffer.from('replaced'));
  const Parts = [await upload(s3, UploadId, 3, first), last];
  t.strictSame(Parts, [
    { PartNumber: 3, ETag: `"${md5(first).toString('hex')}"` },
    { PartNumber: 20, ETag: `"${md5(second).toString('hex')}"` },
  ]);
  t.equal(bucket.objects.size, 0);
  t.strictSame(created, []);

  const ETag = `"${md5(md5(first), md5(second)).toString('hex')}-2"`;
  const complete = new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } });
  t.match(await s3.send(complete), {
    Location: `${sandbox.endpoint}/mail/inbound%2Flarge%20%C3%A9`,
    Bucket,
    Key,
    ETag,
    ServerSideEncryption: 'AES256',
  });
  t.strictSame(created, [[Bucket, Key, 'CompleteMultipartUpload', '111122223333', '127.0.0.1']]);
  const got = await s3.send(new GetObjectCommand({ Bucket, Key }));
  t.match(got, {
    ETag,
    ContentLength: 5 * MiB + 7,
    ContentType: 'text/plain',
    Metadata: { team: 'mail' },
    TagCount: 1,
  });
  t.ok(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(Buffer.concat([first, second])));
  t.match(await refusal(s3.send(complete)), '404 NoSuchUpload: The specified upload does not exist.');
  t.strictSame(bucket.uploads, []);
});

t.test('EventBridge and notifications name the reason', async (t) => {
  const { sandbox, s3 } = await start(t);
  const bucket = addBucket(sandbox, Bucket, { eventBridgeSince: new Date(0) });
  const event = (name: string) => ({ Id: name, LambdaFunctionArn: `arn:x:function:${name}`, Events: [name] as never });
  bucket.notification = {
    LambdaFunctionConfigurations: [
      event('s3:ObjectCreated:CompleteMultipartUpload'),
      event('s3:ObjectCreated:Put'),
      event('s3:ObjectCreated:*'),
    ],
  };
  const EventPattern = JSON.stringify({ detail: { reason: ['CompleteMultipartUpload'] } });
  const Arn = 'arn:aws:lambda:us-east-1:111122223333:function:router';
  sandbox.state.events.rules.set('reason', {
    name: 'reason',
    arn: 'arn:aws:events:us-east-1:111122223333:rule/reason',
    pattern: EventPattern,
    state: 'ENABLED',
    targets: new Map([['router', { Id: 'router', Arn }]]),
    tags: new Map(),
  });
  const UploadId = await create(s3);
  const Parts = [await upload(s3, UploadId, 1, second)];
  await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
  await sandbox.settled();
  t.strictSame(sandbox.state.deliveries.map(({ rule, notification }) => rule ?? notification).sort(), [
    'reason',
    's3:ObjectCreated:*',
    's3:ObjectCreated:CompleteMultipartUpload',
  ]);
});

t.test('parts and uploads are listed in pages', async (t) => {
  let now = Date.parse('2026-03-01T12:00:00Z');
  const { sandbox, s3 } = await start(t, { now: () => now });
  addBucket(sandbox, Bucket);
  t.match(await s3.send(new ListMultipartUploadsCommand({ Bucket })), { IsTruncated: false });
  const uploads: string[] = [];
  for (const key of ['b', 'a', 'a', 'inbound/c']) {
    uploads.push(await create(s3, { Key: key, StorageClass: key === 'b' ? 'STANDARD_IA' : undefined }));
    now += 1000;
  }
  const [b, a, again, c] = uploads;
  const one = await s3.send(new ListMultipartUploadsCommand({ Bucket, MaxUploads: 1 }));
  t.match(one, { IsTruncated: true, NextKeyMarker: 'a', NextUploadIdMarker: a });
  const { NextKeyMarker: KeyMarker, NextUploadIdMarker: UploadIdMarker } = one;
  const rest = await s3.send(new ListMultipartUploadsCommand({ Bucket, KeyMarker, UploadIdMarker }));
  t.strictSame(rest.Uploads, [
    { Key: 'a', UploadId: again, StorageClass: 'STANDARD', Initiated: new Date('2026-03-01T12:00:02Z') },
    { Key: 'b', UploadId: b, StorageClass: 'STANDARD_IA', Initiated: new Date('2026-03-01T12:00:00Z') },
    { Key: 'inbound/c', UploadId: c, StorageClass: 'STANDARD', Initiated: new Date('2026-03-01T12:00:03Z') },
  ]);
  const { Uploads } = await s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: 'inbound/' }));
  t.equal(Uploads?.length, 1);
  for (const more of [{ Delimiter: '/' }, { EncodingType: 'url' as const }])
    t.match(await refusal(s3.send(new ListMultipartUploadsCommand({ Bucket, ...more }))), '501 NotImplemented');

  const UploadId = await create(s3);
  const none = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId }));
  t.match(none, { Key, UploadId, StorageClass: 'STANDARD', IsTruncated: false });
  t.equal(none.Parts, undefined);
  for (const number of [7, 2]) await upload(s3, UploadId, number, second);
  const page = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId, MaxParts: 1 }));
  t.match(page, { IsTruncated: true, NextPartNumberMarker: '2', Parts: [{ PartNumber: 2, Size: 7 }] });
  const next = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId, PartNumberMarker: '2' }));
  t.match(next, { IsTruncated: false, Parts: [{ PartNumber: 7, ETag: `"${md5(second).toString('hex')}"` }] });
});

t.test('an aborted upload leaves nothing', async (t) => {
  const { sandbox, s3 } = await start(t);
  addBucket(sandbox, Bucket);
  const before = sandbox.snapshot();
  const UploadId = await create(s3);
  t.notSame(sandbox.snapshot(), before, 'parts that stay are part of what the account is');
  await upload(s3, UploadId, 1, first);
  const abort = new AbortMultipartUploadCommand({ Bucket, Key, UploadId });
  t.equal(
    await refusal(s3.send(new AbortMultipartUploadCommand({ Bucket, Key: 'other', UploadId }))).then((text) =>
      text.slice(0, 16),
    ),
    '404 NoSuchUpload',
  );
  await s3.send(abort);
  t.match(await refusal(s3.send(abort)), '404 NoSuchUpload');
  t.match(await refusal(upload(s3, UploadId, 1, first)), '404 NoSuchUpload');
  const { Uploads } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
  t.equal(Uploads, undefined);
});

t.test('a part is copied from an object, or from a range of it', async (t) => {
  const { sandbox, s3 } = await start(t);
  addBucket(sandbox, Bucket);
  await s3.send(new PutObjectCommand({ Bucket, Key: 'source', Body: '0123456789', Tagging: 'a=1' }));
  const UploadId = await create(s3);
  const copy = (more: object = {}) =>
    s3.send(
      new UploadPartCopyCommand({ Bucket, Key, UploadId, PartNumber: 1, CopySource: `${Bucket}/source`, ...more }),
    );
  t.match(await copy(), { CopyPartResult: { ETag: `"${md5(Buffer.from('0123456789')).toString('hex')}"` } });
  const { CopyPartResult } = await copy({ CopySourceRange: 'bytes=2-4' });
  for (const CopySourceRange of ['bytes=5-10', 'bytes=4-2', '2-4'])
    t.match(await refusal(copy({ CopySourceRange })), '400 InvalidArgument', CopySourceRange);
  t.match(await refusal(copy({ CopySourceIfMatch: '"other"' })), '412 PreconditionFailed');
  t.match(await refusal(copy({ CopySource: `${Bucket}/none` })), '404 NoSuchKey');
  t.match(await refusal(copy({ CopySource: 'mail/100%' })), "400 InvalidURI: Couldn't parse the specified URI.");
  const Parts = [{ PartNumber: 1, ETag: CopyPartResult?.ETag }];
  await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
  const got = await s3.send(new GetObjectCommand({ Bucket, Key }));
  t.equal(await got.Body?.transformToString(), '234');
});

t.test('what cannot be completed', async (t) => {
  const { sandbox, s3 } = await start(t);
  addBucket(sandbox, Bucket);
  const UploadId = await create(s3);
  const [one, two, three] = [
    await upload(s3, UploadId, 1, first),
    await upload(s3, UploadId, 2, second),
    await upload(s3, UploadId, 3, second),
  ];
  const complete = (Parts: object[], more: object = {}) =>
    s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts }, ...more }));
  const cases: Array<[parts: object[], answer: string]> = [
    [[], '400 MalformedXML'],
    [[two, one], '400 InvalidPartOrder'],
    [[one, one], '400 InvalidPartOrder'],
    [[{ PartNumber: 4, ETag: one.ETag }], '400 InvalidPart:'],
    [[{ PartNumber: 1, ETag: two.ETag }], '400 InvalidPart:'],
    [[two, three], '400 EntityTooSmall'],
  ];
  for (const [parts, answer] of cases) t.match(await refusal(complete(parts)), answer, answer);
  for (const PartNumber of [0, 10_001])
    t.match(await refusal(upload(s3, UploadId, PartNumber, second)), '400 InvalidArgument');
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'there' }));
  t.match(await refusal(complete([one, two], { IfNoneMatch: '*' })), '412 PreconditionFailed');
  t.equal(await refusal(complete([one, two])), 'fine');
});

t.test('each operation needs its permission', async (t) => {
  const { sandbox, s3 } = await start(t);
  addBucket(sandbox, Bucket, { encryption: { algorithm: 'aws:kms', key: 'alias/mail' } });
  const allowed = (...Action: string[]) => {
    const role = addRole(sandbox, 'uploader', policy({ Effect: 'Allow', Action, Resource: '*' }));
    return clients(sandbox, sessionOf(sandbox, role)).s3;
  };
  const UploadId = await create(s3);
  const part = await upload(s3, UploadId, 1, second);
  const named = { Bucket, Key, UploadId };
  const MultipartUpload = { Parts: [part] };
  const cases: Array<[actions: string[], send: (client: S3Client) => Promise<unknown>]> = [
    [['s3:PutObject', 'kms:GenerateDataKey'], (client) => create(client)],
    [
      ['s3:PutObject', 's3:PutObjectTagging', 'kms:GenerateDataKey'],
      (client) => client.send(new CreateMultipartUploadCommand({ Bucket, Key, Tagging: 'a=1' })),
    ],
    [['s3:PutObject', 'kms:Decrypt'], (client) => upload(client, UploadId, 1, second)],
    [
      ['s3:PutObject', 's3:GetObject', 'kms:Decrypt'],
      (client) => client.send(new UploadPartCopyCommand({ ...named, PartNumber: 2, CopySource: `${Bucket}/source` })),
    ],
    [['s3:ListMultipartUploadParts'], (client) => client.send(new ListPartsCommand(named))],
    [['s3:ListBucketMultipartUploads'], (client) => client.send(new ListMultipartUploadsCommand({ Bucket }))],
    [
      ['s3:PutObject', 'kms:Decrypt'],
      (client) => client.send(new CompleteMultipartUploadCommand({ ...named, MultipartUpload })),
    ],
    [['s3:AbortMultipartUpload'], (client) => client.send(new AbortMultipartUploadCommand(named))],
  ];
  await s3.send(new PutObjectCommand({ Bucket, Key: 'source', Body: 'x' }));
  for (const [actions, send] of cases) {
    for (const missing of actions)
      t.match(
        await refusal(send(allowed('s3:Nothing', ...actions.filter((action) => action !== missing)))),
        '403 AccessDenied',
        `${actions} without ${missing}`,
      );
    // The upload is complete when it comes to its end.
    t.match(await refusal(send(allowed(...actions))), /^(fine|404 NoSuchUpload)/, `${actions}`);
  }
  t.match(await s3.send(new HeadObjectCommand({ Bucket, Key })), { ServerSideEncryption: 'aws:kms' });
});
