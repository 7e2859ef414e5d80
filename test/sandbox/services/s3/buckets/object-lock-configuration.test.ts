import {
  GetObjectLockConfigurationCommand,
  type ObjectLockConfiguration,
  PutObjectLockConfigurationCommand,
} from '@aws-sdk/client-s3';
import t from 'tap';
import { addBucket, refusal, start } from '../../../support.js';

const Bucket = 'mail';

t.test('Object Lock', async (t) => {
  const { sandbox, s3 } = await start(t);
  const bucket = addBucket(sandbox, Bucket);
  const put = (more: ObjectLockConfiguration = {}) =>
    s3.send(
      new PutObjectLockConfigurationCommand({
        Bucket,
        ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', ...more },
      }),
    );
  const get = async () => (await s3.send(new GetObjectLockConfigurationCommand({ Bucket }))).ObjectLockConfiguration;
  t.equal(
    await refusal(get()),
    '404 ObjectLockConfigurationNotFoundError: Object Lock configuration does not exist for this bucket',
  );
  t.match(await refusal(put()), /^409 InvalidBucketState: Versioning must be 'Enabled'/);
  bucket.versioning = 'Enabled';
  await put();
  t.strictSame(await get(), { ObjectLockEnabled: 'Enabled' }, 'without a default retention');
  for (const DefaultRetention of [
    { Mode: 'GOVERNANCE', Days: 30 },
    { Mode: 'COMPLIANCE', Years: 1 },
  ] as const) {
    await put({ Rule: { DefaultRetention } });
    t.strictSame(await get(), { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention } });
  }
});
