/**
 * Output: results go to stdout, everything else to stderr; JSON with --json; colours on a terminal only.
 */
import t from 'tap';
import type { Fault } from '../../src/sandbox/index.js';
import { type Operator, type RunOptions, startOperator } from '../support/operator.js';

const ESCAPE = '\u001b';

interface Outcome {
  name: string;
  args: string[];
  options?: RunOptions;
  fault?: { operation: string; fault: Fault };
  prepare?(operator: Operator): Promise<unknown>;
  status: number;
  /** What the document must match. */
  document: object;
  /** The last line of stderr. */
  stderr: RegExp;
}

const denied = (operation: string) => ({
  operation,
  fault: { kind: 'refuse' as const, code: 'AccessDenied', message: 'not you', status: 403 },
});

const outcomes: Outcome[] = [
  {
    name: 'planned',
    args: ['deploy', '--dry-run'],
    status: 0,
    document: { version: 1, outcome: 'planned', plan: { version: 1, command: 'deploy', counts: { create: 10 } } },
    stderr: /^ {2}Read the account: done\n$/,
  },
  {
    name: 'applied',
    args: ['deploy'],
    status: 0,
    document: {
      outcome: 'applied',
      plan: { header: { account: '111122223333', region: 'us-east-1', bucket: 'agentkeys-mail-111122223333' } },
      applied: ['create log group /aws/lambda/agentkeys-ses-routing'],
      next: /^npx --no agentkeys-ses-routing backfill --region us-east-1 --account 111122223333 --endpoint-url \S+ --since 20/,
    },
    stderr: /\nWithout --since, this also routes all earlier mail\.\n$/,
  },
  {
    name: 'in sync',
    args: ['deploy'],
    prepare: ({ run }) => run(['deploy']),
    status: 0,
    document: { outcome: 'in sync', plan: { counts: { none: 12, create: 0 } } },
    stderr: /^ {2}Read the account: done\n$/,
  },
  {
    name: 'declined: --json does not prompt, not even on a terminal',
    args: ['teardown'],
    prepare: ({ run }) => run(['deploy']),
    options: { answers: ['y'] },
    status: 1,
    document: {
      outcome: 'declined',
      reason: 'Confirmation required, but --json does not prompt. Re-run with --yes. Nothing was written.',
      plan: { command: 'teardown' },
    },
    stderr: /error: Confirmation required, but --json does not prompt\. Re-run with --yes\. Nothing was written\.\n$/,
  },
  {
    name: 'failed at a write',
    args: ['deploy'],
    fault: denied('CreateRole'),
    status: 1,
    document: {
      version: 1,
      outcome: 'failed',
      error:
        'AWS denied access: not you. `npx --no agentkeys-ses-routing policy <task>` prints the policy that an operator needs.',
      plan: { command: 'deploy', counts: { create: 10 } },
      applied: ['create log group /aws/lambda/agentkeys-ses-routing', 'create retry queue agentkeys-ses-routing-retry'],
      failed: 'create execution role agentkeys-ses-routing-role',
      remaining: ['create function agentkeys-ses-routing'],
    },
    stderr: /\nRun the same command again to continue\.\n$/,
  },
  {
    name: 'failed at a write, beside others that are completed',
    args: ['deploy'],
    fault: { ...denied('CreateLogGroup'), fault: { kind: 'refuse', code: 'LimitExceededException', status: 400 } },
    status: 1,
    document: {
      outcome: 'failed',
      applied: ['create retry queue agentkeys-ses-routing-retry', 'create execution role agentkeys-ses-routing-role'],
      failed: 'create log group /aws/lambda/agentkeys-ses-routing',
    },
    stderr: /\n {2}done: {7}create retry queue agentkeys-ses-routing-retry\n {14}create execution role /,
  },
  {
    name: 'failed while reading',
    args: ['teardown', '--yes'],
    fault: denied('DescribeRule'),
    status: 1,
    document: {
      version: 1,
      outcome: 'failed',
      error:
        'AWS denied access: not you. `npx --no agentkeys-ses-routing policy <task>` prints the policy that an operator needs. Nothing was written.',
    },
    stderr: /^ {2}Read the account: failed\nerror: AWS denied access/,
  },
  {
    name: 'failed before the first call',
    args: ['deploy', '--memory', '1', '--timeout', '0'],
    status: 1,
    document: {
      version: 1,
      outcome: 'failed',
      error: /^--memory must be .*\n--timeout must be .*\nNothing was read or written\.$/,
    },
    stderr: /^error: --memory/,
  },
  {
    name: 'an unknown flag',
    args: ['deploy', '--dryrun'],
    status: 1,
    document: { version: 1, outcome: 'failed', error: "unknown option '--dryrun'\n(Did you mean --dry-run?)" },
    stderr: /^error: unknown option '--dryrun'\n/,
  },
];

for (const { name, args, options, fault, prepare, status, document, stderr } of outcomes) {
  t.test(`--json, ${name}: one document on stdout, everything else on stderr`, async (t) => {
    const operator = await startOperator(t);
    await prepare?.(operator);
    operator.sandbox.intercept(({ operation }) => (operation === fault?.operation ? fault.fault : undefined));
    const run = await operator.run([...args, '--json'], options);
    t.equal(run.status, status);
    t.match(JSON.parse(run.stdout), document);
    t.ok(run.stdout.startsWith('{\n') && run.stdout.endsWith('}\n'));
    t.notMatch(run.stdout, ESCAPE);
    if (options === undefined) t.match(run.stderr, stderr);
  });
}

t.test("--json replaces the function's code by its size and hash", async (t) => {
  const { run } = await startOperator(t);
  const { plan } = JSON.parse((await run(['deploy', '--dry-run', '--json'])).stdout);
  const writes: Array<{ call: string; input: { Code: unknown } }> = plan.entries.flatMap(
    ({ writes }: { writes: [] }) => writes,
  );
  const create = writes.find(({ call }) => call === 'lambda:CreateFunction');
  t.match(create?.input.Code, { ZipFile: { bytes: Number, sha256: /^[\w+/]{43}=$/ } });
});

t.test('--quiet suppresses progress, not errors and questions', async (t) => {
  const operator = await startOperator(t);
  t.strictSame((await operator.run(['deploy', '--quiet', '--dry-run'])).stderr, '');
  const deployed = await operator.run(['deploy', '--quiet']);
  t.strictSame(deployed.stderr, '');
  t.match(deployed.stdout, /^10 to create, 1 to update;/m);
  const asked = await operator.run(['teardown', '--quiet'], { answers: ['n'] });
  t.match(
    asked.stderr,
    /^ {2}- delete the target agentkeys-ses-routing\n(.*\n)+Apply these changes\? \[y\/N\] Declined: nothing was written\.\n$/,
  );
  const refused = await operator.run(['deploy', '--quiet', '--bucket', 'nobody-has-this-one']);
  t.match(refused.stderr, /^error: There is no bucket nobody-has-this-one\./);
  operator.sandbox.intercept(({ operation }) =>
    operation === 'RemoveTargets'
      ? { kind: 'refuse', code: 'ConcurrentModificationException', status: 400 }
      : undefined,
  );
  const raced = await operator.run(['teardown', '--quiet', '--yes']);
  t.match(raced.stderr, /^Failed: The target agentkeys-ses-routing keeps changing between being read/);
});

const plain: Array<[what: string, env: NodeJS.ProcessEnv, answers?: string[]]> = [
  ['no terminal', {}],
  ['NO_COLOR', { NO_COLOR: '1' }, ['n', 'y']],
  ['a terminal that can do nothing', { TERM: 'dumb' }, ['n', 'y']],
];

for (const [what, env, answers] of plain)
  t.test(`${what}: no escape sequences`, async (t) => {
    const { run } = await startOperator(t);
    const deployed = await run(['deploy'], { env, ...(answers === undefined ? {} : { answers }) });
    t.equal(deployed.status, 0, deployed.stderr);
    t.notMatch(deployed.stdout, ESCAPE);
    t.notMatch(deployed.stderr, ESCAPE);
    t.match(deployed.stderr, '\n  create function agentkeys-ses-routing: done\n');
  });

t.test('on a terminal: marks have colours, and progress is redrawn', async (t) => {
  const { run, sandbox } = await startOperator(t);
  const options = { answers: ['n'], env: { NO_COLOR: '' } };
  const deployed = await run(['deploy'], { ...options, answers: ['n', 'y'] });
  t.equal(deployed.status, 0, deployed.stderr);
  const painted: Array<[code: string, line: string]> = [
    [`32m+ function        agentkeys-ses-routing${ESCAPE}[39m`, deployed.stdout],
    [`33m~ bucket events   agentkeys-mail-111122223333${ESCAPE}[39m`, deployed.stdout],
    [`2m= mail bucket     agentkeys-mail-111122223333${ESCAPE}[22m`, deployed.stdout],
    [`36m! broad grant     agentkeys-broker-host/AmazonS3FullAccess${ESCAPE}[39m`, deployed.stdout],
    [`31m- function        agentkeys-ses-routing${ESCAPE}[39m`, (await run(['teardown'], options)).stdout],
  ];
  sandbox.state.events.rules.get('agentkeys-ses-routing-inbound')?.tags.delete('managed-by');
  painted.push([
    `35m> rule            agentkeys-ses-routing-inbound${ESCAPE}[39m`,
    (await run(['deploy'], options)).stdout,
  ]);
  for (const [line, stdout] of painted) t.ok(stdout.includes(`\n${ESCAPE}[${line}\n`), line);
  t.match(deployed.stderr, ESCAPE);
  t.match(deployed.stderr, / create function agentkeys-ses-routing\n/);
});
