/**
 * Two stacks in one account and region, as AgentKeys' production and test: each routes its own mail, and no command for one changes the
 * other.
 */
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateBucketCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import t, { type Test } from 'tap';
import { deliver, routedKeys } from '../../src/commands/demo/mail.js';
import { mailDomain, messages } from '../support/mail.js';
import { type Operator, startDeployed, startOperator } from '../support/operator.js';

const production = 'agentkeys-mail-111122223333';
const test = 'agentkeys-mail-test-111122223333';
/** As AgentKeys' operator-workstation.test.env. */
const testEnv = `ACCOUNT_ID=111122223333\nREGION=us-east-1\nBUCKET=${test}\nMAIL_DOMAIN=${mailDomain}\n`;

/** An account with a stack for production, and the bucket of a test stack. */
async function start(t: Test): Promise<Operator> {
  const operator = await startDeployed(t, { args: ['deploy', '--mail-domain', mailDomain] });
  await operator.aws.s3.send(new CreateBucketCommand({ Bucket: test }));
  return operator;
}

async function keysIn({ aws }: Operator, Bucket: string): Promise<string[]> {
  const { Contents = [] } = await aws.s3.send(new ListObjectsV2Command({ Bucket }));
  return Contents.map(({ Key = '' }) => Key).sort();
}

/** The account's state without mail, and without the events of the test stack's bucket, which a teardown leaves on. */
function emptied({ sandbox }: Operator): unknown {
  for (const bucket of sandbox.state.s3.buckets.values()) {
    bucket.objects.clear();
    bucket.otherVersions = new Map();
    if (bucket.name === test) bucket.notification = {};
  }
  return sandbox.snapshot();
}

const [first, second] = messages.filter(({ routed }) => routed !== undefined);
if (first === undefined || second === undefined) throw new Error('two messages that are routed are needed');

t.test('each has its own resources and routes its own mail; a teardown of one leaves the other', async (t) => {
  const operator = await start(t);
  const { run, aws, sandbox } = operator;
  const alone = emptied(operator);
  const args = ['--stack', 'test', '--mail-domain', mailDomain];
  const deployed = await run(['deploy', ...args]);
  t.equal(deployed.status, 0, deployed.stderr);
  t.match(deployed.stdout, `  stack    test\n  bucket   ${test}\n`);
  t.match(deployed.stderr, / backfill --stack test /);
  const { iam, lambda, events, logs } = sandbox.state;
  for (const resource of [
    lambda.functions.get('agentkeys-ses-routing-test'),
    iam.roles.get('agentkeys-ses-routing-test-role'),
    events.rules.get('agentkeys-ses-routing-test-inbound'),
    logs.groups.get('/aws/lambda/agentkeys-ses-routing-test'),
  ])
    t.equal(resource?.tags.get('agentkeys-ses-routing:stack'), 'test');
  t.notOk(lambda.functions.get('agentkeys-ses-routing')?.tags.has('agentkeys-ses-routing:stack'));

  await deliver(aws, production, [first]);
  await deliver(aws, test, [second]);
  await sandbox.settled();
  t.strictSame(await keysIn(operator, production), [first.key, ...routedKeys(first)].sort());
  t.strictSame(await keysIn(operator, test), [second.key, ...routedKeys(second)].sort());

  for (const flags of [args, ['--mail-domain', mailDomain]]) {
    const again = await run(['deploy', ...flags]);
    t.equal(again.status, 0, again.stderr);
    t.strictSame(again.writes, []);
    const state = await run(['status', '--no-mail', ...flags]);
    t.equal(state.status, 0, state.stdout);
    t.match(state.stdout, /invocations 1 .*\n {2}routed 1 /);
  }
  t.match((await run(['status', '--no-mail', ...args])).stdout, `  stack     test\n  bucket    ${test}\n`);

  const listed = await run(['status', '--all']);
  t.equal(listed.status, 0, listed.stderr);
  const version = '0.1.0+hash, the same as this version';
  t.equal(
    listed.stdout.replace(/[\d.]+\+[0-9a-f]{12}/g, '0.1.0+hash'),
    `Stacks in account 111122223333 (aws), region us-east-1

(unnamed)
  bucket    ${production}
  rule      agentkeys-ses-routing-inbound
  function  agentkeys-ses-routing
  version   ${version}
  routes    or-0x… at ${mailDomain}

test
  bucket    ${test}
  rule      agentkeys-ses-routing-test-inbound
  function  agentkeys-ses-routing-test
  version   ${version}
  routes    or-0x… at ${mailDomain}

2 in all; \`status --stack <name>\` shows one.
`,
  );

  const gone = await run(['teardown', '--yes', '--delete-logs', '--stack', 'test']);
  t.equal(gone.status, 0, gone.stderr);
  t.strictSame(emptied(operator), alone, 'production is as it was, and of the test stack nothing is left');

  await run(['deploy', ...args]);
  const both = sandbox.snapshot() as Record<string, Record<string, Record<string, unknown>>>;
  t.equal((await run(['teardown', '--yes', '--delete-logs'])).status, 0);
  const after = sandbox.snapshot() as typeof both;
  for (const [service, kind, name] of [
    ['lambda', 'functions', 'agentkeys-ses-routing-test'],
    ['iam', 'roles', 'agentkeys-ses-routing-test-role'],
    ['events', 'rules', 'agentkeys-ses-routing-test-inbound'],
    ['logs', 'groups', '/aws/lambda/agentkeys-ses-routing-test'],
    ['s3', 'buckets', test],
  ] as const) {
    t.ok(after[service]?.[kind]?.[name], name);
    t.strictSame(after[service]?.[kind]?.[name], both[service]?.[kind]?.[name]);
  }
});

t.test("production's stack is not moved by the test stack's env file: every command says which buckets", async (t) => {
  const { run, sandbox } = await start(t);
  const cwd = t.testdir({ 'test.env': testEnv });
  const before = sandbox.snapshot();
  const both = `This stack serves another bucket: the execution role agentkeys-ses-routing-role for ${production}, the function agentkeys-ses-routing for ${production}, the rule agentkeys-ses-routing-inbound for ${production}. These settings name ${test}. Check --bucket (BUCKET). A second stack in this account needs a name: --stack <name>. To move this one, deploy with --move-from-bucket ${production}: mail that arrives there from then on stays in its inbound/. Nothing was written.`;
  for (const command of [
    ['deploy', '--yes'],
    ['deploy', '--dry-run'],
    ['deploy', '--yes', '--adopt', '--move-from-bucket', 'agentkeys-mail-other'],
    ['teardown', '--yes'],
    ['status'],
    ['verify'],
  ]) {
    const refused = await run([...command, '--envfile', 'test.env'], { cwd });
    t.equal(refused.status, 1, command.join(' '));
    t.equal(refused.stderr.replace(/^[^e].*\n/gm, ''), `error: ${both}\n`, command.join(' '));
    t.strictSame(refused.writes, [], command.join(' '));
  }
  const handed = await run(['backfill', '--via', 'lambda', '--envfile', 'test.env'], { cwd });
  t.equal(handed.status, 1);
  t.match(
    handed.stderr,
    `The function agentkeys-ses-routing routes the mail of the bucket ${production}, and these settings name ${test}. Check --bucket`,
  );
  const here = await run(['backfill', '--envfile', 'test.env'], { cwd });
  t.equal(here.status, 0, here.stderr);
  t.match(
    here.stderr,
    `The function agentkeys-ses-routing routes the mail of the bucket ${production}, not of ${test}`,
  );
  for (const [code, status, message] of [
    ['AccessDeniedException', 403, `Whether the function agentkeys-ses-routing routes the mail of ${test} is unknown`],
    ['InvalidParameterValueException', 400, 'error: InvalidParameterValueException'],
  ] as const) {
    const release = sandbox.intercept(({ operation }) =>
      operation === 'GetFunction' ? { kind: 'refuse', status, code } : undefined,
    );
    t.match((await run(['backfill', '--env-file', 'test.env'], { cwd })).stderr, message);
    release();
  }
  t.strictSame(sandbox.snapshot(), before);
  // With a name, the same file makes a second stack.
  const named = await run(['deploy', '--stack', 'test', '--envfile', 'test.env'], { cwd });
  t.equal(named.status, 0, named.stderr);
});

t.test('of two first deploys at the same time for two buckets, the second stops', async (t) => {
  const { run, aws } = await startOperator(t);
  await aws.s3.send(new CreateBucketCommand({ Bucket: test }));
  // The other deploy runs from beginning to end while this one asks whether to apply its plan.
  let other: Promise<{ status: number }> | undefined;
  const late = await run(['deploy', '--bucket', production], {
    answers: [
      // Its first question is about the broker's grants.
      'n',
      (stdin) => {
        other = run(['deploy', '--yes', '--bucket', test]);
        void other.then(() => stdin.write('y\n'));
      },
    ],
  });
  t.equal((await other)?.status, 0);
  t.equal(late.status, 1);
  t.match(late.stderr, /Failed: This stack serves another bucket: .*\n {2}stopped at: create /);
  t.strictSame((await run(['deploy', '--bucket', test])).writes, [], 'the first is as it was deployed');
});

t.test('of two first deploys for two buckets, the one that creates its role later stops', async (t) => {
  const { run, aws, sandbox } = await startOperator(t);
  await aws.s3.send(new CreateBucketCommand({ Bucket: test }));
  let other: Promise<{ status: number }> | undefined;
  const release = sandbox.intercept(async ({ operation }) => {
    if (operation !== 'CreateRole' || other !== undefined) return undefined;
    other = run(['deploy', '--yes', '--bucket', test]);
    await other;
    return undefined;
  });
  const late = await run(['deploy', '--yes', '--bucket', production]);
  release();
  t.equal((await other)?.status, 0);
  t.equal(late.status, 1);
  t.match(late.stderr, /Failed: This stack serves another bucket: .*\n {2}stopped at: create execution role/);
  t.strictSame((await run(['deploy', '--bucket', test])).writes, [], 'the first is as it was deployed');
});

t.test('two stacks do not share a bucket, nor names', async (t) => {
  const { run, sandbox } = await start(t);
  const before = sandbox.snapshot();
  const shared = await run(['deploy', '--yes', '--stack', 'second', '--bucket', production]);
  t.equal(shared.status, 1);
  t.match(
    shared.stderr,
    /The stack agentkeys-ses-routing-inbound: this rule, of another stack .* matches the mail of .* too/,
  );
  t.strictSame(shared.writes, []);
  t.strictSame(sandbox.snapshot(), before);
  await run(['deploy', '--stack', 'test']);
  const names = ['function', 'role', 'rule'];
  const ends = ['', '-role', '-inbound'];
  const taken = names.flatMap((name, at) => [`--${name}-name`, `agentkeys-ses-routing-test${ends[at]}`]);
  for (const flags of [[], ['--stack', 'other']]) {
    const foreign = await run(['deploy', '--yes', '--bucket', test, ...flags, ...taken]);
    t.equal(foreign.status, 1);
    t.match(foreign.stderr, 'execution role agentkeys-ses-routing-test-role belongs to the stack test');
    t.strictSame(foreign.writes, []);
  }
  // An operator whose policy is of an earlier version: it is said, and the deploy goes on.
  const release = sandbox.intercept(({ operation }) =>
    operation === 'ListRules' ? { kind: 'refuse', status: 400, code: 'AccessDeniedException' } : undefined,
  );
  const unknown = await run(['deploy', '--stack', 'test', '--bucket', test]);
  release();
  t.equal(unknown.status, 0, unknown.stderr);
  t.match(unknown.stdout, 'whether another stack has the same bucket is unknown: AWS denied');
  const failing = sandbox.intercept(({ operation }) =>
    operation === 'ListRules' ? { kind: 'refuse', status: 400, code: 'InvalidParameter' } : undefined,
  );
  t.match((await run(['deploy', '--stack', 'test'])).stderr, 'error: InvalidParameter');
  failing();
});

t.test('a move is confirmed, and can be continued after it was interrupted', async (t) => {
  const operator = await start(t);
  const { run, sandbox, aws } = operator;
  const move = ['deploy', '--mail-domain', mailDomain, '--bucket', test, '--move-from-bucket', production];
  const before = sandbox.snapshot();
  const asked = await run(move);
  t.equal(asked.status, 1);
  t.match(asked.stderr, `move the stack from the bucket ${production} to ${test}, and stop routing the mail of`);
  t.match(asked.stderr, 'Confirmation required, but stdin is not a terminal. Re-run with --yes');
  t.strictSame(sandbox.snapshot(), before);

  const policy = sandbox.state.iam.roles
    .get('agentkeys-ses-routing-role')
    ?.inline.get('agentkeys-ses-routing-role-inline');
  await aws.iam.send(
    new PutRolePolicyCommand({
      RoleName: 'agentkeys-ses-routing-role',
      PolicyName: 'agentkeys-ses-routing-role-inline',
      PolicyDocument: String(policy).replaceAll(production, test),
    }),
  );
  for (const bucket of [production, test])
    t.match(
      (await run(['deploy', '--yes', '--bucket', bucket])).stderr,
      'This stack serves another bucket: the',
      bucket,
    );

  const moved = await run([...move, '--yes']);
  t.equal(moved.status, 0, moved.stderr);
  t.match(
    moved.stderr,
    `Mail in ${production} stays in its inbound/. Route it with:\n  npx --no agentkeys-ses-routing backfill --bucket ${production}`,
  );
  t.match(sandbox.state.events.rules.get('agentkeys-ses-routing-inbound')?.tags.get('eventbridge-on-since'), /^20/);
  t.strictSame((await run([...move, '--yes'])).writes, [], 'the flag may stay');
  t.strictSame((await run(['deploy', '--mail-domain', mailDomain, '--bucket', test])).writes, []);
  await deliver(aws, production, [first]);
  await deliver(aws, test, [second]);
  await sandbox.settled();
  t.strictSame(await keysIn(operator, production), [first.key], 'it stays in inbound/');
  t.strictSame(await keysIn(operator, test), [second.key, ...routedKeys(second)].sort());
  const back = await run(['backfill', '--bucket', production, '--mail-domain', mailDomain]);
  t.equal(back.status, 0, back.stderr);
  t.strictSame(await keysIn(operator, production), [first.key, ...routedKeys(first)].sort());
});

t.test('status --all: what is missing, denied or disabled is said, with its policy and nothing else', async (t) => {
  const operator = await start(t);
  const { run, aws, sandbox } = operator;
  await run(['deploy', '--stack', 'test']);
  await aws.s3.send(new CreateBucketCommand({ Bucket: 'agentkeys-mail-eu' }));
  await run([
    'deploy',
    '--no-broker',
    '--bucket',
    'agentkeys-mail-eu',
    '--function-name',
    'f',
    '--role-name',
    'r',
    '--rule-name',
    'u',
  ]);
  // A listing has a hundred rules a page.
  const { rules } = sandbox.state.events;
  const [[, any] = []] = rules;
  for (let at = 0; any !== undefined && at < 100; at++)
    rules.set(`a-${at}`, { ...any, name: `a-${at}`, description: '' });
  const { stdout } = await run(['policy', 'status', '--all', '--function-name', 'f']);
  const as = async (UserName: string, PolicyDocument: string) => {
    await aws.iam.send(new CreateUserCommand({ UserName }));
    await aws.iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'p', PolicyDocument }));
    const { AccessKey } = await aws.iam.send(new CreateAccessKeyCommand({ UserName }));
    const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = { ...AccessKey };
    return { credentials: { accessKeyId, secretAccessKey } };
  };
  const watcher = await as('watcher', stdout);
  const listed = async (options = watcher) => JSON.parse((await run(['status', '--all', '--json'], options)).stdout);
  const same = { deployed: 'same', prefixes: ['or'], mailDomain: null };
  t.match(await listed(), {
    account: '111122223333',
    region: 'us-east-1',
    stacks: [
      { stack: null, buckets: [production], function: { name: 'agentkeys-ses-routing', mailDomain } },
      { stack: 'test', buckets: [test], enabled: true, function: { name: 'agentkeys-ses-routing-test', ...same } },
      { stack: null, rule: 'u', function: { name: 'f', ...same } },
    ],
  });
  for (const action of ['lambda:GetFunction', 'lambda:ListTags', 'events:ListTargetsByRule']) {
    const denied = await listed(
      await as(action.replace(':', '-'), stdout.replace(`"${action}"`, '"sts:GetCallerIdentity"')),
    );
    t.match(denied, { stacks: [{ stack: null }, { stack: 'test', function: { unknown: /AWS denied/ } }, {}] }, action);
  }
  sandbox.state.lambda.functions.delete('agentkeys-ses-routing-test');
  sandbox.state.events.rules.get('u')?.targets.clear();
  const rule = sandbox.state.events.rules.get('agentkeys-ses-routing-inbound');
  if (rule !== undefined) rule.state = 'DISABLED';
  t.match(await listed(), { stacks: [{ enabled: false }, { stack: 'test', function: null }, { function: null }] });
  const shown = (await run(['status', '--all'], await as('nobody', stdout.replace('"lambda:GetFunction"', '"x:Y"'))))
    .stdout;
  t.match(shown, 'agentkeys-ses-routing-inbound, DISABLED: no mail is routed\n  function  unknown: AWS denied access');
  t.match((await run(['status', '--all'], watcher)).stdout, '-test-inbound\n  function  missing: no mail is routed\n');
  sandbox.state.events.rules.clear();
  t.match((await run(['status', '--all'], watcher)).stdout, '\n\nNone.\n');
});
