import { CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { AttachRolePolicyCommand, CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { AddPermissionCommand, CreateFunctionCommand } from '@aws-sdk/client-lambda';
import t from 'tap';
import { zip } from '../../src/package/zip.js';
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

/** What others have put onto a role, a rule and a function of our names, before this tool was ever here. */
async function withOthersThings(operator: Operator): Promise<void> {
  await withStrangers(operator);
  const { iam, events, lambda } = operator.aws;
  const PolicyDocument = '{ "Statement": {"Effect":"Allow","Action":"sqs:*","Resource":"*"} }';
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'queue', PolicyDocument }));
  await iam.send(
    new AttachRolePolicyCommand({ RoleName, PolicyArn: 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess' }),
  );
  const queue = 'arn:aws:sqs:us-east-1:111122223333:audit';
  await events.send(
    new PutTargetsCommand({
      Rule: 'agentkeys-ses-routing-inbound',
      Targets: [{ Id: 'audit', Arn: queue, RetryPolicy: { MaximumRetryAttempts: 3 } }],
    }),
  );
  const FunctionName = 'agentkeys-ses-routing';
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: `arn:aws:iam::111122223333:role/${RoleName}`,
      Code: { ZipFile: await zip({ 'index.mjs': Buffer.from('export const handler = () => {};') }) },
    }),
  );
  const Action = 'lambda:InvokeFunction';
  await lambda.send(
    new AddPermissionCommand({
      FunctionName,
      StatementId: 'audit',
      Action,
      Principal: 'sns.amazonaws.com',
      SourceAccount: '111122223333',
    }),
  );
}

/** Of these, what is the others'. */
function othersThings({ sandbox: { state } }: Operator): object {
  const role = state.iam.roles.get(RoleName);
  return {
    policy: role?.inline.get('queue'),
    attached: [...(role?.attached ?? [])],
    target: state.events.rules.get('agentkeys-ses-routing-inbound')?.targets.get('audit'),
    statement: state.lambda.functions.get('agentkeys-ses-routing')?.policy.filter(({ Sid }) => Sid === 'audit'),
  };
}

t.test("adopted, others' policies, targets and statements are unchanged, and noted", async (t) => {
  const operator = await startOperator(t);
  await withOthersThings(operator);
  const theirs = structuredClone(othersThings(operator));
  t.match(theirs, { policy: String, attached: [String], target: { RetryPolicy: {} }, statement: [{ Sid: 'audit' }] });
  const adopted = await operator.run(['deploy', '--adopt', '--yes']);
  t.equal(adopted.status, 0, adopted.stderr);
  const noticed = await operator.run(['deploy']);
  t.strictSame(noticed.writes, []);
  for (const { stdout } of [adopted, noticed]) {
    t.match(
      stdout,
      /^! execution role .*\n {4}has policies that this tool does not manage, left alone: queue,\n {4}arn:aws:iam::aws:policy\/AmazonS3ReadOnlyAccess$/m,
    );
    t.match(
      stdout,
      /^! target {10}audit\n {4}on the rule agentkeys-ses-routing-inbound, not managed by this tool: left\n {4}alone$/m,
    );
  }
  t.strictSame(othersThings(operator), theirs);
});

t.test('not adopted, they and what they are on outlast deploys and teardowns', async (t) => {
  const operator = await startOperator(t);
  await withOthersThings(operator);
  const before = operator.sandbox.snapshot();
  t.equal((await operator.run(['deploy'])).status, 1);
  const down = await operator.run(['teardown', '--yes']);
  t.equal(down.status, 0, down.stderr);
  t.strictSame(down.writes, []);
  for (const what of ['function', 'rule', 'execution role'])
    t.match(down.stdout, new RegExp(`^! ${what} .*\\n {4}left alone: it does not carry our tag`, 'm'));
  t.strictSame(operator.sandbox.snapshot(), before);
});

t.test('unmanaged resources with the same names are adopted only with --adopt', async (t) => {
  const operator = await startOperator(t);
  await withStrangers(operator);
  const before = operator.sandbox.snapshot();

  const unattended = await operator.run(['deploy']);
  t.equal(unattended.status, 1);
  t.match(unattended.stdout, /^> execution role {2}agentkeys-ses-routing-role$/m);
  t.match(unattended.stdout, /^> rule {12}agentkeys-ses-routing-inbound$/m);
  t.match(
    unattended.stderr,
    /error: Confirmation required to adopt the execution role .*, the rule .*, but stdin is not a terminal\. Re-run with --adopt\. Nothing was written\.\n$/,
  );

  const declined = await operator.run(['deploy'], { answers: ['n'] });
  t.equal(declined.status, 1);
  t.match(declined.stderr, /Adopt the execution role .*, the rule .*, which this tool did not create\?/);
  t.strictSame(operator.sandbox.snapshot(), before, 'declined, nothing is written');

  const adopted = await operator.run(['deploy', '--adopt']);
  t.equal(adopted.status, 0, adopted.stderr);
  t.equal(adopted.writes.indexOf('iam:TagRole') > adopted.writes.indexOf('iam:PutRolePolicy'), true);
  t.strictSame((await operator.run(['deploy'])).writes, []);
});

t.test('yes at the prompt adopts too', async (t) => {
  const operator = await startOperator(t);
  await withStrangers(operator);
  const adopted = await operator.run(['deploy'], { answers: ['yes', 'n', 'yes'] });
  t.equal(adopted.status, 0, adopted.stderr);
  t.equal(operator.sandbox.state.iam.roles.get(RoleName)?.tags.get('managed-by'), 'agentkeys-ses-routing');
});

t.test('a container image of our name is refused in the plan, and nothing is written', async (t) => {
  const operator = await startOperator(t);
  await withStrangers(operator);
  await operator.aws.lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'agentkeys-ses-routing',
      PackageType: 'Image',
      Role: `arn:aws:iam::111122223333:role/${RoleName}`,
      Code: { ImageUri: '111122223333.dkr.ecr.us-east-1.amazonaws.com/mail:1' },
    }),
  );
  // Read once, it is no longer Pending.
  await operator.run(['deploy', '--dry-run']);
  const before = operator.sandbox.snapshot();
  for (const args of [['--adopt', '--yes'], ['--dry-run'], ['--reserved-concurrency', '5', '--adopt', '--yes']]) {
    const refused = await operator.run(['deploy', ...args]);
    t.equal(refused.status, 1);
    t.match(refused.stderr, /The function agentkeys-ses-routing: is a container image, .* with --function-name/);
    t.strictSame(refused.writes, []);
  }
  const down = await operator.run(['teardown', '--yes']);
  t.strictSame({ status: down.status, writes: down.writes }, { status: 0, writes: [] });
  t.strictSame(operator.sandbox.snapshot(), before);
});

t.test('nothing of others is tagged as managed when its adoption fails', async (t) => {
  const steps: Array<[operation: string, tagged: (operator: Operator) => Map<string, string> | undefined]> = [
    ['PutRolePolicy', ({ sandbox }) => sandbox.state.iam.roles.get(RoleName)?.tags],
    ['UpdateFunctionCode', ({ sandbox }) => sandbox.state.lambda.functions.get('agentkeys-ses-routing')?.tags],
    ['UpdateFunctionConfiguration', ({ sandbox }) => sandbox.state.lambda.functions.get('agentkeys-ses-routing')?.tags],
    ['PutRule', ({ sandbox }) => sandbox.state.events.rules.get('agentkeys-ses-routing-inbound')?.tags],
  ];
  const operator = await startOperator(t);
  await withOthersThings(operator);
  for (const [failing, tagged] of steps) {
    const release = operator.sandbox.intercept(({ operation }) =>
      operation === failing ? { kind: 'refuse', code: 'CodeVerificationFailedException', status: 400 } : undefined,
    );
    const failed = await operator.run(['deploy', '--adopt', '--yes']);
    release();
    t.match(failed.stderr, "Lambda rejects this tool's code, which is not signed");
    t.notOk(tagged(operator)?.has('managed-by'), failing);
  }
  t.equal((await operator.run(['deploy', '--adopt', '--yes'])).status, 0);
  for (const [failing, tagged] of steps) t.ok(tagged(operator)?.has('managed-by'), failing);
  t.strictSame((await operator.run(['deploy'])).writes, []);
});

t.test('routing less, and routing more, needs confirmation', async (t) => {
  const operator = await startOperator(t);
  await operator.run(['deploy', '--prefix', 'or,xy', '--mail-domain', 'a.example']);
  const refused = await operator.run(['deploy', '--mail-domain', 'b.example']);
  t.equal(refused.status, 1);
  t.match(refused.stderr, '  - stop routing mail to xy-0x…, and mail to a.example');
  const narrowed = await operator.run(['deploy', '--yes', '--mail-domain', 'b.example']);
  t.equal(narrowed.status, 0, narrowed.stderr);
  const widened = await operator.run(['deploy']);
  t.equal(widened.status, 1);
  t.match(widened.stderr, '  - route mail to any domain, no longer to b.example only');
  t.equal((await operator.run(['deploy', '--yes'])).status, 0);
  const domain = await operator.run(['deploy', '--mail-domain', 'b.example']);
  t.match(domain.stderr, '  - stop routing mail to any domain but b.example');
});

t.test('an existing log group keeps its retention, and loses lines only after confirmation', async (t) => {
  const operator = await startOperator(t);
  const logGroupName = '/aws/lambda/agentkeys-ses-routing';
  await operator.aws.logs.send(new CreateLogGroupCommand({ logGroupName }));
  const group = () => operator.sandbox.state.logs.groups.get(logGroupName);
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
