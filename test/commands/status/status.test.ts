/** `status`: the states of the account, as text and as JSON. */
import { DisableRuleCommand, RemoveTargetsCommand } from '@aws-sdk/client-eventbridge';
import { DeleteRolePolicyCommand } from '@aws-sdk/client-iam';
import { RemovePermissionCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { type ListObjectsV2CommandInput, PutBucketNotificationConfigurationCommand } from '@aws-sdk/client-s3';
import t from 'tap';
import { deliver, routedKeys } from '../../../src/commands/demo/mail.js';
import { runDeploySh } from '../../support/deploy-sh.js';
import { delivered, deployed, failedKeys, keysIn, mailDomain, messages, startRouting } from '../../support/mail.js';
import type { Operator } from '../../support/operator.js';
import { quickClock, startDeployed, startOperator } from '../../support/operator.js';

const FunctionName = 'agentkeys-ses-routing';
const Rule = 'agentkeys-ses-routing-inbound';
/** Milliseconds. */
const hour = 3_600_000;
const domain = ['--mail-domain', mailDomain];

/** The screen with placeholders for values that differ between runs. */
function masked(stdout: string): string[] {
  return stdout
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replace(/\d+ (s|min) ago/g, '<some> ago')
    .replace(/\+[0-9a-f]{12}/g, '+<code>')
    .trimEnd()
    .split('\n');
}

/** The lines of the screen for one resource. */
function linesOf(stdout: string, head: string): string[] {
  const lines = masked(stdout);
  const at = lines.findIndex((line) => line.startsWith(head));
  const under = lines.slice(at + 1);
  return at < 0
    ? []
    : [
        String(lines[at]),
        ...under.slice(
          0,
          under.findIndex((line) => !line.startsWith('  ')),
        ),
      ];
}

t.test('before any deploy, everything is missing', async (t) => {
  const { run } = await startOperator(t);
  const { status, stdout, writes } = await run(['status', ...domain]);
  t.equal(status, 2);
  t.strictSame(writes, []);
  const lines = masked(stdout);
  t.strictSame(lines.slice(0, 19), [
    'agentkeys-ses-routing in account 111122223333 (aws), region us-east-1',
    '  bucket    agentkeys-mail-111122223333',
    '  version   not deployed; this version: 0.1.0+<code>',
    '',
    'in sync   mail bucket      agentkeys-mail-111122223333',
    'missing   log group        /aws/lambda/agentkeys-ses-routing',
    'missing   retry queue      agentkeys-ses-routing-retry',
    'missing   execution role   agentkeys-ses-routing-role',
    'missing   function         agentkeys-ses-routing',
    'note      service          openrouter',
    "            no review of its terms is recorded, and AgentKeys' rule is to review",
    '              them before the first live sign-up (https://openrouter.ai/terms);',
    '              then deploy with --tos-reviewed openrouter=YYYY-MM-DD',
    'missing   permission       agentkeys-ses-routing-events-e0c94805ecaf',
    'missing   event source     agentkeys-ses-routing-retry',
    'missing   destination      agentkeys-ses-routing',
    'missing   rule             agentkeys-ses-routing-inbound',
    'missing   target           agentkeys-ses-routing',
    'drifted   bucket events    agentkeys-mail-111122223333',
  ]);
  t.match(stdout, /^ {2}newest in inbound\/ {5}none yet$/m);
  t.match(stdout, /^ {2}newest routed copy {5}none yet$/m);
  t.match(stdout, /^ {2}EventBridge {12}off: S3 sends it no events/m);
  t.equal(lines.at(-1), '10 missing, 1 drifted: `deploy` fixes it, `deploy --dry-run` shows how.');
  t.ok(stdout.split('\n').every((line) => line.length <= 80));
  t.match(JSON.parse((await run(['status', '--json', ...domain])).stdout), {
    outcome: 'drifted',
    function: { deployed: 'missing', version: undefined, lastModified: undefined },
    mail: { inbound: null, routed: null },
    eventBridge: { on: false, since: undefined },
    last24Hours: { invocations: 0, dropped: 0 },
  });
});

interface Drift {
  name: string;
  change(operator: Operator): unknown;
  shown: string[];
}

const drifts: Drift[] = [
  {
    name: 'a setting of the function',
    change: ({ aws }) => aws.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, MemorySize: 128 })),
    shown: [
      'drifted   function         agentkeys-ses-routing',
      '            memory: 128 MiB, should be 256 MiB',
      '            last modified <some> ago, <time>',
    ],
  },
  {
    name: 'the rule is off',
    change: ({ aws }) => aws.events.send(new DisableRuleCommand({ Name: Rule })),
    shown: [
      'drifted   rule             agentkeys-ses-routing-inbound',
      '            state: DISABLED, should be ENABLED',
    ],
  },
  {
    name: 'the target is gone',
    change: ({ aws }) => aws.events.send(new RemoveTargetsCommand({ Rule, Ids: [FunctionName] })),
    shown: ['missing   target           agentkeys-ses-routing'],
  },
  {
    name: 'the permission is gone',
    change: ({ aws, sandbox }) => {
      const [statement] = sandbox.state.lambda.functions.get(FunctionName)?.policy ?? [];
      return aws.lambda.send(new RemovePermissionCommand({ FunctionName, StatementId: statement?.Sid }));
    },
    shown: ['missing   permission       agentkeys-ses-routing-events-e0c94805ecaf'],
  },
  {
    name: 'a statement of the role is missing, and it has another one',
    change: ({ sandbox }) => {
      const inline = sandbox.state.iam.roles.get('agentkeys-ses-routing-role')?.inline;
      for (const [name, text] of inline ?? []) inline?.set(name, text.replace('s3:PutObject', 's3:Put*'));
    },
    shown: [
      'drifted   execution role   agentkeys-ses-routing-role',
      '            policy agentkeys-ses-routing-role-inline: Allow s3:Put* on',
      '              arn:aws:s3:::agentkeys-mail-111122223333/bots/*/inbound/*, should',
      '              not be set',
      '            policy agentkeys-ses-routing-role-inline: not set, should be Allow',
      '              s3:PutObject on',
      '              arn:aws:s3:::agentkeys-mail-111122223333/bots/*/inbound/*',
    ],
  },
  {
    name: 'EventBridge is off',
    change: ({ aws, bucket }) =>
      aws.s3.send(new PutBucketNotificationConfigurationCommand({ Bucket: bucket, NotificationConfiguration: {} })),
    shown: [
      'drifted   bucket events    agentkeys-mail-111122223333',
      '            EventBridge: off, should be on',
      '            tag eventbridge-on-since: <time>, should be now',
    ],
  },
  {
    name: "the broker's policy is gone",
    change: ({ aws }) =>
      aws.iam.send(
        new DeleteRolePolicyCommand({
          RoleName: 'agentkeys-broker-host',
          PolicyName: 'agentkeys-ses-routing-broker',
        }),
      ),
    shown: ['missing   broker policy    agentkeys-broker-host/agentkeys-ses-routing-broker'],
  },
  {
    name: 'the function has no tag of this tool',
    change: ({ sandbox }) => sandbox.state.lambda.functions.get(FunctionName)?.tags.delete('managed-by'),
    shown: [
      'foreign   function         agentkeys-ses-routing',
      '            not created by this tool (no tag); take it over with `deploy',
      '              --adopt`',
      '            tag managed-by: not set, should be agentkeys-ses-routing',
      '            last modified <some> ago, <time>',
    ],
  },
];

t.test('each kind of drift, and back', async (t) => {
  const operator = await startRouting(t);
  for (const { name, change, shown } of drifts)
    await t.test(name, async (t) => {
      await change(operator);
      const drifted = await operator.run(['status', ...domain]);
      t.equal(drifted.status, 2, drifted.stderr);
      const [head = ''] = shown;
      t.strictSame(linesOf(drifted.stdout, head), shown);
      const state = head.split(' ')[0];
      t.equal(masked(drifted.stdout).at(-1), `1 ${state}: \`deploy\` fixes it, \`deploy --dry-run\` shows how.`);
      await deployed(operator, '--adopt');
      const fixed = await operator.run(['status', ...domain]);
      t.equal(fixed.status, 0);
      t.equal(fixed.stdout.trimEnd().split('\n').at(-1), 'In sync.');
    });
});

t.test('EventBridge is on, and its start is not recorded', async (t) => {
  const operator = await startRouting(t);
  operator.sandbox.state.events.rules.get(Rule)?.tags.delete('eventbridge-on-since');
  const { status, stdout } = await operator.run(['status', ...domain]);
  t.equal(status, 2);
  t.match(stdout, /^ {2}EventBridge {12}on; the next deploy records since when$/m);
});

t.test('the comparison uses the same flags as deploy', async (t) => {
  const operator = await startRouting(t, '--memory', '512');
  t.equal((await operator.run(['status', ...domain, '--memory', '512'])).status, 0);
  const { status, stdout } = await operator.run(['status', ...domain]);
  t.equal(status, 2);
  t.match(stdout, 'memory: 512 MiB, should be 256 MiB');
});

t.test('the version of the deployed code', async (t) => {
  const operator = await startRouting(t);
  const fn = operator.sandbox.state.lambda.functions.get(FunctionName);
  if (fn === undefined) return t.fail('no function');
  const line = async () => masked((await operator.run(['status', ...domain])).stdout)[2];
  t.equal(await line(), '  version   0.1.0+<code>, the same as this version');
  // "somebody else" in base64; the first 12 hexadecimal digits of it are those of "somebo".
  fn.codeSha256 = 'c29tZWJvZHkgZWxzZQ==';
  const { stdout } = await operator.run(['status', ...domain]);
  t.strictSame(masked(stdout).slice(2, 4), [
    '  version   unknown: the code was replaced after 0.1.0+<code> was',
    '            deployed; this version: 0.1.0+<code>',
  ]);
  fn.tags.set('agentkeys-ses-routing:version', '0.0.9+736f6d65626f');
  t.equal(await line(), '  version   0.0.9+<code>; this version: 0.1.0+<code>');
  fn.tags.delete('agentkeys-ses-routing:version');
  t.match(await line(), "  version   unknown: the code is not this version's, and has no version tag");
});

t.test("deploy.sh's router: a note while it is kept, obsolete once it is to be removed", async (t) => {
  const clock = quickClock();
  const { run, aws, bucket, sandbox } = await startOperator(t, { now: clock.now });
  await runDeploySh(aws, { account: sandbox.account, bucket });
  await run(['deploy'], { clock });
  const kept = await run(['status'], { clock });
  t.equal(kept.status, 0, kept.stderr);
  t.strictSame(linesOf(kept.stdout, 'note      old router'), [
    'note      old router       agentkeys-ses-router',
    '            kept for now: S3 takes about five minutes until it delivers to',
    '              EventBridge; deploy again at <time> or later',
  ]);
  await clock.sleep(10 * 60_000, new AbortController().signal);
  const due = await run(['status'], { clock });
  t.equal(due.status, 2);
  t.match(due.stdout, /^obsolete {2}notification {5}agentkeys-ses-router-inbound$/m);
  t.match(due.stdout, /^obsolete {2}function {9}agentkeys-ses-router$/m);
  t.equal(due.stdout.trimEnd().split('\n').at(-1), '4 obsolete: `deploy` fixes it, `deploy --dry-run` shows how.');
});

t.test("a stack that can't be read is an error", async (t) => {
  const { run } = await startOperator(t);
  const { status, stdout, stderr } = await run(['status', '--bucket', 'no-such-bucket-there', '--json']);
  t.equal(status, 1);
  t.match(JSON.parse(stdout), { version: 1, outcome: 'failed' });
  t.match(stderr, 'There is no bucket no-such-bucket-there.');
});

t.test('the newest mail is found among thousands, of both kinds', async (t) => {
  const operator = await startOperator(t);
  // Before the deploy, so that nothing is routed: that takes time.
  await deliver(operator.aws, operator.bucket, messages);
  await deployed(operator);
  const objects = operator.sandbox.state.s3.buckets.get(operator.bucket)?.objects;
  const [some] = objects?.values() ?? [];
  if (objects === undefined || some === undefined) return t.fail('no mail');
  const old = { ...some, modified: new Date('2026-01-01T00:00:00Z') };
  const wallet = `bots/0x${'a'.repeat(40)}`;
  for (const object of objects.values()) object.modified = new Date('2026-01-02T00:00:00Z');
  for (let n = 0; n < 3_000; n += 1) {
    objects.set(`inbound/${String(n).padStart(40, '0')}`, old);
    objects.set(`${wallet}/inbound/${String(n).padStart(40, '0')}`, old);
  }
  const put = (key: string, at: string) => objects.set(key, { ...some, modified: new Date(at) });
  put(`inbound/${'0'.repeat(36)}1234`, '2026-01-05T00:00:00Z');
  put(`${wallet}/inbound/${'0'.repeat(36)}1234`, '2026-01-04T00:00:00Z');
  // None of these is a message: SES's notice, an agent's own file, a folder, somebody else's folder.
  for (const key of [
    'inbound/AMAZON_SES_SETUP_NOTIFICATION',
    'inbound/',
    `${wallet}/notes/inbound/x`,
    `${wallet}/inbound/`,
    'bots/somebody/inbound/x',
  ])
    put(key, '2026-01-06T00:00:00Z');

  const { status, stdout, calls } = await operator.run(['status', ...domain]);
  t.equal(status, 0);
  t.match(stdout, /^ {2}newest in inbound\/ {5}\d+ days ago, 2026-01-05T00:00:00Z$/m);
  t.match(stdout, /^ {2}newest routed copy {5}\d+ days ago, 2026-01-04T00:00:00Z$/m);
  const listings = calls.filter(({ operation }) => operation === 'ListObjectsV2');
  t.equal(listings.length, 8, 'four pages of each');

  const without = await operator.run(['status', ...domain, '--no-mail']);
  t.equal(without.status, 0);
  t.notMatch(without.stdout, /^ {2}newest/m);
  t.match(without.stdout, /\nNot looked at: the newest mail \(--no-mail\); who can read the mail, and whether/);
  t.match(without.stdout, 'EventBridge            on since');
  t.strictSame(
    without.calls.filter(({ operation }) => operation === 'ListObjectsV2'),
    [],
  );
  const flags = ['--no-mail', '--no-broker', '--keep-legacy', '--json'];
  const document = JSON.parse((await operator.run(['status', ...domain, ...flags])).stdout);
  t.notHas(document, 'mail');
  t.match(document.notLookedAt, [/--no-mail/, /--no-broker/, /--keep-legacy/, /verify/]);
});

t.test('a denied listing is shown as unknown, and the rest is shown', async (t) => {
  const operator = await startOperator(t);
  // Before the deploy, so that nothing is routed: that takes time.
  await deliver(operator.aws, operator.bucket, messages);
  await deployed(operator);
  operator.sandbox.intercept(({ operation, input }) =>
    operation === 'ListObjectsV2' && (input as { query: URLSearchParams }).query.get('prefix') === 'bots/'
      ? { kind: 'refuse', code: 'AccessDenied', status: 403, message: 'not yours to list' }
      : undefined,
  );
  const { status, stdout } = await operator.run(['status', ...domain]);
  t.equal(status, 0);
  t.match(stdout, /^ {2}newest in inbound\/ {5}\d+ s ago/m);
  t.match(
    stdout,
    '  newest routed copy     unknown: AWS denied access: not yours to list. `npx\n                         --no agentkeys-ses-routing policy <task>` prints',
  );
  const { mail } = JSON.parse((await operator.run(['status', ...domain, '--json'])).stdout);
  t.match(mail, { inbound: { at: /^20/, ageSeconds: Number }, routed: { unknown: /^AWS denied access/ } });
});

t.test('Ctrl-C ends it between two pages of the listing', async (t) => {
  const operator = await startOperator(t);
  // Before the deploy, so that nothing is routed: that takes time.
  await deliver(operator.aws, operator.bucket, messages);
  await deployed(operator);
  const objects = operator.sandbox.state.s3.buckets.get(operator.bucket)?.objects;
  const [some] = objects?.values() ?? [];
  if (some === undefined) return t.fail('no mail');
  for (let n = 0; n < 3_000; n += 1) objects?.set(`inbound/${n}`, some);
  const interrupt = new AbortController();
  const pages: unknown[] = [];
  operator.sandbox.intercept(({ operation, input }) => {
    if (operation !== 'ListObjectsV2') return undefined;
    pages.push((input as ListObjectsV2CommandInput).ContinuationToken);
    interrupt.abort();
    return undefined;
  });
  const { status, stdout, stderr } = await operator.run(['status', ...domain], { signal: interrupt.signal });
  t.equal(status, 130);
  t.equal(stdout, '');
  t.match(stderr, 'Interrupted. Nothing was written.');
  // Of two folders, which are listed side by side.
  t.ok(pages.length > 0);
  t.notOk(
    pages.some((token) => token !== undefined),
    'no second page',
  );
});

t.test('dropped mail is counted, and the printed command routes it', async (t) => {
  const operator = await startRouting(t, '--no-retry-queue');
  const { run, sandbox } = operator;
  const [first, second, third] = messages.filter(({ routed }) => routed !== undefined);
  const unrelated = messages.filter(({ stays }) => stays !== undefined).slice(0, 1);
  if (first === undefined || second === undefined || third === undefined) return t.fail('no fixtures');
  const hoursFrom = Math.floor(Date.now() / hour) * hour;
  await delivered(operator, [first, ...unrelated]);

  // The function may no longer read: each attempt fails, and after the third Lambda gives up.
  const inline = sandbox.state.iam.roles.get('agentkeys-ses-routing-role')?.inline;
  for (const [name, text] of inline ?? []) inline?.set(name, text.replace('s3:GetObject', 's3:GetObjectAcl'));
  await delivered(operator, [second]);
  // EventBridge may no longer invoke it, and does not try again.
  const fn = sandbox.state.lambda.functions.get(FunctionName);
  fn?.policy.splice(0);
  await delivered(operator, [third]);
  t.strictSame(failedKeys(operator), [second.key], 'Lambda gave one up');

  await deployed(operator, '--no-retry-queue');
  const found = await run(['status', '--no-retry-queue', ...domain]);
  t.equal(found.status, 0, 'what was dropped before is no drift');
  const { last24Hours, next } = JSON.parse((await run(['status', '--json', '--no-retry-queue', ...domain])).stdout);
  const { since, firstDroppedInHourFrom, hours, ...counts } = last24Hours;
  t.equal(hours.length, 25);
  t.strictSame(
    (['routed', 'stayed', 'failed'] as const).map((outcome) =>
      hours.reduce((sum: number, { mail }: { mail: Record<string, number> }) => sum + Number(mail[outcome]), 0),
    ),
    [1, 1, 3],
    'the hours add up to the day',
  );
  t.strictSame(counts, {
    invocations: 5,
    errors: 3,
    throttled: 0,
    routed: 1,
    stayed: 1,
    failed: 3,
    queued: 0,
    dropped: 2,
  });
  const firstHour = Date.parse(firstDroppedInHourFrom);
  t.ok(firstHour >= hoursFrom && firstHour <= Date.now() && firstHour % hour === 0, firstDroppedInHourFrom);
  t.ok(firstHour - Date.parse(since) >= 23 * hour, since);
  const stored = `${new Date(firstHour - 30 * hour).toISOString().slice(0, 19)}Z`;
  t.equal(
    next,
    `npx --no agentkeys-ses-routing backfill --region us-east-1 --account 111122223333 --mail-domain ${mailDomain} --endpoint-url ${sandbox.endpoint} --since ${stored}`,
  );
  t.strictSame(linesOf(found.stdout, 'Last 24 hours'), [
    'Last 24 hours (since <time>)',
    '  invocations 5   errors 3   throttled 0   dropped 2',
    '  routed 1   stayed 1   failed 3   queued 0',
    '  Lambda or EventBridge dropped events, first in the hour from',
    '  <time>. Their messages are still in inbound/; if you have not',
    '  done so since, route them with:',
    `    ${next.replace(stored, '<time>')}`,
  ]);

  const fixed = await run(next.split(' ').slice(3));
  t.equal(fixed.status, 0, fixed.stderr);
  t.match(fixed.stdout, /^ +2 {2}routed$/m);
  const keys = await keysIn(operator);
  for (const key of [second, third].flatMap(routedKeys)) t.ok(keys.includes(key), key);
});

t.test('denied metrics are shown as unknown, and the rest is shown', async (t) => {
  const operator = await startRouting(t);
  operator.sandbox.intercept(({ operation }) =>
    operation === 'GetMetricData'
      ? { kind: 'refuse', code: 'AccessDenied', status: 403, message: 'not yours to see' }
      : undefined,
  );
  const { status, stdout } = await operator.run(['status', ...domain]);
  t.equal(status, 0);
  t.strictSame(linesOf(stdout, 'Last 24 hours'), [
    'Last 24 hours',
    '  unknown: AWS denied access: not yours to see. `npx --no agentkeys-ses-routing',
    '  policy <task>` prints the policy that an operator needs.',
  ]);
  t.equal(masked(stdout).at(-1), 'In sync.');
  const document = JSON.parse((await operator.run(['status', '--json', ...domain])).stdout);
  t.match(document, { outcome: 'in sync', last24Hours: { unknown: /^AWS denied access: not yours to see/ } });
  t.notHas(document, 'next');
});

t.test('on a terminal, the last day is drawn', async (t) => {
  const operator = await startRouting(t);
  await delivered(operator, messages.slice(0, 3));
  const chartOf = async (env: NodeJS.ProcessEnv) =>
    linesOf((await operator.run(['status', ...domain, '--no-mail'], { answers: [], env })).stdout, 'Last 24 hours');
  const plain = { NO_COLOR: '1', TERM: 'xterm' };
  // The hour may have ended since the delivery.
  const drawn = (mark: string, none: string) =>
    [` 2/h`, ` 1/h`, ''].map((scale, index) => {
      const label = ['routed', 'stayed', 'failed'][index];
      const marks = scale === '' ? `\\${none}{2}` : `${mark}{2}`;
      return new RegExp(`^  ${label} \\${none}{46,48}${marks}(\\${none}{2})?${scale}$`);
    });
  const rows = async (env: NodeJS.ProcessEnv) => (await chartOf(env)).slice(3, 6);
  t.match(await rows({ ...plain, LANG: 'en_US.UTF-8' }), drawn('█', '·'));
  t.match(await rows({ ...plain, LC_ALL: 'C', LANG: 'en_US.UTF-8' }), drawn('9', '.'));
  t.match(await rows({ TERM: 'dumb', LANG: 'en_US.UTF-8' }), drawn('9', '.'));
  const coloured = await chartOf({ TERM: 'xterm', LANG: 'C.UTF-8' });
  const sequence = (code: number) => `${String.fromCharCode(27)}[${code}m`;
  t.ok(coloured[3]?.startsWith(`  routed ${sequence(32)}·`));
  t.ok(coloured[3]?.endsWith(`${sequence(39)} 2/h`));
  t.match(coloured[6], /^ {9}\d\d:00Z +now$/);
  t.equal(linesOf((await operator.run(['status', ...domain, '--no-mail'])).stdout, 'Last 24 hours').length, 3);
});

t.test('events in the retry queue are not lost: how many, how old, why; and none is received', async (t) => {
  const clock = quickClock();
  const operator = await startDeployed(t, { args: ['deploy', ...domain], clock });
  const { aws, bucket, sandbox } = operator;
  const run = (...args: string[]) => operator.run([...args, ...domain], { clock });
  const pass = async (minutes: number) => {
    clock.set(clock.now() + minutes * 60_000);
    await sandbox.settled();
  };
  // Of the hour in which the queue was made, it is not known what it got.
  await pass(61);
  const empty = await run('status');
  t.match(empty.stdout, /^ {2}retry queue {12}empty$/m);
  t.notOk(empty.calls.some(({ operation }) => operation === 'FilterLogEvents'));

  const [first, second] = messages.filter(({ routed }) => routed !== undefined);
  if (first === undefined || second === undefined) return t.fail('no fixtures');
  const inline = sandbox.state.iam.roles.get('agentkeys-ses-routing-role')?.inline;
  const [[name = '', policy = ''] = []] = [...(inline ?? [])];
  inline?.set(name, policy.replace('s3:GetObject', 's3:GetObjectAcl'));
  await deliver(aws, bucket, [first]);
  await sandbox.settled();
  sandbox.state.lambda.functions.get(FunctionName)?.policy.splice(0);
  await deliver(aws, bucket, [second]);
  await sandbox.settled();
  await pass(2);

  const found = await run('status', '--json');
  t.strictSame(
    found.calls
      .filter(({ service }) => service === 'sqs')
      .map(({ operation }) => operation)
      .sort(),
    ['GetQueueAttributes', 'GetQueueUrl', 'ListQueueTags'],
  );
  const document = JSON.parse(found.stdout);
  t.match(document, {
    retryQueue: { waiting: 2, oldestSeconds: Number, lastFailure: { at: String, reason: /^S3CallError: / } },
    last24Hours: { queued: 2, dropped: 0 },
  });
  t.notHas(document, 'next', 'no backfill is suggested');
  const { stdout } = await run('status');
  t.match(
    stdout,
    /^ {2}retry queue {12}2 events wait to be retried\n {25}age of the oldest: \d+ (?:s|min)\n {25}last failure: S3CallError: /m,
  );
  t.match(stdout.replace(/\s+/g, ' '), 'the retry queue got them: they are tried again until they are routed.');
  t.notMatch(stdout, /backfill|inbound\/; if/);

  // Lambda's own words count as well, and other lines don't.
  const streams = sandbox.state.logs.groups.get('/aws/lambda/agentkeys-ses-routing')?.streams;
  const lines = ['Task timed out after 30.00 seconds', 'END RequestId: x', 'somebody wrote this'];
  streams?.set(
    'other',
    lines.map((message, at) => ({ timestamp: clock.now() + at, message })),
  );
  const timedOut = JSON.parse((await run('status', '--json')).stdout);
  t.match(timedOut.retryQueue.lastFailure, { reason: /^Task timed out after 30.00 seconds$/ });
  streams?.delete('other');

  // After three attempts SQS has no age for them.
  for (const minutes of [3, 3, 3]) await pass(minutes);
  for (const minute of Array.from({ length: 16 }, () => 1)) await pass(minute);
  const later = JSON.parse((await run('status', '--json')).stdout);
  t.match(later.retryQueue, { waiting: 2, oldestSeconds: { unknown: /tried three times or more/ } });

  const release = sandbox.intercept(({ operation }) =>
    operation === 'FilterLogEvents' || operation === 'GetMetricData'
      ? { kind: 'refuse', code: 'AccessDeniedException', status: 400, message: 'not yours' }
      : undefined,
  );
  t.match(JSON.parse((await run('status', '--json')).stdout).retryQueue, {
    waiting: 2,
    oldestSeconds: { unknown: /^AWS denied access/ },
    lastFailure: { unknown: /^AWS denied access to the log/ },
  });
  release();
  const unread = JSON.parse((await run('status', '--json', '--no-retry-queue')).stdout);
  t.strictSame(unread.retryQueue, { waiting: { unknown: 'not read with --no-retry-queue' } });

  inline?.set(name, policy);
  await pass(3);
  const routed = JSON.parse((await run('status', '--json')).stdout);
  t.match(routed, { retryQueue: { waiting: 0 }, last24Hours: { queued: 2, dropped: 0 } });
});
