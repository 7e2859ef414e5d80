/** Encryption with KMS: what S3 asks KMS for on the caller's behalf. */
import {
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketEncryptionCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import t from 'tap';
import { addBucket, addRole, clients, policy, refusal, sessionOf, start } from '../../support.js';

const Bucket = 'mail';
const Key = 'inbound/1';
const body = '0123456789';
const allow = (Action: string | string[], Resource: string | string[] = '*', Condition?: object) => ({
  Effect: 'Allow',
  Action,
  Resource,
  Condition,
});

const key = 'arn:aws:kms:us-east-1:111122223333:key/k';
const encrypted: Array<[what: string, own: string, input: Partial<PutObjectCommandInput>, expected: string]> = [
  ['without the key', policy(allow('s3:*')), {}, 'kms:GenerateDataKey'],
  ['with the key, for writing', policy(allow('s3:*'), allow('kms:GenerateDataKey', key)), {}, 'kms:Decrypt'],
  [
    'with the key, through S3',
    policy(
      allow('s3:*'),
      allow(['kms:GenerateDataKey', 'kms:Decrypt'], key, {
        StringEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' },
      }),
    ),
    {},
    'fine',
  ],
  ['with S3’s own key instead', policy(allow('s3:*')), { ServerSideEncryption: 'aws:kms' }, 'fine'],
  ['without KMS', policy(allow('s3:*')), { ServerSideEncryption: 'AES256' }, 'fine'],
  [
    'with another key',
    policy(allow('s3:*'), allow('kms:*', key)),
    { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'other' },
    'kms:GenerateDataKey',
  ],
  [
    'with an encryption that the policy demands',
    policy(
      allow('s3:PutObject', '*', { StringEquals: { 's3:x-amz-server-side-encryption': 'AES256' } }),
      allow('s3:GetObject'),
    ),
    { ServerSideEncryption: 'AES256' },
    'fine',
  ],
  [
    'without an encryption that the policy demands',
    policy(
      allow('s3:PutObject', '*', { StringEquals: { 's3:x-amz-server-side-encryption': 'AES256' } }),
      allow('kms:*'),
    ),
    {},
    's3:PutObject',
  ],
];
t.test('a bucket encrypted with KMS needs the key', async (t) => {
  const { sandbox } = await start(t);
  const bucket = addBucket(sandbox, Bucket, { encryption: { algorithm: 'aws:kms', key } });
  for (const [what, own, input, expected] of encrypted) {
    await t.test(what, async (t) => {
      const { s3 } = clients(sandbox, sessionOf(sandbox, addRole(sandbox, 'writer', own)));
      const put = await refusal(s3.send(new PutObjectCommand({ Bucket, Key, Body: body, ...input })));
      const outcome = put === 'fine' ? await refusal(s3.send(new GetObjectCommand({ Bucket, Key }))) : put;
      t.match(outcome, expected === 'fine' ? /^fine$/ : `is not authorized to perform: ${expected} on resource: `);
      bucket.objects.clear();
    });
  }
  await t.test('the answers name it', async (t) => {
    const { s3 } = clients(sandbox, sandbox.administrator);
    const names = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: key };
    t.match(await s3.send(new PutObjectCommand({ Bucket, Key, Body: body })), names);
    t.match(await s3.send(new HeadObjectCommand({ Bucket, Key })), names);
  });
});

const uses = ['kms:GenerateDataKey', 'kms:Decrypt'];
const byAlias = (alias: string) =>
  allow(uses, 'arn:aws:kms:us-east-1:111122223333:key/*', {
    'ForAnyValue:StringEquals': { 'kms:ResourceAliases': alias },
  });
const inContext = (arn: string) => allow(uses, key, { StringEquals: { 'kms:EncryptionContext:aws:s3:arn': arn } });
const named: Array<[what: string, given: object, own: object, expected: string]> = [
  ['by its ARN', { KMSMasterKeyID: key }, allow(uses, key), 'fine'],
  ['by its id', { KMSMasterKeyID: 'k' }, allow(uses, key), 'fine'],
  ['by an alias', { KMSMasterKeyID: 'alias/mail' }, byAlias('alias/mail'), 'fine'],
  [
    "by an alias's ARN",
    { KMSMasterKeyID: 'arn:aws:kms:us-east-1:111122223333:alias/mail' },
    byAlias('alias/mail'),
    'fine',
  ],
  ['by another alias', { KMSMasterKeyID: 'alias/mail' }, byAlias('alias/other'), 'kms:GenerateDataKey'],
  ['by its ARN, which has no alias', { KMSMasterKeyID: key }, byAlias('alias/mail'), 'kms:GenerateDataKey'],
  ["by the alias of AWS's own key", { KMSMasterKeyID: 'alias/aws/s3' }, allow('s3:*'), 'fine'],
  ['in two layers', { SSEAlgorithm: 'aws:kms:dsse', KMSMasterKeyID: key }, allow(uses, key), 'fine'],
  [
    'in two layers, without the key',
    { SSEAlgorithm: 'aws:kms:dsse', KMSMasterKeyID: key },
    allow('s3:*'),
    uses[0] ?? '',
  ],
  [
    "of another account, whose key policy isn't there",
    { KMSMasterKeyID: foreign() },
    allow(uses, foreign()),
    uses[0] ?? '',
  ],
  ["in the object's context", { KMSMasterKeyID: key }, inContext(`arn:aws:s3:::mail/${Key}`), 'fine'],
  ["in the bucket's context", { KMSMasterKeyID: key }, inContext('arn:aws:s3:::mail'), uses[0] ?? ''],
  [
    "with a bucket key, in the bucket's context",
    { KMSMasterKeyID: key, bucketKey: true },
    inContext('arn:aws:s3:::mail'),
    'fine',
  ],
];

function foreign() {
  return 'arn:aws:kms:us-east-1:999988887777:key/k';
}

t.test("the bucket's default encryption names the key", async (t) => {
  const { sandbox, s3: admin } = await start(t);
  const bucket = addBucket(sandbox, Bucket);
  for (const [what, { bucketKey = false, ...given }, own, expected] of named as Array<
    [string, { bucketKey?: boolean }, object, string]
  >) {
    await t.test(what, async (t) => {
      const byDefault = { SSEAlgorithm: 'aws:kms' as const, ...given };
      await admin.send(
        new PutBucketEncryptionCommand({
          Bucket,
          ServerSideEncryptionConfiguration: {
            Rules: [{ ApplyServerSideEncryptionByDefault: byDefault, BucketKeyEnabled: bucketKey }],
          },
        }),
      );
      const role = addRole(sandbox, 'writer', policy(allow('s3:*'), own));
      const { s3 } = clients(sandbox, sessionOf(sandbox, role));
      const put = await refusal(s3.send(new PutObjectCommand({ Bucket, Key, Body: body })));
      const outcome = put === 'fine' ? await refusal(s3.send(new GetObjectCommand({ Bucket, Key }))) : put;
      t.match(outcome, expected === 'fine' ? /^fine$/ : `is not authorized to perform: ${expected} on resource: `);
      if (expected === 'fine') {
        const { BucketKeyEnabled, ServerSideEncryption } = await admin.send(new HeadObjectCommand({ Bucket, Key }));
        t.strictSame([BucketKeyEnabled ?? false, ServerSideEncryption], [bucketKey, byDefault.SSEAlgorithm]);
      }
      bucket.objects.clear();
    });
  }
});
