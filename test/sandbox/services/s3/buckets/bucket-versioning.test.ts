import { GetBucketVersioningCommand, PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import t from 'tap';
import { addBucket, refusal, start } from '../../../support.js';

const Bucket = 'mail';

t.test('versioning', async (t) => {
  const { sandbox, s3 } = await start(t);
  addBucket(sandbox, Bucket);
  const status = async () => (await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status;
  t.equal(await status(), undefined);
  for (const Status of ['Enabled', 'Suspended', 'Enabled'] as const) {
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
    t.equal(await status(), Status);
  }
  t.equal(
    await refusal(s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: {} }))),
    '400 IllegalVersioningConfigurationException: The Versioning element must be specified',
  );
});
