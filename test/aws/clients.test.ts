import { HeadBucketCommand } from '@aws-sdk/client-s3';
import { SESClient } from '@aws-sdk/client-ses';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import t, { type Test } from 'tap';
import { createAws } from '../../src/aws/clients.js';
import { startSandbox } from '../../src/sandbox/index.js';
import { startOperator } from '../support/operator.js';

/** Sets an environment variable for the length of the test. */
function setVariable(t: Test, name: string, value: string): void {
  process.env[name] = value;
  t.teardown(() => delete process.env[name]);
}

t.test('a profile gives region and credentials to all clients', async (t) => {
  const sandbox = await startSandbox();
  t.teardown(() => sandbox.close());
  const { accessKeyId, secretAccessKey } = sandbox.administrator;
  const directory = t.testdir({
    config: '[profile mail]\nregion = us-east-1\n',
    credentials: `[mail]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
  });
  setVariable(t, 'AWS_CONFIG_FILE', `${directory}/config`);
  setVariable(t, 'AWS_SHARED_CREDENTIALS_FILE', `${directory}/credentials`);
  const aws = createAws({ profile: 'mail', endpointUrl: sandbox.endpoint });
  t.teardown(() => aws.close());
  const { Arn } = await aws.sts.send(new GetCallerIdentityCommand({}));
  t.equal(Arn, 'arn:aws:iam::111122223333:user/administrator');
  for (const client of [aws.iam, aws.lambda, aws.s3, aws.events, aws.logs])
    t.equal(await client.config.region(), 'us-east-1');
});

t.test("credentials come from the SDK's own chain when none are passed", async (t) => {
  const sandbox = await startSandbox();
  t.teardown(() => sandbox.close());
  setVariable(t, 'AWS_ACCESS_KEY_ID', sandbox.administrator.accessKeyId);
  setVariable(t, 'AWS_SECRET_ACCESS_KEY', sandbox.administrator.secretAccessKey);
  const aws = createAws({ region: 'us-east-1', endpointUrl: sandbox.endpoint });
  t.teardown(() => aws.close());
  t.match(await aws.sts.send(new GetCallerIdentityCommand({})), { Account: '111122223333' });
});

t.test('a client that only some commands need is made once, like the others, and closed with them', async (t) => {
  const aws = createAws({ region: 'eu-west-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  const ses = aws.client(SESClient);
  t.equal(aws.client(SESClient), ses);
  t.equal(await ses.config.region(), 'eu-west-1');
  t.equal(await ses.config.maxAttempts(), 5);
  let closed = 0;
  ses.destroy = () => void closed++;
  aws.close();
  t.equal(closed, 1);
});

t.test('S3 is addressed by path at an emulator, by host name at AWS', async (t) => {
  const { aws, bucket } = await startOperator(t);
  await aws.s3.send(new HeadBucketCommand({ Bucket: bucket }));
  t.equal(await aws.s3.config.forcePathStyle, true);
  const real = createAws({ region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
  t.teardown(() => real.close());
  const byPath: unknown = real.s3.config.forcePathStyle;
  t.equal(typeof byPath === 'function' && (await byPath()), false);
});
