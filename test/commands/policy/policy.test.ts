/** `policy` prints the policies of src/stack/operator-policy.ts; test/stack/operator-policy.test.ts shows that they suffice. */
import t from 'tap';
import { operatorTasks } from '../../../src/commands/policy/command.js';
import { taskPolicy, withoutRoles } from '../../../src/commands/policy/policy.js';
import { loadSettings } from '../../../src/settings/index.js';
import { namesOf } from '../../../src/stack/scope.js';
import { startOperator } from '../../support/operator.js';

const account = '111122223333';

t.test('with account and region, it reads nothing but the roles, for any task', async (t) => {
  const { run } = await startOperator(t);
  for (const [region, partition] of [
    ['us-east-1', 'aws'],
    ['cn-north-1', 'aws-cn'],
    ['us-gov-west-1', 'aws-us-gov'],
  ] as const)
    for (const task of operatorTasks) {
      const { settings } = await loadSettings({ account, region }, {}, t.testdir({}));
      const identity = { account, region, partition, caller: '' };
      const expected = taskPolicy({ task, via: 'here' }, { identity, names: namesOf(settings, identity), settings });
      const { status, stdout, stderr, calls } = await run(['policy', task, '--account', account, '--region', region]);
      t.strictSame({ status, stderr }, { status: 0, stderr: '' });
      const reads = withoutRoles.includes(task) ? [] : ['GetRole', 'GetRole'];
      t.strictSame(
        calls.map(({ operation }) => operation),
        reads,
      );
      t.equal(stdout, `${JSON.stringify(expected, null, 2)}\n`);
      t.match(stdout, `"arn:${partition}:`);
    }
});

t.test('without them, it reads the identity too', async (t) => {
  const { run } = await startOperator(t);
  const { status, stdout, calls } = await run(['policy', 'dry-run', '--bucket', 'my-mail']);
  t.equal(status, 0);
  t.strictSame(
    calls.map(({ operation }) => operation),
    ['GetCallerIdentity', 'GetRole', 'GetRole'],
  );
  t.match(stdout, '"arn:aws:s3:::my-mail"');
});

t.test("the policy depends on the task's flags", async (t) => {
  const { run } = await startOperator(t);
  const cases: Array<[args: string[], has: string[], hasNot: string[]]> = [
    [
      ['deploy'],
      ['iam:PutRolePolicy', 'role/agentkeys-broker-host'],
      ['iam:DetachRolePolicy', 'lambda:GetAccountSettings'],
    ],
    [['deploy', '--no-broker'], ['iam:PutRolePolicy'], ['agentkeys-broker-host']],
    [['deploy', '--remove-broad-grants'], ['iam:DetachRolePolicy', 'iam:CreatePolicy'], []],
    [['deploy', '--broker-role', 'mine'], ['role/mine'], ['agentkeys-broker-host']],
    [['deploy'], ['logs:PutRetentionPolicy'], []],
    [['deploy', '--no-log-retention'], ['logs:CreateLogGroup'], ['logs:PutRetentionPolicy']],
    [['deploy', '--reserved-concurrency', '5'], ['lambda:PutFunctionConcurrency'], []],
    [['deploy', '--permissions-boundary', 'arn:aws:iam::aws:policy/x'], ['iam:PutRolePermissionsBoundary'], []],
    [['teardown'], ['lambda:DeleteFunction'], ['iam:AttachRolePolicy']],
    [['teardown', '--broker'], ['iam:AttachRolePolicy', 'iam:DeletePolicy'], []],
    [['verify'], ['iam:SimulatePrincipalPolicy', 'role/agentkeys-broker-host', 'role/agentkeys-data-role'], []],
    [['status'], ['logs:FilterLogEvents'], []],
    [['status', '--no-retry-queue'], ['logs:Describe'], ['logs:FilterLogEvents']],
    [['verify'], ['sqs:SendMessage'], []],
    [['verify', '--no-retry-queue'], ['lambda:InvokeFunction'], ['sqs:']],
    [['verify', '--no-broker'], ['iam:SimulatePrincipalPolicy'], ['agentkeys-broker-host']],
    [['backfill'], ['s3:GetObject', 's3:PutObject'], ['s3:DeleteObject', 'lambda:InvokeFunction', 'iam:']],
    [
      ['status', '--all'],
      ['events:ListRules', 'lambda:GetFunction'],
      ['s3:', 'iam:', 'cloudwatch:'],
    ],
    [['backfill', '--delete-source'], ['s3:DeleteObject'], []],
    [['backfill', '--via', 'lambda'], ['lambda:InvokeFunction'], ['s3:GetObject', 's3:PutObject']],
    [['dry-run', '--function-name', 'mine'], ['function:mine'], ['iam:PutRolePolicy', 'iam:CreateRole']],
  ];
  for (const [args, has, hasNot] of cases) {
    const { stdout, stderr } = await run(['policy', ...args]);
    t.equal(stderr, '');
    for (const text of has) t.ok(stdout.includes(text), `${args.join(' ')}: ${text}`);
    for (const text of hasNot) t.notOk(stdout.includes(text), `${args.join(' ')}: not ${text}`);
  }
});

t.test('a role under a path is named by its own ARN, if it can be read', async (t) => {
  const { run, sandbox } = await startOperator(t);
  const broker = sandbox.state.iam.roles.get('agentkeys-broker-host');
  if (broker === undefined) return t.fail('no broker');
  broker.arn = broker.arn.replace(':role/', ':role/hosts/');
  for (const args of [['deploy'], ['verify'], ['teardown', '--broker'], ['dry-run', '--account', account]]) {
    const { stdout } = await run(['policy', ...args]);
    t.match(stdout, `"arn:aws:iam::${account}:role/hosts/agentkeys-broker-host"`, args.join(' '));
    t.notMatch(stdout, ':role/agentkeys-broker-host"');
  }
  sandbox.intercept(({ operation }) =>
    operation === 'GetRole' ? { kind: 'refuse', code: 'AccessDenied', status: 403 } : undefined,
  );
  const denied = await run(['policy', 'deploy']);
  t.equal(denied.status, 0, denied.stderr);
  t.match(denied.stdout, `"arn:aws:iam::${account}:role/agentkeys-broker-host"`);
  const other = ['--account', '444455556666', '--region', 'us-east-1'];
  t.notMatch((await run(['policy', 'deploy', ...other])).stdout, account, "another account's role is not named");
});

t.test('verify reads no role of another account', async (t) => {
  const { run } = await startOperator(t);
  const env = { DATA_ROLE_ARN: 'arn:aws:iam::444455556666:role/agents' };
  t.notMatch((await run(['policy', 'verify'], { env })).stdout, '444455556666');
});

t.test("teardown's --broker does not override a --no-broker from another source", async (t) => {
  const { run } = await startOperator(t);
  const env = { AGENTKEYS_SES_ROUTING_BROKER: 'false' };
  t.notMatch((await run(['policy', 'teardown', '--broker'], { env })).stdout, 'agentkeys-broker-host');
});

t.test("the agents' own policy in the layout omni", async (t) => {
  const { run } = await startOperator(t);
  const policyFor = async (...flags: string[]) =>
    JSON.parse((await run(['policy', 'vault', '--account', account, '--region', 'us-east-1', ...flags])).stdout);
  const own = 'bots/${aws:PrincipalTag/agentkeys_actor_omni}/credentials/*';
  const Null = { 'aws:PrincipalTag/agentkeys_actor_omni': 'false' };
  const expected = (bucket: string) => [
    {
      Effect: 'Allow',
      Action: ['s3:ListBucket'],
      Resource: [`arn:aws:s3:::${bucket}`],
      Condition: { StringLike: { 's3:prefix': own }, Null },
    },
    {
      Effect: 'Allow',
      Action: ['s3:DeleteObject', 's3:GetObject', 's3:PutObject'],
      Resource: [`arn:aws:s3:::${bucket}/${own}`],
      Condition: { Null },
    },
  ];
  const role = `arn:aws:iam::${account}:role/agentkeys-vault-role`;
  t.strictSame((await policyFor('--vault-role', role)).Statement, expected(`agentkeys-vault-${account}`));
  t.strictSame((await policyFor('--vault-bucket', 'our-vault')).Statement, expected('our-vault'));
});
