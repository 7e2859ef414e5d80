/**
 * Failures through the stack as deployed: what Lambda makes of them, and where the mail is meanwhile.
 */
import t from 'tap';
import { deliver, readMessages, routedKeys } from '../../src/commands/demo/mail.js';
import type { Fault, InterceptedCall } from '../../src/sandbox/index.js';
import { type Operator, startOperator } from '../support/operator.js';

const { messages, mailDomain } = await readMessages('fixtures/messages');
const message = messages.find(({ file }) => file === 'routed-signup.eml');
if (message === undefined) throw new Error('the fixture is not there');

const byFunction = ({ sandbox }: Operator) => sandbox.calls.filter(({ caller }) => caller?.includes('assumed-role'));

/** What the function logged: its own lines, and Lambda's. */
function logged({ sandbox }: Operator): { own: Record<string, unknown>[]; all: string } {
  const group = sandbox.state.logs.groups.get('/aws/lambda/agentkeys-ses-routing');
  const lines = [...(group?.streams.values() ?? [])].flatMap((stream) => stream.map(({ message }) => message));
  const own = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  return { own, all: lines.join('') };
}

interface Case {
  operation: string;
  fault: Fault;
  /** How often it strikes. */
  count: number;
  /** What became of the event, and how often the function was run for it. */
  delivery: object;
  /** What is logged, an attempt each. */
  lines: object[];
  calls: string[];
}

const deadline = { Failed: 1, outcome: 'failed', error: { name: 'DeadlineError' } };
const routed = { Failed: 0, outcome: 'routed' };
const failed = (operation: string, code: string) => ({ Failed: 1, error: { name: 'S3CallError', operation, code } });

const cases: Record<string, Case> = {
  'S3 hangs: the function raises before its time-out, and Lambda tries again': {
    operation: 'GetObject',
    fault: { kind: 'hang' },
    count: 1,
    delivery: { outcome: 'invoked', attempts: 2 },
    lines: [deadline, routed],
    calls: ['GetObject', 'GetObject', 'CopyObject'],
  },
  'S3 hangs half way through a body': {
    operation: 'GetObject',
    fault: { kind: 'stall', bytes: 500 },
    count: 1,
    delivery: { outcome: 'invoked', attempts: 2 },
    lines: [deadline, routed],
    calls: ['GetObject', 'GetObject', 'CopyObject'],
  },
  'S3 throttles for longer than one invocation': {
    operation: 'CopyObject',
    fault: { kind: 'refuse', code: 'SlowDown', status: 503 },
    count: 3,
    delivery: { outcome: 'invoked', attempts: 2 },
    lines: [failed('CopyObject', 'SlowDown'), routed],
    calls: ['GetObject', 'CopyObject', 'CopyObject', 'CopyObject', 'GetObject', 'CopyObject'],
  },
  'an error inside a 200, ridden out in one invocation': {
    operation: 'CopyObject',
    fault: { kind: 'error-in-200', code: 'InternalError' },
    count: 2,
    delivery: { outcome: 'invoked', attempts: 1 },
    lines: [routed],
    calls: ['GetObject', 'CopyObject', 'CopyObject', 'CopyObject'],
  },
  'a denial does not pass: three attempts, and the mail waits': {
    operation: 'GetObject',
    fault: { kind: 'refuse', code: 'AccessDenied', status: 403 },
    count: Number.POSITIVE_INFINITY,
    delivery: { outcome: 'failed', attempts: 3 },
    lines: Array(3).fill(failed('GetObject', 'AccessDenied')),
    calls: Array(3).fill(['GetObject', 'ListObjectsV2']).flat(),
  },
};

for (const [name, { operation, fault, count, delivery, lines, calls }] of Object.entries(cases)) {
  t.test(name, async (t) => {
    const operator = await startOperator(t);
    const { run, sandbox, aws, bucket } = operator;
    // Throttling makes the client pause for longer than the others.
    const timeout = fault.kind === 'hang' || fault.kind === 'stall' ? '2' : '20';
    const { status, stderr } = await run([
      'deploy',
      '--no-retry-queue',
      '--mail-domain',
      mailDomain,
      '--timeout',
      timeout,
    ]);
    t.equal(status, 0, stderr);
    let left = count;
    const strike = (call: InterceptedCall) => (call.operation === operation && left-- > 0 ? fault : undefined);
    const release = sandbox.intercept(strike);
    await deliver(aws, bucket, [message]);
    await sandbox.settled(30_000);
    release();

    t.match(sandbox.state.deliveries, [delivery]);
    const { own, all } = logged(operator);
    t.match(own, lines, 'a line an attempt');
    t.equal(own.length, lines.length);
    t.notMatch(all, 'Task timed out', 'Lambda had to end nothing');
    t.equal(all.match(/\tERROR\tInvoke Error \t/g)?.length ?? 0, lines.length - (own.at(-1)?.Routed === 1 ? 1 : 0));
    t.strictSame(
      byFunction(operator).map(({ operation }) => operation),
      calls,
    );
    const { objects } = sandbox.state.s3.buckets.get(bucket) ?? {};
    t.ok(objects?.has(message.key), 'the message is where it was');

    // What Lambda has given up on, the operator routes.
    t.equal((await run(['backfill', '--mail-domain', mailDomain])).status, 0);
    for (const key of routedKeys(message)) t.ok(objects?.has(key), key);
  });
}
