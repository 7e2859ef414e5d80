/** With which settings `trace` decides, how a message is stored, and who can read it when that is not plain. */
import { CreatePolicyCommand, PutRolePermissionsBoundaryCommand } from '@aws-sdk/client-iam';
import { DeleteFunctionCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import t from 'tap';
import { delivered, mailDomain, startRouting } from '../../support/mail.js';
import { byEnvelope } from './support.js';

const FunctionName = 'agentkeys-ses-routing';

t.test("the deployed function's settings decide; those given here if it has none", async (t) => {
  const operator = await startRouting(t);
  await delivered(operator, [byEnvelope]);
  const { aws, bucket, run, sandbox } = operator;
  sandbox.state.s3.buckets
    .get(bucket)
    ?.objects.delete(byEnvelope.key.replace('inbound/', `bots/${byEnvelope.routed?.wallets[0]}/inbound/`));
  const decide = async (...flags: string[]) =>
    (await run(['trace', byEnvelope.key, ...flags])).stdout.replace(/\s+/g, ' ');
  const change = (Variables: Record<string, string>) =>
    aws.lambda.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName,
        Environment: { Variables: { BUCKET: bucket, ACCOUNT_ID: sandbox.account, ...Variables } },
      }),
    );
  await change({ MAIL_DOMAIN: 'elsewhere.example' });
  t.match(await decide(), "names a wallet's address at a domain that is not routed ");
  await change({ PREFIXES: 'groq' });
  t.match(await decide(), "names a wallet's address with a prefix that is not routed ");
  await change({ PREFIXES: 'or,groq' });
  t.match(await decide(), 'names a routed address ');
  const key = 'arn:aws:kms:us-east-1:111122223333:key/1';
  const deployed = sandbox.state.lambda.functions.get(FunctionName);
  const inline = sandbox.state.iam.users.get('administrator')?.inline;
  if (deployed === undefined || inline === undefined) return t.fail('no function, or no user');
  deployed.connected = { kmsKey: key };
  const Statement = [{ Effect: 'Deny', Action: 'kms:*', Resource: '*' }];
  inline.set('no-kms', JSON.stringify({ Version: '2012-10-17', Statement }));
  t.match(await decide(), "The variables of the function agentkeys-ses-routing can't be decrypted by this caller.");
  inline.delete('no-kms');
  deployed.connected = {};
  await change({ PREFIXES: '!' });
  t.match(await decide(), 'The function agentkeys-ses-routing does not start: ');
  await change({ BUCKET: 'another-bucket' });
  t.match(
    (await decide('--mail-domain', 'x.example')).replace(/\s+/g, ' '),
    'routes the mail of the bucket another-bucket.',
  );
  await aws.lambda.send(new DeleteFunctionCommand({ FunctionName }));
  const without = (await decide('--mail-domain', mailDomain)).replace(/\s+/g, ' ');
  t.match(without, 'There is no function agentkeys-ses-routing.');
  t.match(without, 'names a routed address');
});

t.test('how it is stored: archived, restored, with a key of KMS, encrypted by SES; the set-up notice', async (t) => {
  const operator = await startRouting(t);
  const { aws, bucket, run, sandbox } = operator;
  const shown = async (id: string) => (await run(['trace', id])).stdout.replace(/\s+/g, ' ');
  const put = async (id: string, more: object = {}) => {
    await aws.s3.send(new PutObjectCommand({ Bucket: bucket, Key: `inbound/${id}`, Body: byEnvelope.raw, ...more }));
    return shown(id);
  };
  const archived = await put('archived', { StorageClass: 'GLACIER' });
  t.match(archived, "It is archived: it can't be read before it is restored.");
  t.match(archived, ' bytes, GLACIER ');
  t.match(archived, 'What to do Restore it (aws s3api restore-object), then route it. npx');
  const object = sandbox.state.s3.buckets.get(bucket)?.objects.get('inbound/archived');
  if (object === undefined) return t.fail('no object');
  object.restore = {};
  t.match(await shown('archived'), 'GLACIER (a restore is in progress)');
  object.restore = { expiry: new Date(Date.now() + 86_400_000) };
  t.match(await shown('archived'), 'GLACIER (restored for now)');
  const old = sandbox.state.s3.buckets.get(bucket)?.objects.get('inbound/archived');
  // Stored before S3 encrypted every object.
  delete old?.encryption;
  t.match(await shown('archived'), 'encryption not reported');
  const sealed = await put('sealed', { Metadata: { 'x-amz-key-v2': 'x' } });
  t.match(sealed, "Remove the KMS key from the receipt rule's S3 action. This message can't be routed.");
  t.notMatch(sealed, 'names a');
  const long = await put('long', { Body: `X: ${'y'.repeat(70_000)}\r\n\r\n` });
  t.match(long, 'Its header is longer than what is read of it (64 kB)');
  const notice = await put('AMAZON_SES_SETUP_NOTIFICATION');
  t.match(notice, 'It is the notice that SES stores when a receipt rule is created, not mail.');
  t.notMatch(notice, 'bytes of its header were read');
});

t.test('who can read it, where the policies do not tell', async (t) => {
  const operator = await startRouting(t);
  await delivered(operator, [byEnvelope]);
  const { aws, run, sandbox } = operator;
  const policies = sandbox.state.iam.roles.get('agentkeys-data-role')?.inline;
  const allow = (Condition: object) =>
    policies?.set(
      'more',
      JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*', Condition }],
      }),
    );
  const readers = async (...flags: string[]) =>
    (await run(['trace', byEnvelope.key, ...flags])).stdout.replace(/\s+/g, ' ').replace(/^.*Who can read it/, '');
  allow({ IpAddress: { 'aws:SourceIp': '192.0.2.1/32' } });
  t.match(
    await readers(),
    'unknown: an agent (agentkeys-data-role), inbound/ (a condition decides that is not known here (no statement allows it))',
  );
  allow({ NoSuchOperator: { 'aws:SourceIp': 'x' } });
  t.match(await readers(), /unknown: an agent \(agentkeys-data-role\), inbound\/ \(/);
  policies?.delete('more');
  t.match(
    await readers('--data-role', 'arn:aws:iam::444455556666:role/theirs'),
    'The role belongs to another account, whose policies are not read.',
  );
  t.match(
    await readers('--data-role', 'arn:aws:iam::111122223333:role/nobody'),
    'There is no role nobody; name it with --data-role',
  );
  t.match(
    await readers('--no-broker'),
    'unknown: the broker (agentkeys-broker-host), inbound/ (skipped: --no-broker.)',
  );
  const bucket = sandbox.state.s3.buckets.get(operator.bucket);
  if (bucket === undefined) return t.fail('no bucket');
  delete bucket.policy;
  t.match(await readers(), 'no: a session of the wallet (agentkeys-data-role), the copy (no statement allows it)');
  // A permissions boundary allows nothing by itself, and limits what the role's policies allow.
  const bound = (PermissionsBoundary = '') =>
    aws.iam.send(new PutRolePermissionsBoundaryCommand({ RoleName: 'agentkeys-broker-host', PermissionsBoundary }));
  await bound('arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess');
  t.match(
    await readers(),
    'yes: the broker (agentkeys-broker-host), inbound/ (allowed by agentkeys-ses-routing-broker)',
  );
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'ec2:*', Resource: '*' }],
  });
  const { Policy } = await aws.iam.send(new CreatePolicyCommand({ PolicyName: 'no-s3', PolicyDocument }));
  await bound(Policy?.Arn);
  t.match(await readers(), 'no: the broker (agentkeys-broker-host), inbound/ (');
});
