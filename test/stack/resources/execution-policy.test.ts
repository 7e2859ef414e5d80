import t from 'tap';
import { describeStatement } from '../../../src/policy/document.js';
import { loadSettings } from '../../../src/settings/index.js';
import { ownKey } from '../../../src/stack/resources/bucket/kms-key.js';
import { executionPolicy } from '../../../src/stack/resources/execution-role.js';
import { namesOf } from '../../../src/stack/scope.js';

const cases: Array<{ name: string; kmsKey: string; region?: string; partition?: string; says: string }> = [
  {
    name: 'a key by ARN',
    kmsKey: 'arn:aws:kms:us-east-1:999988887777:key/1234',
    says: 'Allow kms:Decrypt, kms:GenerateDataKey on arn:aws:kms:us-east-1:999988887777:key/1234 when kms:ViaService StringEquals s3.us-east-1.amazonaws.com',
  },
  {
    name: 'a key by id',
    kmsKey: '1234',
    says: 'Allow kms:Decrypt, kms:GenerateDataKey on arn:aws:kms:us-east-1:111122223333:key/1234 when kms:ViaService StringEquals s3.us-east-1.amazonaws.com',
  },
  {
    name: 'a key by alias, in China',
    kmsKey: 'alias/mail',
    region: 'cn-north-1',
    partition: 'aws-cn',
    says: 'Allow kms:Decrypt, kms:GenerateDataKey on arn:aws-cn:kms:cn-north-1:111122223333:key/* when kms:ViaService StringEquals s3.cn-north-1.amazonaws.com and kms:ResourceAliases ForAnyValue:StringEquals alias/mail',
  },
  {
    name: 'an alias by ARN',
    kmsKey: 'arn:aws:kms:us-east-1:111122223333:alias/mail',
    says: 'Allow kms:Decrypt, kms:GenerateDataKey on arn:aws:kms:us-east-1:111122223333:key/* when kms:ViaService StringEquals s3.us-east-1.amazonaws.com and kms:ResourceAliases ForAnyValue:StringEquals alias/mail',
  },
  {
    name: "an alias by ARN, of another account's",
    kmsKey: 'arn:aws:kms:us-east-1:999988887777:alias/mail/1',
    says: 'Allow kms:Decrypt, kms:GenerateDataKey on arn:aws:kms:us-east-1:999988887777:key/* when kms:ViaService StringEquals s3.us-east-1.amazonaws.com and kms:ResourceAliases ForAnyValue:StringEquals alias/mail/1',
  },
  {
    name: 'a multi-Region key by id',
    kmsKey: 'mrk-1234',
    says: 'Allow kms:Decrypt, kms:GenerateDataKey on arn:aws:kms:us-east-1:111122223333:key/mrk-1234 when kms:ViaService StringEquals s3.us-east-1.amazonaws.com',
  },
];

t.test("AWS's own key for S3 needs no permissions, however it is named", async (t) => {
  for (const name of [undefined, 'alias/aws/s3', 'arn:aws:kms:us-east-1:111122223333:alias/aws/s3'])
    t.equal(ownKey(name), undefined);
  for (const name of ['alias/aws/s3-mail', 'alias/mine/alias/aws/s3', '1234']) t.equal(ownKey(name), name);
});

for (const { name, kmsKey, region = 'us-east-1', partition = 'aws', says } of cases) {
  t.test(`an encrypted bucket: ${name}`, async (t) => {
    const { settings } = await loadSettings({}, {}, t.testdirName);
    const identity = { account: '111122223333', partition, region, caller: '' };
    const place = { identity, names: namesOf(settings, identity), settings };
    const plain = executionPolicy(place, {}, false).Statement.map(describeStatement);
    const encrypted = executionPolicy(place, { kmsKey }, false).Statement.map(describeStatement);
    t.strictSame(encrypted, [...plain, says]);
  });
}
