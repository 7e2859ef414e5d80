/**
 * Anyone who may tag the role can write its tags, so nothing is restored, attached or overwritten because of a tag alone.
 */
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  DetachRolePolicyCommand,
  PutRolePolicyCommand,
  TagRoleCommand,
} from '@aws-sdk/client-iam';
import t from 'tap';
import { type Operator, startOperator } from '../../support/operator.js';

const RoleName = 'agentkeys-broker-host';
const wide = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] });
const detached = 'agentkeys-ses-routing:detached:';
const narrowed = 'agentkeys-ses-routing:narrowed:';

const brokerOf = ({ sandbox }: Operator) => sandbox.state.iam.roles.get(RoleName);
const tagged = ({ aws }: Operator, Key: string, Value: string) =>
  aws.iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key, Value }] }));

/** A saved policy as the tool creates it, except for `tags` and path. */
async function saved({ aws }: Operator, Path: string, tags: Record<string, string>): Promise<string> {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const { Policy } = await aws.iam.send(
    new CreatePolicyCommand({ PolicyName: `saved-${Math.random()}`, Path, PolicyDocument: wide, Tags }),
  );
  return String(Policy?.Arn);
}

const ours = { 'managed-by': 'agentkeys-ses-routing', 'policy-name': 'wide', 'role-name': RoleName };

const forged: Array<{ name: string; forge(operator: Operator): Promise<unknown> }> = [
  {
    name: 'a tag that names AdministratorAccess as detached',
    forge: (o) => tagged(o, `${detached}0000`, 'arn:aws:iam::aws:policy/AdministratorAccess'),
  },
  {
    name: 'one of the S3 policies under a key that does not match it',
    forge: (o) => tagged(o, `${detached}0000`, 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess'),
  },
  {
    name: 'a saved policy with another path',
    forge: async (o) => tagged(o, `${narrowed}0000`, await saved(o, '/elsewhere/', ours)),
  },
  {
    name: 'a saved policy without the managed-by tag',
    forge: async (o) =>
      tagged(
        o,
        `${narrowed}0000`,
        await saved(o, '/agentkeys-ses-routing/', { 'policy-name': 'wide', 'role-name': RoleName }),
      ),
  },
  {
    name: "another role's saved policy",
    forge: async (o) =>
      tagged(o, `${narrowed}0000`, await saved(o, '/agentkeys-ses-routing/', { ...ours, 'role-name': 'another' })),
  },
  {
    name: 'a saved policy that names no role',
    forge: async (o) =>
      tagged(
        o,
        `${narrowed}0000`,
        await saved(o, '/agentkeys-ses-routing/', { 'managed-by': 'agentkeys-ses-routing' }),
      ),
  },
];

for (const { name, forge } of forged) {
  t.test(`not restored: ${name}`, async (t) => {
    const operator = await startOperator(t);
    await operator.run(['deploy']);
    await forge(operator);
    const { iam } = operator.sandbox.state;
    const [policies, attached] = [iam.policies.size, [...(brokerOf(operator)?.attached ?? [])]];
    const down = await operator.run(['teardown', '--broker', '--yes']);
    t.equal(down.status, 0, down.stderr);
    t.strictSame([...(brokerOf(operator)?.attached ?? [])], attached);
    t.equal(brokerOf(operator)?.inline.size, 0);
    t.equal(iam.policies.size, policies, 'and nothing is deleted');
  });
}

t.test('a restoration needs confirmation', async (t) => {
  const operator = await startOperator(t);
  await operator.aws.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'wide', PolicyDocument: wide }));
  await operator.run(['deploy', '--remove-broad-grants', '--yes']);
  const { stderr, writes } = await operator.run(['teardown', '--broker'], { answers: ['n'] });
  t.match(stderr, '  - reattach arn:aws:iam::aws:policy/AmazonS3FullAccess to agentkeys-broker-host');
  t.match(
    stderr,
    '  - replace the policy wide of agentkeys-broker-host with its saved document, from before it was narrowed',
  );
  t.strictSame(writes, []);
});

t.test(
  'a policy that was narrowed and then widened again is only reported: the first version stays saved',
  async (t) => {
    const operator = await startOperator(t);
    const { aws, run } = operator;
    const put = (PolicyDocument: string) =>
      aws.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'wide', PolicyDocument }));
    await put(wide);
    await run(['deploy', '--remove-broad-grants', '--yes']);
    await put(wide.replace('s3:*', 's3:Get*'));
    const again = await run(['deploy', '--remove-broad-grants', '--yes']);
    t.strictSame(again.writes, []);
    t.match(
      again.stdout.replace(/\s+/g, ' '),
      'it was narrowed before and changed since; its first version stays saved (arn:aws:iam',
    );
    await run(['teardown', '--broker', '--yes']);
    t.equal(brokerOf(operator)?.inline.get('wide'), wide);
  },
);

t.test('a policy edited between plan and apply is read again, not overwritten', async (t) => {
  const operator = await startOperator(t);
  const { aws, run, sandbox } = operator;
  await aws.iam.send(
    new DetachRolePolicyCommand({ RoleName, PolicyArn: 'arn:aws:iam::aws:policy/AmazonS3FullAccess' }),
  );
  await aws.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'wide', PolicyDocument: wide }));
  await run(['deploy']);
  const sqs = '{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}';
  const edited = wide.replace('"Statement":[', `"Statement":[${sqs},`);
  const release = sandbox.intercept(({ operation }) => {
    if (operation === 'CreatePolicy') brokerOf(operator)?.inline.set('wide', edited);
    return undefined;
  });
  const met = await run(['deploy', '--remove-broad-grants', '--yes']);
  release();
  t.match(met.stderr, 'changed in the meantime, reading again');
  t.match(brokerOf(operator)?.inline.get('wide'), 'sqs:SendMessage', 'the edit is not lost');
});

t.test("names with a comma, which tags can't contain", async (t) => {
  const operator = await startOperator(t);
  const { aws, run, sandbox } = operator;
  const name = 'wide,open';
  await aws.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: name, PolicyDocument: wide }));
  const removed = await run(['deploy', '--remove-broad-grants', '--yes']);
  t.equal(removed.status, 0, removed.stderr);
  for (const { tags } of sandbox.state.iam.policies.values())
    for (const value of tags.values()) t.match(value, /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u, 'as IAM allows');
  await run(['teardown', '--broker', '--yes']);
  t.equal(brokerOf(operator)?.inline.get(name), wide);
});

t.test("the operator's policy names one role, never all roles", async (t) => {
  const { run } = await startOperator(t);
  const flags = ['--broker-instance-profile', RoleName, '--remove-broad-grants'];
  const { stdout, status } = await run(['policy', 'deploy', '--account', '111122223333', ...flags]);
  t.equal(status, 0);
  t.match(stdout, `"arn:aws:iam::111122223333:role/${RoleName}"`);
  t.notMatch(stdout, 'role/*');
});

t.test('changing the bucket needs confirmation: mail of the first bucket would no longer be routed', async (t) => {
  const operator = await startOperator(t);
  await operator.run(['deploy']);
  const state = operator.sandbox.state;
  const first = state.s3.buckets.get(operator.bucket);
  if (first === undefined) return t.fail('no bucket');
  state.s3.buckets.set('another-bucket', {
    ...first,
    name: 'another-bucket',
    notification: {},
    objects: new Map(),
    policy: undefined,
  });
  const moved = await operator.run(['deploy', '--bucket', 'another-bucket', '--move-from-bucket', operator.bucket]);
  t.equal(moved.status, 1);
  t.strictSame(moved.writes, []);
  const loss = `- move the stack from the bucket ${operator.bucket} to another-bucket, and stop routing the mail of ${operator.bucket}`;
  t.match(moved.stderr.replace(/\n +/g, ' '), loss);
  t.match(moved.stderr, '  - remove from agentkeys-broker-host: Allow s3:');
});

t.test("a role without the managed-by tag under the interim role's name is not deleted", async (t) => {
  const operator = await startOperator(t);
  await operator.run(['deploy']);
  const { namesOf } = await import('../../../src/stack/scope.js');
  const { loadSettings } = await import('../../../src/settings/index.js');
  const { settings } = await loadSettings({}, {}, t.testdirName);
  const name = namesOf(settings, { account: '111122223333', partition: 'aws', region: 'us-east-1' }).interimRoleName;
  await operator.aws.iam.send(
    new CreateRoleCommand({
      RoleName: name,
      AssumeRolePolicyDocument: JSON.stringify({
        Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      }),
    }),
  );
  await operator.aws.iam.send(
    new AttachRolePolicyCommand({ RoleName: name, PolicyArn: 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess' }),
  );
  t.strictSame((await operator.run(['deploy'])).writes, []);
  await operator.run(['teardown', '--yes']);
  t.ok(operator.sandbox.state.iam.roles.has(name));
});

t.test('teardown waits until EventBridge has removed the target', async (t) => {
  const operator = await startOperator(t);
  await operator.run(['deploy']);
  let tries = 0;
  operator.sandbox.intercept(({ operation }) =>
    operation === 'DeleteRule' && ++tries <= 2
      ? {
          kind: 'refuse',
          code: 'ValidationException',
          status: 400,
          message: "Rule can't be deleted since it has targets.",
        }
      : undefined,
  );
  const down = await operator.run(['teardown', '--yes']);
  t.equal(down.status, 0, down.stderr);
  t.match(down.stderr, 'waiting for EventBridge to let go of the target');
});

t.test('a deploy that fails after enabling EventBridge prints the backfill command', async (t) => {
  const operator = await startOperator(t);
  operator.sandbox.intercept(({ operation }) =>
    operation === 'DetachRolePolicy' ? { kind: 'refuse', code: 'AccessDenied', status: 403, message: 'no' } : undefined,
  );
  // What is taken from the broker comes last.
  const failed = await operator.run(['deploy', '--remove-broad-grants', '--yes']);
  t.equal(failed.status, 1);
  t.match(failed.stderr, /Afterwards, route it with:\n {2}npx --no agentkeys-ses-routing backfill .* --since 20/);
  const document = JSON.parse((await operator.run(['deploy', '--json'])).stdout);
  t.equal(document.next, undefined, 'the next run enabled nothing');
});
