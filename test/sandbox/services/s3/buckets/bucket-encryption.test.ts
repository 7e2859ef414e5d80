import { GetBucketEncryptionCommand, PutBucketEncryptionCommand } from '@aws-sdk/client-s3';
import t from 'tap';
import { addBucket, start } from '../../../support.js';

const Bucket = 'mail';
const key = 'arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555';
const kms = { SSEAlgorithm: 'aws:kms' as const };
const encryptions = [
  { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' as const }, BucketKeyEnabled: false },
  { ApplyServerSideEncryptionByDefault: kms, BucketKeyEnabled: false },
  { ApplyServerSideEncryptionByDefault: { ...kms, KMSMasterKeyID: key }, BucketKeyEnabled: true },
  { ApplyServerSideEncryptionByDefault: { ...kms, KMSMasterKeyID: key.split('/')[1] }, BucketKeyEnabled: false },
  { ApplyServerSideEncryptionByDefault: { ...kms, KMSMasterKeyID: 'alias/mail' }, BucketKeyEnabled: false },
];

t.test('returns the default encryption that was set', async (t) => {
  const { sandbox, s3 } = await start(t);
  addBucket(sandbox, Bucket);
  const get = async () => {
    const { ServerSideEncryptionConfiguration } = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
    return ServerSideEncryptionConfiguration?.Rules;
  };
  t.strictSame(await get(), [encryptions[0]]);
  for (const rule of encryptions) {
    const ServerSideEncryptionConfiguration = { Rules: [rule] };
    await s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration }));
    t.strictSame(await get(), [rule]);
  }
});
