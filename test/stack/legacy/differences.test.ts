/**
 * deploy.sh's installation on the embedded AWS: it stays as a whole if it isn't as the script makes it, or is still needed. All the reasons
 * are in plan/legacy.test.ts.
 */
import t from 'tap';
import { afterDeploySh, type Migration, minutes, noteUnder } from './account.js';

const title = '! old router      agentkeys-ses-router';
const oldArn = 'arn:aws:lambda:us-east-1:111122223333:function:agentkeys-ses-router';

/** The parts of the account that the cases change. */
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

/** The account ten minutes after the first deploy: the next one would remove the old path. */
async function due(t: Parameters<typeof afterDeploySh>[0]): Promise<Migration> {
  const migration = await afterDeploySh(t);
  await migration.run(['deploy']);
  await migration.pass(minutes(10));
  return migration;
}

const differing: Array<[what: string, change: (pieces: Pieces) => void, reason: string]> = [
  ['timeout', ({ fn }) => (fn.timeout = 60), "the function's timeout is 60 s, not 10 s"],
  ['description', ({ fn }) => (fn.description = 'ours'), "the function's description is ours, not none"],
  [
    'environment: names only, since a value may be a secret',
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
    'statement of others',
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
    'notification without a filter',
    ({ old }) => (old.Filter = undefined),
    'the notification agentkeys-ses-router-inbound has other events, another filter or another function',
  ],
  [
    'trust policy',
    ({ role }) => (role.trust = role.trust.replace('lambda', 'ec2')),
    "the role's trust policy is another",
  ],
  [
    'one more inline policy',
    ({ role }) =>
      role.inline.set('more', JSON.stringify({ Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] })),
    "the role has a policy that is not the script's: more",
  ],
  [
    'a permissions boundary',
    ({ role }) => (role.boundary = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess'),
    'the role has a permissions boundary: arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess',
  ],
  ['tag of the role', ({ role }) => role.tags.set('team', 'mail'), 'the role has the tag team'],
];

t.test('a difference from what deploy.sh makes keeps all of it, and is reported', async (t) => {
  const migration = await due(t);
  const { run } = migration;
  for (const [what, change, reason] of differing) {
    const undo = keep(migration);
    change(piecesOf(migration));
    const { status, stdout, stderr, writes } = await run(['deploy', '--yes']);
    t.equal(status, 0, stderr);
    t.strictSame(writes, [], what);
    t.equal(noteUnder(stdout, title), `left alone: it is not as deploy.sh makes it: ${reason}`, what);
    undo();
  }
  t.match((await run(['deploy', '--dry-run'])).stdout, '4 to delete;', 'and unchanged, it would be removed');
});

/** Saves the parts; the function that it returns restores them. */
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

const unready: Array<[what: string, change: (pieces: Pieces) => void, reason: string, flags?: string[]]> = [
  [
    'no target, and no permission',
    ({ rule, newFn }) => {
      rule.targets.clear();
      newFn.policy = [];
    },
    'permission and target of the new path must be up to date first; deploy again',
  ],
  [
    'this run changes the new function',
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
    'a reserved concurrency of 0',
    ({ newFn }) => (newFn.reservedConcurrency = 0),
    'a reserved concurrency of 0 keeps the new function from running',
  ],
  [
    'EventBridge is off',
    ({ mail }) => (mail.notification.EventBridgeConfiguration = undefined),
    'it routes the mail until EventBridge does; deploy again ten minutes after this deploy',
  ],
];

t.test('it is kept until the new path is up to date, even if this run repairs that', async (t) => {
  const migration = await due(t);
  for (const [what, change, reason, flags = []] of unready) {
    const undo = keep(migration);
    change(piecesOf(migration));
    const { stdout, stderr, status } = await migration.run(['deploy', '--dry-run', ...flags]);
    t.equal(status, 0, stderr);
    t.equal(noteUnder(stdout, title), `kept for now: ${reason}`, what);
    t.notMatch(stdout, /^- /m);
    undo();
  }
});

t.test('parts that are gone already are no difference: the rest is removed', async (t) => {
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

t.test('--keep-legacy keeps it without reading it', async (t) => {
  const { run } = await due(t);
  const kept = await run(['deploy', '--keep-legacy']);
  t.equal(kept.status, 0);
  t.strictSame(kept.writes, []);
  t.equal(
    noteUnder(kept.stdout, '! old router      agentkeys-ses-router'),
    'not looked at, and left alone: --keep-legacy',
  );
  const looks = kept.calls.filter(({ operation }) => operation === 'GetFunction');
  t.equal(looks.length, 1, 'that is the new function');
});

t.test('the old router of another bucket is called that; status names what S3 notifies', async (t) => {
  const migration = await due(t);
  const { bucket, run, sandbox } = migration;
  const { fn, role, mail, old } = piecesOf(migration);
  mail.notification = { LambdaFunctionConfigurations: [old] };
  t.match(
    (await run(['status', '--no-mail'])).stdout,
    /^ {2}EventBridge {12}off: S3 sends it no events; S3 notifies\n +agentkeys-ses-router$/m,
  );

  mail.notification = { EventBridgeConfiguration: {} };
  const moved = (text: string) => text.replaceAll(bucket, 'mail-of-test');
  const [name = '', text = ''] = [...role.inline][0] ?? [];
  role.inline.set(name, moved(text));
  const note = async () => noteUnder((await run(['deploy', '--dry-run'])).stdout, title);
  t.match(await note(), /^left alone: it is not as deploy.sh makes it/, 'of both buckets');
  fn.policy = JSON.parse(moved(JSON.stringify(fn.policy)));
  const another = `left alone: it is the router of the bucket mail-of-test, not of ${bucket}`;
  t.equal(await note(), another);
  t.strictSame((await run(['deploy'])).writes, []);
  sandbox.state.lambda.functions.delete(fn.name);
  t.equal(await note(), another, 'by the role alone');
  mail.notification = { EventBridgeConfiguration: {}, LambdaFunctionConfigurations: [old] };
  t.match(await note(), /^left alone: it is not as deploy.sh makes it/, 'while it is notified of mail here');
});

t.test('a teardown leaves it alone, and says so', async (t) => {
  const { run, sandbox } = await due(t);
  const down = await run(['teardown', '--yes']);
  t.equal(down.status, 0, down.stderr);
  t.equal(noteUnder(down.stdout, title), 'left alone: deploy.sh made it, not this tool');
  t.ok(sandbox.state.lambda.functions.has('agentkeys-ses-router'));
  t.ok(sandbox.state.iam.roles.has('agentkeys-ses-router-lambda-role'));
});

t.test('what would no longer be routed is part of the question', async (t) => {
  const { run, pass } = await afterDeploySh(t);
  const flags = ['--prefix', 'xy', '--mail-domain', 'bots.litentry.org'];
  await run(['deploy', ...flags]);
  await pass(minutes(10));
  t.match(
    (await run(['deploy', ...flags])).stderr,
    'delete the notification agentkeys-ses-router-inbound, which deploy.sh made, and so stop routing mail to or-0x…, and mail to any domain but bots.litentry.org\n',
  );
});
