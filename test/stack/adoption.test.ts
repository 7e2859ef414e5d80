import { CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { PutRuleCommand } from '@aws-sdk/client-eventbridge';
import { CreateRoleCommand } from '@aws-sdk/client-iam';
import t from 'tap';
import { type Operator, startOperator } from '../support/operator.js';

const RoleName = 'agentkeys-ses-routing-role';

async function withStrangers(operator: Operator): Promise<void> {
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  };
  await operator.aws.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) }));
  await operator.aws.events.send(
    new PutRuleCommand({ Name: 'agentkeys-ses-routing-inbound', EventPattern: '{"source":["a"]}' }),
  );
}

t.test('a same-named role and rule of somebody else are adopted only when told to', async (t) => {
  const operator = await startOperator(t);
  await withStrangers(operator);
  const before = operator.sandbox.snapshot();

  const nobody = await operator.run(['deploy']);
  t.equal(nobody.status, 1);
  t.match(nobody.stdout, /^> execution role {2}agentkeys-ses-routing-role$/m);
  t.match(nobody.stdout, /^> rule {12}agentkeys-ses-routing-inbound$/m);
  t.match(nobody.stderr, '--adopt says yes. Nothing was written.');

  const declined = await operator.run(['deploy'], { answers: ['n'] });
  t.equal(declined.status, 1);
  t.match(declined.stderr, /Take over the execution role .*, the rule .*, which this tool did not make\?/);
  t.strictSame(operator.sandbox.snapshot(), before, 'declined, nothing is written');

  const adopted = await operator.run(['deploy', '--adopt']);
  t.equal(adopted.status, 0, adopted.stderr);
  t.equal(adopted.writes.indexOf('iam:TagRole') < adopted.writes.indexOf('iam:PutRolePolicy'), true);
  t.strictSame((await operator.run(['deploy'])).writes, []);
});

t.test('yes at the prompt adopts as well', async (t) => {
  const operator = await startOperator(t);
  await withStrangers(operator);
  const adopted = await operator.run(['deploy'], { answers: ['yes', 'n'] });
  t.equal(adopted.status, 0, adopted.stderr);
  t.equal(operator.sandbox.world.iam.roles.get(RoleName)?.tags.get('managed-by'), 'agentkeys-ses-routing');
});

t.test('a function of ours without its tag is a stranger', async (t) => {
  const operator = await startOperator(t);
  await operator.run(['deploy']);
  operator.sandbox.world.lambda.functions.get('agentkeys-ses-routing')?.tags.delete('managed-by');
  t.match((await operator.run(['deploy', '--dry-run'])).stdout, /^> function/m);
  const adopted = await operator.run(['deploy', '--adopt']);
  t.strictSame(adopted.writes, ['lambda:TagResource']);
});

t.test('ceasing to route something is asked about', async (t) => {
  const operator = await startOperator(t);
  await operator.run(['deploy', '--prefix', 'or,xy', '--mail-domain', 'a.example']);
  const refused = await operator.run(['deploy', '--mail-domain', 'b.example']);
  t.equal(refused.status, 1);
  t.match(refused.stderr, '  - stop routing mail to xy-0x…, and mail to a.example');
  const narrowed = await operator.run(['deploy', '--yes', '--mail-domain', 'b.example']);
  t.equal(narrowed.status, 0, narrowed.stderr);
  t.equal((await operator.run(['deploy'])).status, 0, 'widening is not');
  const domain = await operator.run(['deploy', '--mail-domain', 'b.example']);
  t.match(domain.stderr, '  - stop routing mail to any domain but b.example');
});

t.test('a log group that was there before keeps its retention, and loses lines only after a question', async (t) => {
  const operator = await startOperator(t);
  const logGroupName = '/aws/lambda/agentkeys-ses-routing';
  await operator.aws.logs.send(new CreateLogGroupCommand({ logGroupName }));
  const group = () => operator.sandbox.world.logs.groups.get(logGroupName);
  t.equal((await operator.run(['deploy', '--tag', 'team=mail'])).status, 0);
  t.equal(group()?.retentionDays, undefined);
  t.equal(group()?.tags.size, 0, 'nor is it tagged');
  t.match(
    (await operator.run(['deploy', '--log-retention-days', '90'])).stderr,
    '  - delete log lines older than 90 days',
  );
  t.equal((await operator.run(['deploy', '--log-retention-days', '90', '--yes'])).status, 0);
  t.equal(group()?.retentionDays, 90);
});

t.test('a bucket without other notifications, and one with SSE-KMS', async (t) => {
  const operator = await startOperator(t);
  const bucket = operator.sandbox.world.s3.buckets.get(operator.bucket);
  if (bucket === undefined) return t.fail('no bucket');
  bucket.notification = {};
  bucket.encryption = { algorithm: 'aws:kms', keyArn: 'arn:aws:kms:us-east-1:111122223333:key/1234' };
  const { stdout } = await operator.run(['deploy']);
  t.match(stdout, 'there are no other notifications');
  t.match(stdout, 'kms:Decrypt');
  t.strictSame((await operator.run(['deploy'])).writes, []);
});

t.test('shortening the retention of logs is asked about', async (t) => {
  const operator = await startOperator(t);
  await operator.run(['deploy']);
  const refused = await operator.run(['deploy', '--log-retention-days', '1']);
  t.match(refused.stderr, '  - delete log lines older than 1 days');
  t.equal((await operator.run(['deploy', '--log-retention-days', '1', '--yes'])).status, 0);
  t.equal(operator.sandbox.world.logs.groups.get('/aws/lambda/agentkeys-ses-routing')?.retentionDays, 1);
});
