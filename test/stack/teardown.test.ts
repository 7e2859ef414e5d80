import { CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { AttachRolePolicyCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { UntagResourceCommand } from '@aws-sdk/client-lambda';
import t from 'tap';
import { startDeployed, startOperator } from '../support/operator.js';

const functionArn = 'arn:aws:lambda:us-east-1:111122223333:function:agentkeys-ses-routing';

interface Snapshot {
  iam: { roles: Record<string, unknown> };
  s3: { buckets: Record<string, Record<string, unknown>> };
  logs: { groups: Record<string, unknown> };
}

t.test('leaves the account as it was, but for what it says stays; twice is fine', async (t) => {
  const { run, sandbox, bucket } = await startOperator(t);
  const before = sandbox.snapshot() as Snapshot;
  await run(['deploy']);
  const down = await run(['teardown', '--yes', '--broker', '--delete-logs']);
  t.equal(down.status, 0, down.stderr);
  t.strictSame(down.writes, [
    'iam:DeleteRolePolicy',
    'events:RemoveTargets',
    'events:DeleteRule',
    'lambda:DeleteFunction',
    'iam:DeleteRolePolicy',
    'iam:DeleteRole',
    'logs:DeleteLogGroup',
  ]);
  const after = sandbox.snapshot() as Snapshot;
  const bucketAfter = after.s3.buckets[bucket] as { notification: { EventBridgeConfiguration?: unknown } };
  t.strictSame(bucketAfter.notification.EventBridgeConfiguration, {}, 'EventBridge stays on');
  delete bucketAfter.notification.EventBridgeConfiguration;
  t.strictSame(after, before);

  const again = await run(['teardown', '--yes', '--broker', '--delete-logs']);
  t.equal(again.status, 0, again.stderr);
  t.strictSame(again.writes, []);
  t.match(again.stdout, 'Nothing to do');
});

t.test('without more flags it keeps the log group and the broker policy, and says so', async (t) => {
  const { run, sandbox, bucket } = await startDeployed(t);
  const down = await run(['teardown', '--yes']);
  t.strictSame(down.stdout.split('\n').slice(5, -1), [
    '= broker policy   agentkeys-broker-host',
    '    kept: magic-link login needs it (teardown --broker removes it)',
    `= bucket events   ${bucket}`,
    '    EventBridge stays on: others may rely on it',
    '- target          agentkeys-ses-routing',
    '- rule            agentkeys-ses-routing-inbound',
    '- function        agentkeys-ses-routing',
    '- execution role  agentkeys-ses-routing-role',
    '= log group       /aws/lambda/agentkeys-ses-routing',
    '    kept (--delete-logs deletes it)',
    `= mail bucket     ${bucket}`,
    '    kept, with all mail: inbound/ and what was routed to bots/',
    '',
    '4 to delete; 4 in sync.',
  ]);
  t.ok(sandbox.state.logs.groups.has('/aws/lambda/agentkeys-ses-routing'));
  t.ok(sandbox.state.iam.roles.get('agentkeys-broker-host')?.inline.has('agentkeys-ses-routing-broker'));
});

t.test("what isn't ours is left alone, and said", async (t) => {
  const { run, sandbox, aws } = await startDeployed(t);
  const rule = sandbox.state.events.rules.get('agentkeys-ses-routing-inbound');
  const role = sandbox.state.iam.roles.get('agentkeys-ses-routing-role');
  const group = sandbox.state.logs.groups.get('/aws/lambda/agentkeys-ses-routing');
  for (const { tags } of [rule, role, group].flatMap((one) => one ?? [])) tags.delete('managed-by');
  await aws.lambda.send(new UntagResourceCommand({ Resource: functionArn, TagKeys: ['managed-by'] }));
  const down = await run(['teardown', '--yes', '--delete-logs']);
  t.equal(down.status, 0, down.stderr);
  t.strictSame(
    down.writes,
    ['events:RemoveTargets', 'lambda:RemovePermission'],
    'only what carries our exact name goes',
  );
  for (const kind of ['rule', 'function', 'execution role', 'log group'])
    t.match(down.stdout, new RegExp(`^! ${kind} .*\n    left alone`, 'm'));
});

t.test('a rule with another target on it stays, with that target', async (t) => {
  const { run, sandbox, aws } = await startDeployed(t);
  await aws.events.send(
    new PutTargetsCommand({
      Rule: 'agentkeys-ses-routing-inbound',
      Targets: [{ Id: 'audit', Arn: 'arn:aws:sqs:us-east-1:111122223333:audit' }],
    }),
  );
  const noticed = await run(['deploy']);
  t.strictSame(noticed.writes, []);
  t.match(
    noticed.stdout,
    /^! target {10}audit\n {4}on the rule agentkeys-ses-routing-inbound, not managed by this tool: left\n {4}alone$/m,
  );
  const down = await run(['teardown', '--yes']);
  t.equal(down.status, 0, down.stderr);
  t.match(down.stdout, 'left alone: it has targets that this tool does not manage: audit');
  t.strictSame([...(sandbox.state.events.rules.get('agentkeys-ses-routing-inbound')?.targets.keys() ?? [])], ['audit']);
});

t.test('policies that somebody added to our role are said on deploy, and go with it on teardown', async (t) => {
  const { run, sandbox, aws } = await startDeployed(t);
  const RoleName = 'agentkeys-ses-routing-role';
  const PolicyArn = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
  await aws.iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
  await aws.iam.send(
    new PutRolePolicyCommand({
      RoleName,
      PolicyName: 'extra',
      PolicyDocument: JSON.stringify({ Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] }),
    }),
  );
  const noticed = await run(['deploy']);
  t.strictSame(noticed.writes, []);
  t.match(
    noticed.stdout,
    /has policies that this tool does not manage, left alone: extra,\n {4}arn:aws:iam::aws:policy\/AmazonS3ReadOnlyAccess/,
  );
  const down = await run(['teardown', '--yes']);
  t.equal(down.status, 0, down.stderr);
  t.match(down.stdout, /^- execution role .*\n {4}- policy: extra\n {4}- policy: arn:aws:iam::aws:policy/m);
  t.notOk(sandbox.state.iam.roles.has(RoleName));
});

t.test('teardown of half a stack takes down the half', async (t) => {
  const { run, sandbox, aws } = await startOperator(t);
  await aws.logs.send(new CreateLogGroupCommand({ logGroupName: '/aws/lambda/agentkeys-ses-routing' }));
  await run(['deploy']);
  await sandbox.state.iam.roles.get('agentkeys-ses-routing-role')?.inline.clear();
  sandbox.state.lambda.functions.delete('agentkeys-ses-routing');
  const down = await run(['teardown', '--yes']);
  t.equal(down.status, 0, down.stderr);
  t.strictSame(down.writes, ['events:RemoveTargets', 'events:DeleteRule', 'iam:DeleteRole']);
});

t.test('teardown asks first, and no is the default', async (t) => {
  const { run, sandbox } = await startDeployed(t);
  const before = sandbox.snapshot();
  const nobody = await run(['teardown']);
  t.equal(nobody.status, 1);
  t.match(nobody.stderr, 'Confirmation required, but stdin is not a terminal. Re-run with --yes. Nothing was written.');
  const declined = await run(['teardown'], { answers: [''] });
  t.equal(declined.status, 1);
  t.match(declined.stderr, 'Declined: nothing was written.');
  t.strictSame(sandbox.snapshot(), before);
  const agreed = await run(['teardown'], { answers: ['y'] });
  t.equal(agreed.status, 0, agreed.stderr);
  t.ok(agreed.writes.includes('lambda:DeleteFunction'));
});
