import { PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { AttachRolePolicyCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import t from 'tap';
import { startDeployed, startOperator } from '../support/operator.js';

interface Snapshot {
  iam: { roles: Record<string, unknown> };
  s3: { buckets: Record<string, Record<string, unknown>> };
  logs: { groups: Record<string, unknown> };
}

t.test('restores the account except for what it reports as kept; is idempotent', async (t) => {
  const { run, sandbox, bucket } = await startOperator(t);
  const before = sandbox.snapshot() as Snapshot;
  await run(['deploy']);
  const down = await run(['teardown', '--yes', '--broker', '--delete-logs']);
  t.equal(down.status, 0, down.stderr);
  // The others are deleted beside these, see order.test.ts.
  const beside = ['lambda:DeleteEventSourceMapping', 'sqs:DeleteQueue', 'logs:DeleteLogGroup'];
  t.strictSame(
    down.writes.filter((write) => !beside.includes(write)),
    [
      'iam:DeleteRolePolicy',
      'iam:UntagRole',
      'events:RemoveTargets',
      'events:DeleteRule',
      'lambda:DeleteFunction',
      'iam:DeleteRolePolicy',
      'iam:DeleteRole',
    ],
  );
  t.ok(beside.every((write) => down.writes.includes(write)));
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

t.test("a rule with others' targets is kept, with these targets", async (t) => {
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

t.test(
  'policies that others added to the managed role are noted on deploy, and deleted with it on teardown',
  async (t) => {
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
  },
);

t.test('teardown asks first, and no is the default', async (t) => {
  const { run, sandbox } = await startDeployed(t);
  const before = sandbox.snapshot();
  const unattended = await run(['teardown']);
  t.equal(unattended.status, 1);
  t.match(
    unattended.stderr,
    'Confirmation required, but stdin is not a terminal. Re-run with --yes. Nothing was written.',
  );
  const declined = await run(['teardown'], { answers: [''] });
  t.equal(declined.status, 1);
  t.match(declined.stderr, 'Declined: nothing was written.');
  t.strictSame(sandbox.snapshot(), before);
  const agreed = await run(['teardown'], { answers: ['y'] });
  t.equal(agreed.status, 0, agreed.stderr);
  t.ok(agreed.writes.includes('lambda:DeleteFunction'));
});
