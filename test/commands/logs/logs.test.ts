/** `logs` against a deployed function that routes the fixtures: what is printed, and what is not. */
import { CreateAccessKeyCommand, CreateUserCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import t, { type Test } from 'tap';
import type { Clock } from '../../../src/aws/waits.js';
import { delivered, messages, startRouting } from '../../support/mail.js';
import { type Operator, startOperator } from '../../support/operator.js';

// Local time is Berlin's in this process.
process.env.TZ = 'Europe/Berlin';

const group = '/aws/lambda/agentkeys-ses-routing';

/** Writes lines as another execution environment, or another program, does. */
function write({ sandbox }: Operator, lines: Array<[at: number, message: string]>, stream = 'other'): void {
  const events = lines.map(([timestamp, message]) => ({ timestamp, message }));
  const streams = sandbox.state.logs.groups.get(group)?.streams;
  streams?.set(stream, [...(streams.get(stream) ?? []), ...events]);
}

const routedMessages = messages.filter(({ routed }) => routed !== undefined);
const [first, second] = routedMessages;
const [staying] = messages.filter(({ stays }) => stays === 'not-a-routed-address');
if (first === undefined || second === undefined || staying === undefined) throw new Error('no fixtures');

async function withLog(t: Test): Promise<Operator> {
  const operator = await startRouting(t);
  await delivered(
    operator,
    [first, staying].flatMap((one) => one ?? []),
  );
  return operator;
}

t.test('one line for each message, in local time', async (t) => {
  const operator = await withLog(t);
  const { status, stdout, stderr, writes } = await operator.run(['logs']);
  t.equal(status, 0, stderr);
  t.equal(stderr, '');
  t.strictSame(writes, []);
  const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0[12]:00`;
  const lines = stdout.trimEnd().split('\n');
  t.equal(lines.length, 2);
  t.match(
    lines[0],
    new RegExp(`^${time}  routed   ${first.key}: to ${first.routed?.wallets[0]} \\(envelope\\), \\d+ ms$`),
  );
  t.match(lines[1], new RegExp(`^${time}  skipped  ${staying.key}: not-a-routed-address, \\d+ ms$`));
});

/** Runs it as a user who has a policy and nothing else. */
async function as(operator: Operator, policy: string, args: string[]) {
  const { aws } = operator;
  const UserName = `reader-${operator.sandbox.state.iam.users.size}`;
  await aws.iam.send(new CreateUserCommand({ UserName }));
  await aws.iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'p', PolicyDocument: policy }));
  const { AccessKey } = await aws.iam.send(new CreateAccessKeyCommand({ UserName }));
  const { AccessKeyId: accessKeyId = '', SecretAccessKey: secretAccessKey = '' } = AccessKey ?? {};
  return operator.run(args, { credentials: { accessKeyId, secretAccessKey } });
}

t.test('the policy suffices; without it, the message says what to allow', async (t) => {
  const operator = await withLog(t);
  const { stdout: policy } = await operator.run(['policy', 'logs']);
  const read = await as(operator, policy, ['logs']);
  t.equal(read.status, 0, read.stderr);
  t.equal(read.stdout.trimEnd().split('\n').length, 2);
  t.strictSame(JSON.parse(policy).Statement, [
    {
      Effect: 'Allow',
      Action: ['logs:FilterLogEvents'],
      Resource: [`arn:aws:logs:us-east-1:111122223333:log-group:${group}:*`],
    },
  ]);
  const nothing = policy.replace('logs:FilterLogEvents', 'logs:DescribeQueries');
  const denied = await as(operator, nothing, ['logs']);
  t.equal(denied.status, 1);
  t.equal(denied.stdout, '');
  t.match(denied.stderr, /^error: AWS denied access to the log: /);
  t.match(
    denied.stderr,
    `allow logs:FilterLogEvents on arn:aws:logs:us-east-1:111122223333:log-group:${group}:*; \`npx --no agentkeys-ses-routing policy logs\` prints the policy.`,
  );
});

t.test('no log group; and another failure of the call', async (t) => {
  const operator = await startOperator(t);
  const { status, stderr } = await operator.run(['logs']);
  t.equal(status, 1);
  t.match(stderr, `error: There is no log group ${group} in us-east-1. Check --region, --stack and --function-name`);
  operator.sandbox.intercept(({ operation }) =>
    operation === 'FilterLogEvents' ? { kind: 'refuse', code: 'InvalidParameterException', status: 400 } : undefined,
  );
  t.match((await operator.run(['logs', '--json'])).stdout, '"error": "InvalidParameterException');
});

t.test('what Lambda and others log', async (t) => {
  const operator = await startRouting(t);
  const now = Date.now() - 60_000;
  const id = '8c1b6f0e-0000-4000-8000-123456789abc';
  const failure = (type: string, message = 'secret@example.org') =>
    `2026-01-31T12:00:00.000Z\t${id}\tERROR\tInvoke Error \t${JSON.stringify({ errorType: type, errorMessage: message, stack: [message] })}\n`;
  const own = JSON.parse(
    '{"level":"error","outcome":"failed","error":{"name":"S3CallError","message":"GetObject failed: SlowDown"},"key":"inbound/abc","attempt":3,"dropped":true,"Routed":0,"Skipped":0,"Failed":1,"_aws":{"CloudWatchMetrics":[{"Namespace":"AgentKeysSesRouting"}]}}',
  );
  const quiet =
    '{"Routed":1,"Skipped":0,"Failed":0,"Milliseconds":5,"_aws":{"CloudWatchMetrics":[{"Namespace":"AgentKeysSesRouting"}]}}';
  const cases: Array<[message: string, shown?: string | null]> = [
    [`START RequestId: ${id} Version: $LATEST\n`],
    [`END RequestId: ${id}\n`],
    [`REPORT RequestId: ${id}\tDuration: 3000.00 ms\tStatus: timeout\n`],
    ['INIT_START Runtime Version: nodejs:24.v1\n'],
    ['\n'],
    [failure('S3CallError')],
    [failure('BatchFailedError')],
    [`2026-01-31T12:00:00.000Z ${id} Task timed out after 10.00 seconds\n`, 'Task timed out after 10.00 seconds'],
    [
      `RequestId: ${id} Error: Runtime exited with error: signal: killed\n`,
      'Runtime exited with error: signal: killed',
    ],
    ['RequestId: none Error: Runtime exited without providing a reason', 'Runtime exited without providing a reason'],
    [
      failure('SettingsError', "the function's environment is wrong: BUCKET"),
      "SettingsError: the function's environment is wrong: BUCKET",
    ],
    [failure('Runtime.ImportModuleError'), 'Runtime.ImportModuleError'],
    [failure('secret@example.org'), null],
    ['somebody@example.org says hello\n', null],
    ['{"to":"secret@example.org"}\n', null],
    ['{"to":"secret@example.org"\n', null],
    ['{"type":"platform.report","record":{"status":"success"}}'],
    [
      `{"type":"platform.report","record":{"status":"timeout","requestId":"${id}"}}`,
      'Lambda reports the status timeout',
    ],
    [
      JSON.stringify({
        level: 'ERROR',
        requestId: id,
        message: { errorType: 'Error', errorMessage: 'secret@example.org' },
      }),
      'Error',
    ],
    [JSON.stringify({ level: 'INFO', message: 'secret@example.org' }), null],
    [JSON.stringify({ level: 'INFO', message: `START RequestId: ${id}` })],
    [
      JSON.stringify({ level: 'INFO', message: JSON.stringify(own) }),
      'inbound/abc: S3CallError: GetObject failed: SlowDown, attempt 3 of the retry queue, dropped from the retry queue',
    ],
    // What another version of the function may leave out.
    [
      JSON.stringify({ ...own, error: { name: 'S3CallError' }, attempt: 1, dropped: false }),
      'inbound/abc: S3CallError, attempt 1 of the retry queue',
    ],
    [
      JSON.stringify({
        ...own,
        level: 'info',
        Routed: 1,
        Failed: 0,
        wallets: ['0x1'],
        attempt: undefined,
        dropped: false,
      }),
      'inbound/abc: to 0x1',
    ],
    [quiet, 'no details, because LOG_LEVEL is error, 5 ms'],
  ];
  write(
    operator,
    cases.map(([message], index) => [now + index, message]),
  );
  const { stdout, stderr } = await operator.run(['logs']);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(36).replace(/^Lambda: /, ''));
  t.strictSame(
    lines,
    cases.flatMap(([, shown]) => shown ?? []),
  );
  const foreign = cases.filter(([, shown]) => shown === null).length;
  t.equal(
    stderr,
    `Not shown: ${foreign} lines that this function does not write. See them with: aws logs tail ${group}\n`,
  );
  const failed = await operator.run(['logs', '--failed', '--json']);
  const documents = failed.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.equal(documents.length, lines.length - 2, 'all but the routed ones');
  t.match(documents[0], { version: 1, kind: 'runtime', requestId: id, at: /Z$/ });
  t.match(documents.at(-2), { kind: 'message', outcome: 'failed', attempt: 3, dropped: true });
  t.match(documents.at(-1), { error: { name: 'S3CallError', message: '' } });
  t.notMatch(stdout + failed.stdout, /secret|somebody/);
});

t.test('by wallet, and since when', async (t) => {
  const operator = await withLog(t);
  const wallet = String(first.routed?.wallets[0]);
  const mixed = wallet.replace(/[a-f]/g, (letter) => letter.toUpperCase());
  const patterns: unknown[] = [];
  operator.sandbox.intercept(({ operation, input }) => {
    if (operation === 'FilterLogEvents') patterns.push((input as { filterPattern?: string }).filterPattern);
    return undefined;
  });
  const { stdout } = await operator.run(['logs', '--wallet', mixed]);
  t.equal(stdout.trimEnd().split('\n').length, 1);
  t.match(stdout, first.key);
  t.strictSame(patterns, [`"${wallet}"`], 'CloudWatch does not send the others');
  const other = await operator.run(['logs', '--wallet', `0x${'f'.repeat(40)}`]);
  t.equal(other.status, 0);
  t.equal(other.stdout, '');
  t.match(other.stderr, new RegExp(`^No matching lines since .*\\+0[12]:00 in ${group}\\.\n$`));

  const day = 86_400_000;
  write(operator, [[Date.now() - 2 * day, outcome('inbound/old')]]);
  t.notMatch((await operator.run(['logs', '--since', '1d'])).stdout, 'inbound/old');
  t.match((await operator.run(['logs', '--since', '3d'])).stdout, /^.*inbound\/old.*\n.*routed/);
  const time = new Date(Date.now() - 3 * day).toISOString();
  t.match((await operator.run(['logs', '--since', time])).stdout, 'inbound/old');
  const cases: Array<[since: string, message: string]> = [
    ['yesterday', 'It must be a duration such as 30m, 12h or 7d, or a time such as 2026-01-31T12:00:00Z.'],
    ['2026-02-30', 'It must be a duration'],
    ['3y', 'It must be a duration'],
    ['2999-01-01', 'error: The time of --since lies in the future. Nothing was read.'],
  ];
  for (const [since, message] of cases) {
    const refused = await operator.run(['logs', '--since', since]);
    t.equal(refused.status, 1, since);
    t.match(refused.stderr, message);
    t.notOk(refused.calls.some(({ operation }) => operation === 'FilterLogEvents'));
  }
  t.match((await operator.run(['logs', '--wallet', 'me'])).stderr, 'It must be a wallet');
  t.equal((await operator.run(['logs', '--since', '99999w'])).status, 0, 'before 1970');
});

/** A line of the function. */
function outcome(key: string): string {
  const _aws = { CloudWatchMetrics: [{ Namespace: 'AgentKeysSesRouting' }] };
  return JSON.stringify({ level: 'info', outcome: 'routed', key, wallets: [], Routed: 1, Skipped: 0, Failed: 0, _aws });
}

t.test('it reads all pages, also past an empty one', async (t) => {
  const operator = await startRouting(t);
  const start = Date.now() - 30 * 60_000;
  write(
    operator,
    Array.from({ length: 25_000 }, (_, n) => [start + n, n > 9_000 && n < 21_000 ? 'END' : outcome(`inbound/${n}`)]),
  );
  const { stdout, calls } = await operator.run(['logs']);
  t.equal(calls.filter(({ operation }) => operation === 'FilterLogEvents').length, 3);
  const keys = stdout.match(/inbound\/\d+/g) ?? [];
  t.equal(keys.length, 9_001 + 4_000);
  t.equal(keys.at(-1), 'inbound/24999', 'newest last');
});

t.test('--follow prints each line once, late ones too, until Ctrl-C', async (t) => {
  const operator = await withLog(t);
  const interrupt = new AbortController();
  const now = Date.now();
  let polls = 0;
  const clock: Clock = {
    now: () => now + 1,
    async sleep(_milliseconds, signal) {
      polls += 1;
      if (polls === 1)
        write(operator, [
          [now - 1, outcome('inbound/next')],
          [now, 'hello'],
        ]);
      if (polls === 2) write(operator, [[now - 30_000, outcome('inbound/late')]], 'slow');
      if (polls === 4) interrupt.abort();
      signal.throwIfAborted();
    },
  };
  const { status, stdout, stderr } = await operator.run(['logs', '-f'], { clock, signal: interrupt.signal });
  t.equal(status, 130);
  t.equal(stderr, '');
  t.strictSame(stdout.match(/inbound\/\w+/g), [first.key, staying.key, 'inbound/next', 'inbound/late']);
  t.equal(polls, 4);

  const before = new AbortController();
  before.abort();
  t.equal((await operator.run(['logs', '-f'], { signal: before.signal })).status, 130);
  operator.sandbox.intercept(({ operation }) =>
    operation === 'FilterLogEvents' && polls > 4
      ? { kind: 'refuse', code: 'AccessDeniedException', status: 400 }
      : undefined,
  );
  const failing: Clock = {
    now: Date.now,
    async sleep() {
      polls += 1;
    },
  };
  const failed = await operator.run(['logs', '-f'], { clock: failing });
  t.equal(failed.status, 1);
  t.match(failed.stderr, 'error: AWS denied access to the log');
});

t.test('colours are for a terminal', async (t) => {
  const operator = await withLog(t);
  const _aws = { CloudWatchMetrics: [{ Namespace: 'AgentKeysSesRouting' }] };
  const archived = { level: 'error', outcome: 'skipped', key: 'inbound/cold', Reason: 'archived', Skipped: 1, _aws };
  write(operator, [
    [Date.now() - 2_000, JSON.stringify(archived)],
    [Date.now() - 1_000, 'Task timed out after 10.00 seconds'],
  ]);
  const start = '\u001b';
  const coloured = await operator.run(['logs'], { answers: [] });
  t.match(coloured.stdout, `${start}[32mrouted `);
  t.match(coloured.stdout, `${start}[31m`);
  t.match(coloured.stdout, `${start}[33mskipped${start}[39m  inbound/cold: archived`, 'an operator must act');
  t.match(coloured.stdout, `${start}[2mskipped${start}[22m  ${staying.key}`, 'nobody must act');
  for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }])
    t.notMatch((await operator.run(['logs'], { answers: [], env })).stdout, start);
});
