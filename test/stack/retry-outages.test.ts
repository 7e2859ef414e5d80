/**
 * Outages of what the function needs, each with two dozen messages: those before it, at its beginning and in it. Afterwards all are routed,
 * each copy is what was stored, and none was written twice. Nobody acts: the test only moves the clock.
 */
import { execFileSync } from 'node:child_process';
import { UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import { PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import t, { type Test } from 'tap';
import { type DemoMessage, deliver, routedKeys } from '../../src/commands/demo/mail.js';
import { zip } from '../../src/package/zip.js';
import { mailDomain } from '../support/mail.js';
import { type Operator, quickClock, startDeployed, startOperator } from '../support/operator.js';

const FunctionName = 'agentkeys-ses-routing';
const domain = ['--mail-domain', mailDomain];

/** Each with wallets and content of its own; every sixth is for two wallets. */
const mail = Array.from({ length: 24 }, (_, index): DemoMessage => {
  const wallets = (index % 6 === 0 ? [2 * index, 2 * index + 1] : [2 * index]).map(
    (wallet) => `0x${(wallet + 1).toString(16).padStart(40, '0')}`,
  );
  const to = wallets.map((wallet) => `or-${wallet}-1756409000@${mailDomain}`).join(', ');
  return {
    file: `${index}.eml`,
    about: '',
    key: `inbound/message${index}`,
    routed: { by: 'headers', wallets },
    raw: Buffer.from(`To: ${to}\r\nSubject: ${index}\r\n\r\n${`line ${index}\r\n`.repeat(1 + index * 40)}`),
  };
});
const [before, atFirst, meanwhile] = [mail.slice(0, 4), mail.slice(4, 16), mail.slice(16)];

const waitingIn = ({ sandbox }: Operator) => sandbox.state.sqs.queues.get(`${FunctionName}-retry`)?.messages.length;
const functionOf = ({ sandbox }: Operator) => Object(sandbox.state.lambda.functions.get(FunctionName));

const objectsOf = ({ sandbox, bucket }: Operator) => sandbox.state.s3.buckets.get(bucket)?.objects;

/** How often Lambda has counted an error. */
function errorsOf({ sandbox }: Operator): number {
  const metric = { namespace: 'AWS/Lambda', name: 'Errors', dimensions: { FunctionName } };
  const minutes = sandbox.state.metrics.between(metric, 0, Number.POSITIVE_INFINITY);
  return minutes.reduce((total, [, { sum }]) => total + sum, 0);
}

/** What became of the messages, counted. */
function counted({ sandbox, bucket }: Operator) {
  const { objects, otherVersions } = sandbox.state.s3.buckets.get(bucket) ?? {};
  const expected = mail.flatMap((message) => routedKeys(message).map((key) => ({ key, raw: message.raw })));
  const copies = [...(objects?.keys() ?? [])].filter((key) => key.startsWith('bots/'));
  const missing = expected.filter(({ key }) => !objects?.has(key));
  return {
    copies: copies.length,
    unrouted: missing.length,
    wrong: expected.filter(({ key, raw }) => objects?.get(key)?.body.equals(raw) === false).length,
    unexpected: copies.filter((key) => !expected.some((one) => one.key === key)).length,
    // The bucket keeps versions: a copy that was written again has another one.
    twice: copies.filter((key) => (otherVersions?.get(key)?.length ?? 0) > 0).length,
  };
}

const all = { copies: 28, unrouted: 0, wrong: 0, unexpected: 0, twice: 0 };

/** A stack on a clock of the test's own, and how to let time pass on it. */
async function prepared(t: Test, start: (clock: ReturnType<typeof quickClock>) => Promise<Operator>) {
  const clock = quickClock();
  const operator = await start(clock);
  await operator.aws.s3.send(
    new PutBucketVersioningCommand({ Bucket: operator.bucket, VersioningConfiguration: { Status: 'Enabled' } }),
  );
  /** Lets time pass, three minutes at a time, and what comes of it happen. */
  const pass = async (minutes: number) => {
    for (let left = minutes; left > 0; left -= 3) {
      clock.set(clock.now() + Math.min(3, left) * 60_000);
      await operator.sandbox.settled();
    }
  };
  const store = async (messages: DemoMessage[]) => {
    await deliver(operator.aws, operator.bucket, messages);
    await operator.sandbox.settled();
  };
  await store(before);
  t.match(counted(operator), { copies: 5, wrong: 0 }, 'all is well before it');
  return { operator, pass, store };
}

/** Goes through an outage. @param end ends it */
async function outlast(
  t: Test,
  { operator, pass, store }: Awaited<ReturnType<typeof prepared>>,
  minutes: number,
  end: () => unknown,
): Promise<void> {
  await store(atFirst);
  await pass(minutes / 2);
  await store(meanwhile);
  await pass(minutes / 2);
  t.match(counted(operator), { copies: 5, unrouted: 23 }, 'nothing is routed in it');
  t.equal(waitingIn(operator), 20, 'all of it waits');
  await end();
  await pass(3);
  t.strictSame(counted(operator), all);
  t.equal(waitingIn(operator), 0);
  t.comment(`${mail.length} messages: ${JSON.stringify(counted(operator))}`);
}

t.test('KMS denied for an hour', async (t) => {
  const stack = await prepared(t, async (clock) => {
    const operator = await startOperator(t, { now: clock.now });
    const key = 'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    const bucket = operator.sandbox.state.s3.buckets.get(operator.bucket);
    Object.assign(bucket ?? {}, { encryption: { algorithm: 'aws:kms', key } });
    const { status, stderr } = await operator.run(['deploy', '--yes', ...domain], { clock });
    t.equal(status, 0, stderr);
    return operator;
  });
  const role = stack.operator.sandbox.state.iam.roles.get('agentkeys-ses-routing-role');
  const [[name = '', text = ''] = []] = role?.inline ?? [];
  t.match(text, 'kms:Decrypt');
  role?.inline.set(name, text.replaceAll('kms:', 'kms:Not'));
  await outlast(t, stack, 60, () => role?.inline.set(name, text));
});

const deployedOn = (t: Test) => (clock: ReturnType<typeof quickClock>) =>
  startDeployed(t, { args: ['deploy', ...domain], clock });

t.test('S3 answers 503 for ten minutes', async (t) => {
  const stack = await prepared(t, deployedOn(t));
  // To the function; SES can store.
  const end = stack.operator.sandbox.intercept(({ operation }) =>
    operation === 'GetObject' || operation === 'CopyObject'
      ? { kind: 'refuse', code: 'SlowDown', message: 'Please reduce your request rate.', status: 503 }
      : undefined,
  );
  await outlast(t, stack, 10, end);
});

t.test('code that throws for one release', async (t) => {
  const stack = await prepared(t, deployedOn(t));
  const { aws, run } = stack.operator;
  const broken = 'exports.handler = async () => { throw new TypeError("a release that was not tested"); };';
  const ZipFile = await zip({ 'index.js': Buffer.from(broken) });
  await aws.lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile }));
  await outlast(t, stack, 30, async () => {
    // The next release; nobody runs backfill.
    const { status, writes } = await run(['deploy', ...domain]);
    t.strictSame(
      [status, writes.filter((write) => write.startsWith('lambda:Update'))],
      [0, ['lambda:UpdateFunctionCode']],
    );
  });
});

/** Kills the processes in which the function runs: children of this one. */
function killFunction(): number {
  const listed = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  const own = listed
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, ...args]) => Number(parent) === process.pid && args.join(' ').includes('lambda-runtime.mjs'));
  for (const [pid] of own) process.kill(Number(pid), 'SIGKILL');
  return own.length;
}

t.test('the process killed in the middle of a batch, three times', async (t) => {
  const { operator, pass, store } = await prepared(t, deployedOn(t));
  // All of them get into the queue.
  Object.assign(functionOf(operator), { reservedConcurrency: 0 });
  await store([...atFirst, ...meanwhile]);
  t.equal(waitingIn(operator), 20);
  Object.assign(functionOf(operator), { reservedConcurrency: undefined });
  const before = errorsOf(operator);
  let copies = 0;
  const release = operator.sandbox.intercept(({ operation }) => {
    // S3 copies all the same, and what the process had sent before.
    if (operation === 'CopyObject' && ++copies === 4) t.ok(killFunction() > 0, 'a process was at work');
    return undefined;
  });
  for (const time of ['once', 'twice', 'three times']) {
    copies = 0;
    await pass(3);
    const left = mail.filter((message) => routedKeys(message).some((key) => !objectsOf(operator)?.has(key)));
    t.ok(copies >= 4, `killed ${time}`);
    t.ok(Number(waitingIn(operator)) > left.length, 'the batch stays in the queue, with what was routed of it');
  }
  release();
  await pass(3);
  t.ok(errorsOf(operator) - before >= 3, 'Lambda has counted them');
  t.strictSame(counted(operator), all);
  t.equal(waitingIn(operator), 0);
  t.comment(`${mail.length} messages: ${JSON.stringify(counted(operator))}`);
});
