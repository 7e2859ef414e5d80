/**
 * What isn't exactly as deploy.sh makes it, or can't be done without yet, stays as a whole; and the plan says why.
 */
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import t from 'tap';
import { loadSettings } from '../../../src/settings/index.js';
import { differencesFromScript } from '../../../src/stack/legacy/compare.js';
import { namesOf, type StackContext } from '../../../src/stack/scope.js';
import { afterDeploySh, type Migration, minutes, noteUnder } from './account.js';

const title = '! old router      agentkeys-ses-router';
const oldArn = 'arn:aws:lambda:us-east-1:111122223333:function:agentkeys-ses-router';

/** The pieces of the account that the cases change. */
function piecesOf({ sandbox, bucket }: Migration) {
  const { lambda, iam, s3, events } = sandbox.state;
  const fn = lambda.functions.get('agentkeys-ses-router');
  const role = iam.roles.get('agentkeys-ses-router-lambda-role');
  const mail = s3.buckets.get(bucket);
  const newFn = lambda.functions.get('agentkeys-ses-routing');
  const newRole = iam.roles.get('agentkeys-ses-routing-role');
  const rule = events.rules.get('agentkeys-ses-routing-inbound');
  const old = mail?.notification.LambdaFunctionConfigurations?.[0];
  const all = { fn, role, mail, newFn, newRole, rule, old };
  if (Object.values(all).includes(undefined)) throw new Error('the account is not as expected');
  return all as { [Name in keyof typeof all]: NonNullable<(typeof all)[Name]> };
}

type Pieces = ReturnType<typeof piecesOf>;

/** The account after the first deploy and the ten minutes: a deploy would now take the old path away. */
async function due(t: Parameters<typeof afterDeploySh>[0]): Promise<Migration> {
  const migration = await afterDeploySh(t);
  await migration.run(['deploy']);
  await migration.pass(minutes(10));
  return migration;
}

const differing: Array<[what: string, change: (pieces: Pieces) => void, said: string]> = [
  ['runtime', ({ fn }) => (fn.runtime = 'python3.12'), "the function's runtime is python3.12, not python3.13"],
  ['handler', ({ fn }) => (fn.handler = 'main.run'), "the function's handler is main.run, not handler.handler"],
  ['memory', ({ fn }) => (fn.memory = 512), "the function's memory is 512 MiB, not 128 MiB"],
  ['timeout', ({ fn }) => (fn.timeout = 60), "the function's timeout is 60 s, not 10 s"],
  ['architecture', ({ fn }) => (fn.architectures = ['arm64']), "the function's architecture is arm64, not x86_64"],
  [
    'role of the function',
    ({ fn, newRole }) => (fn.roleArn = newRole.arn),
    "the function's execution role is arn:aws:iam::111122223333:role/agentkeys-ses-routing-role, not arn:aws:iam::111122223333:role/agentkeys-ses-router-lambda-role",
  ],
  ['description', ({ fn }) => (fn.description = 'ours'), "the function's description is ours, not none"],
  [
    'environment: its names, never its values',
    ({ fn }) => (fn.environment = { TOKEN: 'secret' }),
    "the function's environment is TOKEN, not none",
  ],
  [
    'reserved concurrency',
    ({ fn }) => (fn.reservedConcurrency = 50),
    "the function's reserved concurrency is 50, not 10",
  ],
  ['tag of the function', ({ fn }) => fn.tags.set('team', 'mail'), 'the function has the tag team'],
  [
    'statement of somebody else',
    ({ fn }) =>
      (fn.policy = [
        ...fn.policy,
        {
          Sid: 'audit',
          Effect: 'Allow',
          Principal: { Service: 'sns.amazonaws.com' },
          Action: 'lambda:InvokeFunction',
          Resource: oldArn,
        },
      ]),
    "the function's policy has a statement that is not the script's: audit",
  ],
  [
    'statement of that id for another bucket',
    ({ fn }) =>
      (fn.policy = fn.policy.map((one) => ({ ...one, Condition: { ArnLike: { 'AWS:SourceArn': 'arn:aws:s3:::b' } } }))),
    "the function's policy has a statement that is not the script's: agentkeys-ses-router-s3-invoke",
  ],
  [
    'notification with another prefix',
    ({ old }) => (old.Filter = { Key: { FilterRules: [{ Name: 'prefix', Value: 'mail/' }] } }),
    'the notification agentkeys-ses-router-inbound has other events, another filter or another function',
  ],
  [
    'notification of everything',
    ({ old }) => (old.Filter = undefined),
    'the notification agentkeys-ses-router-inbound has other events, another filter or another function',
  ],
  [
    'notification of another function',
    ({ old }) => (old.LambdaFunctionArn = `${oldArn}-2`),
    'the notification agentkeys-ses-router-inbound has other events, another filter or another function',
  ],
  [
    'notification of other events',
    ({ old }) => (old.Events = ['s3:ObjectCreated:Put']),
    'the notification agentkeys-ses-router-inbound has other events, another filter or another function',
  ],
  [
    'another notification to the function',
    ({ mail, old }) =>
      (mail.notification.LambdaFunctionConfigurations = [
        old,
        { Id: 'archive', LambdaFunctionArn: oldArn, Events: ['s3:ObjectRemoved:*'] },
      ]),
    'the notification archive invokes the function too',
  ],
  [
    'a notification to an alias of the function',
    ({ mail, old }) =>
      (mail.notification.LambdaFunctionConfigurations = [
        old,
        { Id: 'archive', LambdaFunctionArn: `${oldArn}:live`, Events: ['s3:ObjectRemoved:*'] },
      ]),
    'the notification archive invokes the function too',
  ],
  [
    'trust policy',
    ({ role }) => (role.trust = role.trust.replace('lambda', 'ec2')),
    "the role's trust policy is another",
  ],
  [
    'policy of the role',
    ({ role }) =>
      role.inline.set(
        'agentkeys-ses-router-lambda-role-inline',
        JSON.stringify({ Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] }),
      ),
    "the role's policy agentkeys-ses-router-lambda-role-inline is another",
  ],
  [
    'one more inline policy',
    ({ role }) =>
      role.inline.set('more', JSON.stringify({ Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] })),
    "the role has a policy that is not the script's: more",
  ],
  [
    'a managed policy',
    ({ role }) => role.attached.add('arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess'),
    "the role has a policy that is not the script's: arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
  ],
  [
    'a permissions boundary',
    ({ role }) => (role.boundary = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess'),
    'the role has a permissions boundary: arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess',
  ],
  ['tag of the role', ({ role }) => role.tags.set('team', 'mail'), 'the role has the tag team'],
];

t.test('what differs from what deploy.sh makes is left, all of it, and reported', async (t) => {
  const migration = await due(t);
  const { run } = migration;
  for (const [what, change, said] of differing) {
    const undo = keep(migration);
    change(piecesOf(migration));
    const { status, stdout, stderr, writes } = await run(['deploy', '--yes']);
    t.equal(status, 0, stderr);
    t.strictSame(writes, [], what);
    t.equal(noteUnder(stdout, title), `left alone: it is not as deploy.sh makes it: ${said}`, what);
    undo();
  }
  t.match((await run(['deploy', '--dry-run'])).stdout, '4 to delete;', 'and as it was, it would go');
});

/** Remembers the pieces as they are; what is returned puts them back. */
function keep(migration: Migration): () => void {
  const { fn, role, mail, old, newFn, rule } = piecesOf(migration);
  const saved = structuredClone({ ...fn, zip: undefined });
  const [savedRole, savedMail, savedOld] = structuredClone([role, mail.notification, old] as const);
  const savedNew = structuredClone({ ...newFn, zip: undefined });
  const savedRule = structuredClone(rule);
  return () => {
    Object.assign(fn, { reservedConcurrency: undefined }, saved, { zip: fn.zip });
    Object.assign(role, { boundary: undefined }, savedRole);
    Object.assign(mail, { notification: savedMail });
    Object.assign(old, savedOld);
    Object.assign(newFn, { reservedConcurrency: undefined }, savedNew, { zip: newFn.zip });
    Object.assign(rule, savedRule);
  };
}

const unready: Array<[what: string, change: (pieces: Pieces) => void, said: string, flags?: string[]]> = [
  [
    'the rule is off',
    ({ rule }) => (rule.state = 'DISABLED'),
    'rule of the new path must be up to date first; deploy again',
  ],
  [
    'no target, and no permission',
    ({ rule, newFn }) => {
      rule.targets.clear();
      newFn.policy = [];
    },
    'permission and target of the new path must be up to date first; deploy again',
  ],
  [
    'the new function is to be changed',
    () => {},
    'function of the new path must be up to date first; deploy again',
    ['--memory', '512'],
  ],
  [
    'the new function is being updated',
    ({ newFn }) => Object.assign(newFn, { lastUpdate: 'InProgress', settlesAt: Number.POSITIVE_INFINITY }),
    'the new function is not active yet; deploy again',
  ],
  [
    'the new function never runs',
    ({ newFn }) => (newFn.reservedConcurrency = 0),
    'a reserved concurrency of 0 keeps the new function from running',
  ],
  [
    'EventBridge was turned off',
    ({ mail }) => (mail.notification.EventBridgeConfiguration = undefined),
    'it routes the mail until EventBridge does; deploy again ten minutes after this deploy',
  ],
  [
    'nobody knows since when EventBridge is on',
    ({ rule }) => rule.tags.delete('eventbridge-on-since'),
    'it routes the mail until EventBridge does; deploy again ten minutes after this deploy',
  ],
  [
    'the time is no time',
    ({ rule }) => rule.tags.set('eventbridge-on-since', 'not yet'),
    'it routes the mail until EventBridge does; deploy again ten minutes after this deploy',
  ],
];

t.test('while the new path is not in order it is kept, whatever this run mends', async (t) => {
  const migration = await due(t);
  for (const [what, change, said, flags = []] of unready) {
    const undo = keep(migration);
    change(piecesOf(migration));
    const { stdout, stderr, status } = await migration.run(['deploy', '--dry-run', ...flags]);
    t.equal(status, 0, stderr);
    t.equal(noteUnder(stdout, title), `kept for now: ${said}`, what);
    t.notMatch(stdout, /^- /m);
    undo();
  }
});

t.test('a part that is gone already is no difference: the rest goes', async (t) => {
  const cases: Array<[what: string, change: (migration: Migration) => void, lines: string[]]> = [
    [
      'no notification, no statement',
      (migration) => {
        const { mail, fn } = piecesOf(migration);
        mail.notification.LambdaFunctionConfigurations = undefined;
        fn.policy = [];
        fn.reservedConcurrency = undefined;
      },
      ['- function        agentkeys-ses-router', '- execution role  agentkeys-ses-router-lambda-role'],
    ],
    [
      'nothing but a bare role',
      (migration) => {
        const { mail, role } = piecesOf(migration);
        mail.notification.LambdaFunctionConfigurations = undefined;
        migration.sandbox.state.lambda.functions.delete('agentkeys-ses-router');
        role.inline.clear();
      },
      ['- execution role  agentkeys-ses-router-lambda-role'],
    ],
    [
      'nothing but the notification',
      ({ sandbox }) => {
        sandbox.state.lambda.functions.delete('agentkeys-ses-router');
        sandbox.state.iam.roles.delete('agentkeys-ses-router-lambda-role');
      },
      ['- notification    agentkeys-ses-router-inbound'],
    ],
  ];
  for (const [what, change, lines] of cases) {
    const migration = await due(t);
    change(migration);
    const gone = await migration.run(['deploy', '--yes']);
    t.equal(gone.status, 0, gone.stderr);
    t.strictSame(
      gone.stdout.split('\n').filter((line) => line.startsWith('- ')),
      lines,
      what,
    );
    const after = await migration.run(['deploy']);
    t.strictSame(after.writes, []);
    t.notMatch(after.stdout, 'agentkeys-ses-router-');
  }
});

t.test('--keep-legacy keeps it for good, without looking at it', async (t) => {
  const { run } = await due(t);
  const kept = await run(['deploy', '--keep-legacy']);
  t.equal(kept.status, 0);
  t.strictSame(kept.writes, []);
  t.equal(noteUnder(kept.stdout, '= old router      agentkeys-ses-router'), 'left alone: --keep-legacy');
  const looks = kept.calls.filter(({ operation }) => operation === 'GetFunction');
  t.equal(looks.length, 1, 'that is the new function');
});

t.test('a name of it that is used here is left alone', async (t) => {
  const { run } = await afterDeploySh(t);
  for (const flags of [
    ['--function-name', 'agentkeys-ses-router'],
    ['--role-name', 'agentkeys-ses-router-lambda-role'],
  ])
    t.equal(
      noteUnder((await run(['deploy', '--dry-run', ...flags])).stdout, title),
      'left alone: a name of it is in use here (--function-name, --role-name)',
    );
});

t.test('teardown leaves it alone, and says so', async (t) => {
  const { run, sandbox } = await due(t);
  const down = await run(['teardown', '--yes']);
  t.equal(down.status, 0, down.stderr);
  t.equal(noteUnder(down.stdout, title), 'left alone: deploy.sh made it, not this tool');
  t.ok(sandbox.state.lambda.functions.has('agentkeys-ses-router'));
  t.ok(sandbox.state.iam.roles.has('agentkeys-ses-router-lambda-role'));
});

t.test('what would no longer be routed is asked about with it', async (t) => {
  const { run, pass } = await afterDeploySh(t);
  const flags = ['--prefix', 'xy', '--mail-domain', 'bots.litentry.org'];
  await run(['deploy', ...flags]);
  await pass(minutes(10));
  t.match(
    (await run(['deploy', ...flags])).stderr,
    'delete the notification agentkeys-ses-router-inbound, which deploy.sh made, and so stop routing mail to or-0x…, and mail to any domain but bots.litentry.org\n',
  );
});

t.test(
  'what the embedded AWS does not have: layers, a network, a dead-letter queue; tags that are not shown',
  async (t) => {
    const identity = { account: '111122223333', partition: 'aws', region: 'us-east-1', caller: '' };
    const { settings } = await loadSettings({}, {}, t.testdir({}));
    const place: StackContext = { identity, settings, names: namesOf(settings, identity) };
    const asMade: FunctionConfiguration = {
      Runtime: 'python3.13',
      Handler: 'handler.handler',
      MemorySize: 128,
      Timeout: 10,
      Architectures: ['x86_64'],
      Role: 'arn:aws:iam::111122223333:role/agentkeys-ses-router-lambda-role',
    };
    const cases: Array<
      [configuration: FunctionConfiguration, tags: Record<string, string> | undefined, said: string[]]
    > = [
      [{}, {}, []],
      [{ Layers: [{ Arn: 'arn:x' }] }, {}, ["the function's layer is arn:x, not none"]],
      [{ VpcConfig: { VpcId: 'vpc-1' } }, {}, ["the function's network is vpc-1, not none"]],
      [{ VpcConfig: { VpcId: '' } }, {}, []],
      [{ DeadLetterConfig: { TargetArn: 'arn:q' } }, {}, ["the function's dead-letter queue is arn:q, not none"]],
      [{}, undefined, ["the function's tags can't be read (lambda:ListTags)"]],
    ];
    for (const [configuration, tags, said] of cases) {
      const fn = { configuration: { ...asMade, ...configuration }, tags, reservedConcurrency: 10, statements: [] };
      t.strictSame(differencesFromScript({ legacy: { readAt: 0, function: fn }, bucketEvents: {} }, place), said);
    }
  },
);
