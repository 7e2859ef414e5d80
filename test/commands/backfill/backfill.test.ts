import type { PassThrough } from 'node:stream';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import t from 'tap';
import { routedPrefix } from '../../../handler/mail/address.js';
import { deliver, readMessages, routedKeys } from '../../../src/commands/demo/mail.js';
import { type Operator, startOperator } from '../../support/operator.js';

const { messages, mailDomain } = await readMessages('fixtures/messages');
const copies = messages.flatMap(routedKeys).sort();
const domain = ['--mail-domain', mailDomain];
const inbound = messages
  .filter(({ file }) => file !== 'setup-notice.eml')
  .map(({ key }) => key)
  .sort();
const named = (file: string) => messages.find((message) => message.file === file)?.key ?? '';

async function copiesIn({ aws, bucket }: Operator): Promise<string[]> {
  const { Contents = [] } = await aws.s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'bots/' }));
  return Contents.map(({ Key = '' }) => Key).sort();
}

/** The arguments of the printed resume command. */
function nextOf(stderr: string): string[] {
  const [, command = ''] = /^ {2}npx --no agentkeys-ses-routing (backfill .*)$/m.exec(stderr) ?? [];
  return command.split(' ');
}

/** Puts copies of a fixture under this many keys that come before the fixtures' own, without events. */
function putMany({ sandbox, bucket }: Operator, file: string, many: number): string[] {
  const { objects } = sandbox.state.s3.buckets.get(bucket) ?? {};
  const object = objects?.get(named(file));
  if (objects === undefined || object === undefined) throw new Error('no fixtures');
  const keys = Array.from({ length: many }, (_, n) => `inbound/${String(n).padStart(40, '0')}`);
  for (const key of keys) objects.set(key, object);
  return keys;
}

t.test('routes mail from before the deploy as the function would; is idempotent', async (t) => {
  const operator = await startOperator(t);
  const { run, aws, sandbox, bucket } = operator;
  await deliver(aws, bucket, messages);
  const before = sandbox.snapshot();
  const looked = await run(['backfill', '--dry-run', ...domain]);
  t.equal(looked.status, 0, looked.stderr);
  t.strictSame(looked.writes, []);
  t.strictSame(sandbox.snapshot(), before);
  const lines = looked.stdout.trimEnd().split('\n');
  t.strictSame(lines.slice(0, 2), ['        3  stays: not-a-routed-address', '        7  to be routed']);
  t.equal(lines.length, 2 + 5 * 2, 'five of them are shown, in two lines each');
  t.match(lines[2], /^ {11}inbound\/\w{40} ->$/);
  t.match(lines[3], /^ {13}bots\/0x[0-9a-f]{40}\/inbound\/$/);
  t.ok(lines.every((line) => line.length <= 80));

  const routed = await run(['backfill', ...domain]);
  t.equal(routed.status, 0, routed.stderr);
  t.strictSame(routed.stdout.trimEnd().split('\n'), ['        7  routed', '        3  stays: not-a-routed-address']);
  t.match(routed.stderr, /^10 messages in \d+ s \([\d,]+\/s\)\.$/m);
  t.strictSame(await copiesIn(operator), copies);
  for (const message of messages)
    for (const Key of routedKeys(message)) {
      const { Body } = await aws.s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
      t.ok(message.raw.equals((await Body?.transformToByteArray()) ?? Buffer.alloc(0)), Key);
    }
  const again = await run(['backfill', '--json', ...domain]);
  t.strictSame(JSON.parse(again.stdout), {
    version: 1,
    dryRun: false,
    via: 'here',
    looked: 10,
    counts: { 'stays: already-routed': 7, 'stays: not-a-routed-address': 3 },
    samples: [],
    failed: 0,
    failures: [],
  });
});

t.test('messages that can not be copied stay, and are counted by their reasons', async (t) => {
  const { run, aws, bucket } = await startOperator(t);
  const to = Array.from({ length: 11 }, (_, n) => `or-0x${String(n).padStart(40, '0')}-1@${mailDomain}`).join(', ');
  await aws.s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'inbound/many', Body: `To: ${to}\r\n\r\n` }));
  const tooLong = { Key: `inbound/${'x'.repeat(1_000)}`, Body: `To: or-0x${'1'.repeat(40)}-1@${mailDomain}\r\n\r\n` };
  await aws.s3.send(new PutObjectCommand({ Bucket: bucket, ...tooLong }));
  for (const dryRun of [['--dry-run'], []]) {
    const { stdout } = await run(['backfill', '--json', '--delete-source', '--yes', ...dryRun, ...domain]);
    t.strictSame(JSON.parse(stdout).counts, { 'stays: key-too-long': 1, 'stays: too-many-wallets': 1 });
  }
  const { KeyCount } = await aws.s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  t.equal(KeyCount, 2);
});

t.test('--delete-source says what it deletes, and asks first', async (t) => {
  const operator = await startOperator(t);
  const { run, aws, bucket } = operator;
  await deliver(aws, bucket, messages);
  const flags = ['backfill', '--delete-source', ...domain];
  const left = async () => {
    const { KeyCount } = await aws.s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'inbound/' }));
    return KeyCount;
  };
  const all = messages.length;
  const dry = await run([...flags, '--dry-run']);
  t.match({ ...dry, left: await left() }, { status: 0, stdout: / 5 {2}would be deleted from inbound\/\n/, left: all });

  const unasked = await run(flags);
  t.match(unasked.stderr, /--delete-source\), but stdin is not a terminal. Re-run with --yes. No message was routed/);
  t.strictSame({ status: unasked.status, writes: unasked.writes }, { status: 1, writes: [] });
  t.match((await run([...flags, '--json'])).stderr, '--json does not prompt');
  for (const answer of ['n', (stdin: PassThrough) => stdin.end()]) {
    const declined = await run(flags, { answers: [answer] });
    t.match(declined.stderr, `Delete messages from inbound/ in ${bucket} once they are routed?`);
    t.match(declined.stderr, 'Declined: no message was routed or deleted.');
    t.strictSame({ status: declined.status, writes: declined.writes }, { status: 1, writes: [] });
  }

  const agreed = await run(flags, { answers: ['y'] });
  t.equal(agreed.status, 0, agreed.stderr);
  t.match(agreed.stdout, / 7 {2}routed\n +3 {2}stays: not-a-routed-address\n +5 {2}deleted from inbound\/\n$/);
  t.equal(await left(), all - 5);
  const again = await run([...flags, '--json', '--yes']);
  t.match(JSON.parse(again.stdout), { counts: { 'stays: already-routed': 2 }, deleted: 0 });

  await deliver(aws, bucket, messages);
  const late = JSON.parse((await run([...flags, '--json', '--yes'])).stdout);
  t.match(late, { counts: { 'stays: already-routed': 7 }, deleted: 5 }, 'their copies exist, and they are deleted');
  const plain = JSON.parse((await run(['backfill', '--json', ...domain])).stdout);
  t.notOk('deleted' in plain, 'without --delete-source nothing is deleted');
});

t.test('a dry run distinguishes routed mail from mail to be routed', async (t) => {
  const { run, aws, bucket, sandbox } = await startOperator(t);
  await deliver(aws, bucket, messages);
  await run(['backfill', ...domain]);
  sandbox.state.s3.buckets.get(bucket)?.objects.delete(copies[0] ?? '');
  const { stdout } = await run(['backfill', '--dry-run', '--json', ...domain]);
  t.match(JSON.parse(stdout), {
    dryRun: true,
    counts: { 'to be routed': 1, 'stays: already-routed': 6, 'stays: not-a-routed-address': 3 },
    samples: [{ key: /^inbound\//, to: `${copies[0]?.split('inbound/')[0]}inbound/` }],
  });
});

t.test('--since leaves earlier mail alone', async (t) => {
  const { run, aws, bucket } = await startOperator(t);
  await deliver(aws, bucket, messages);
  const later = await run(['backfill', '--since', '2999-01-01T00:00:00Z']);
  t.equal(later.status, 0, later.stderr);
  t.equal(later.stdout, 'No matching messages in inbound/.\n');
  t.match((await run(['backfill', '--since', '2026-01-31'])).stdout, '7  routed', 'without a domain, any is routed');
});

t.test('invalid flag values are refused before any call', async (t) => {
  const { run } = await startOperator(t);
  const cases: Array<[args: string[], text: string]> = [
    [['--since', 'yesterday'], 'It must be a time such as 2026-01-31T12:00:00Z.'],
    [['--since', '2026-99-99'], 'It must be a time such as 2026-01-31T12:00:00Z.'],
    [['--start-after', 'bots/x'], 'It must be a key under inbound/.'],
    [['--concurrency', '0'], 'It must be a whole number from 1 to 256.'],
    [['--concurrency', '257'], 'It must be a whole number from 1 to 256.'],
    [['--concurrency', 'many'], 'It must be a whole number from 1 to 256.'],
    [['--via', 'pigeon'], 'Allowed choices are here, lambda.'],
  ];
  for (const [args, message] of cases) {
    const { status, stderr, calls } = await run(['backfill', ...args]);
    t.strictSame({ status, calls }, { status: 1, calls: [] });
    t.match(stderr, message);
  }
});

t.test('a failed message is listed, the others are routed, and the printed command routes it', async (t) => {
  const operator = await startOperator(t);
  const { run, aws, sandbox, bucket } = operator;
  await deliver(aws, bucket, messages);
  const broken = named('routed-signup.eml');
  const release = sandbox.intercept(({ operation, input }) =>
    operation === 'GetObject' && (input as { Key?: string }).Key === broken
      ? { kind: 'refuse', code: 'AccessDenied', status: 403, message: 'Access Denied' }
      : undefined,
  );
  const first = await run(['backfill', ...domain]);
  t.equal(first.status, 1);
  t.match(first.stdout, '6  routed');
  t.match(first.stderr, `failed: ${broken}: AWS denied access`);
  t.match(first.stderr, '1 failed and would fail again. They stay in inbound/; fix the cause, then route them with:');
  const json = JSON.parse((await run(['backfill', '--json', ...domain])).stdout);
  t.match(json, { failed: 1, failures: [{ what: broken, reason: /^AWS denied access/ }], retry: /--start-after/ });
  t.notOk('next' in json, 'the run is complete');
  release();

  const next = nextOf(first.stderr);
  const before = inbound[inbound.indexOf(broken) - 1];
  t.strictSame(next.slice(-2), ['--start-after', before], 'it goes on from directly before the one that failed');
  t.match((await run(next)).stdout, '1  routed');
  t.strictSame(await copiesIn(operator), copies);
});

t.test('the command that the first deploy prints works', async (t) => {
  const { run, aws, bucket } = await startOperator(t);
  const started = new Date(Date.now() - 1_000).toISOString();
  const { stderr } = await run(['deploy', ...domain]);
  await deliver(aws, bucket, messages.slice(0, 1));
  const next = nextOf(stderr);
  t.ok((next.at(-1) ?? '') >= started.slice(0, 19));
  const ran = await run(next);
  t.equal(ran.status, 0, ran.stderr);
  t.match(ran.stdout, /routed/);
});

t.test('Ctrl-C stops it between two messages, and the printed command resumes it', async (t) => {
  const operator = await startOperator(t);
  const { run, aws, sandbox, bucket } = operator;
  await deliver(aws, bucket, messages);
  const many = putMany(operator, 'routed-signup.eml', 300);
  const interrupt = new AbortController();
  let read = 0;
  const release = sandbox.intercept(({ operation }) => {
    if (operation === 'GetObject' && ++read === 100) interrupt.abort();
    return undefined;
  });
  const stopped = await run(['backfill', '--concurrency', '7', '--since', '2026-01-31', ...domain], {
    signal: interrupt.signal,
  });
  release();
  t.equal(stopped.status, 130);
  t.match(stopped.stderr, 'Interrupted. Messages routed so far stay routed; resume with:');
  const next = nextOf(stopped.stderr);
  t.match(next.join(' '), /--since 2026-01-31T00:00:00Z --start-after inbound\/0{37}\d{3} --concurrency 7$/);
  const start = next[next.indexOf('--start-after') + 1] ?? '';
  const done = new Set(await copiesIn(operator));
  const wallet = routedPrefix(`0x${'1'.repeat(40)}`);
  const copyOf = (key: string) => `${wallet}${key.slice('inbound/'.length)}`;
  t.ok(done.size >= 90 && done.size < 120, `${done.size} routed`);
  t.ok(many.filter((key) => key <= start).every((key) => done.has(copyOf(key))));
  t.equal((await run(next)).status, 0);
  t.strictSame(await copiesIn(operator), [...copies, ...many.map(copyOf)].sort());
});

t.test('interrupted before the first message, the printed command starts from the beginning', async (t) => {
  const { run, aws, bucket, sandbox } = await startOperator(t);
  await deliver(aws, bucket, messages);
  const interrupt = new AbortController();
  sandbox.intercept(({ operation }) => {
    if (operation === 'ListObjectsV2') interrupt.abort();
    return undefined;
  });
  const stopped = await run(['backfill', '--json', ...domain], { signal: interrupt.signal });
  t.equal(stopped.status, 130);
  t.match(JSON.parse(stopped.stdout), { looked: 0, next: /^npx --no agentkeys-ses-routing backfill / });
  t.notMatch(JSON.parse(stopped.stdout).next, '--start-after');
});

t.test('a dry run is resumed as a dry run, and a message deleted meanwhile is not a failure', async (t) => {
  const { run, sandbox, aws, bucket } = await startOperator(t);
  await deliver(aws, bucket, messages);
  const flags = ['backfill', '--dry-run', '--json', ...domain];
  const interrupt = new AbortController();
  const first = sandbox.intercept(({ operation }) => {
    if (operation === 'GetObject') interrupt.abort();
    return undefined;
  });
  const stopped = await run(flags, { signal: interrupt.signal });
  first();
  t.match(JSON.parse(stopped.stdout), { failed: 0, next: / --dry-run$/ });

  const lookingAnswers = async (code: string, status: number) => {
    const release = sandbox.intercept(({ operation }) =>
      operation === 'GetObject' ? { kind: 'refuse', code, status } : undefined,
    );
    const looked = await run(flags);
    release();
    return { status: looked.status, counts: Object.keys(JSON.parse(looked.stdout).counts) };
  };
  t.strictSame(await lookingAnswers('NoSuchKey', 404), { status: 0, counts: ['stays: gone'] });
  t.strictSame(await lookingAnswers('AccessDenied', 403), { status: 1, counts: [] });
});

t.test('a failed listing reports the progress, not that nothing was written', async (t) => {
  const { run, sandbox, aws, bucket } = await startOperator(t);
  await deliver(aws, bucket, messages);
  sandbox.intercept(({ operation }) =>
    operation === 'ListObjectsV2' ? { kind: 'refuse', code: 'InternalError', status: 500 } : undefined,
  );
  const failed = await run(['backfill']);
  t.equal(failed.status, 1);
  t.match(
    failed.stderr,
    /The listing of inbound\/ stopped \(so far: nothing\)\. No mail is lost; resume with:\n {2}npx/,
  );
  t.notMatch(failed.stderr, 'Nothing was written');
});

t.test("a listing that fails on page two reports page one's outcomes and where to resume", async (t) => {
  const operator = await startOperator(t);
  const { run, sandbox, aws, bucket } = operator;
  await deliver(aws, bucket, messages);
  // A page holds a thousand keys.
  const many = putMany(operator, 'unrelated.eml', 1_000);
  const { objects } = sandbox.state.s3.buckets.get(bucket) ?? {};
  const first = objects?.get(named('routed-signup.eml'));
  if (first !== undefined) objects?.set(many[0] ?? '', first);
  const release = sandbox.intercept(({ operation, input }) =>
    operation === 'ListObjectsV2' && (input as { query: URLSearchParams }).query.has('continuation-token')
      ? { kind: 'refuse', code: 'InternalError', status: 500 }
      : undefined,
  );
  const failed = await run(['backfill', '--delete-source', '--yes', ...domain]);
  release();
  t.equal(failed.status, 1);
  t.match(failed.stderr, /\(so far: [^)]*\b999 stays: not-a-routed-address/);
  t.match(failed.stderr, /\(so far: [^)]*\b1 routed.*, 1 deleted from inbound\/\)/);
  const next = nextOf(failed.stderr);
  t.strictSame(next.slice(-4), ['--start-after', many.at(-1), '--delete-source', '--yes']);
  t.match((await run(next)).stdout, '7  routed');
});

t.test('it stops after a hundred consecutive failures, with one message', async (t) => {
  const operator = await startOperator(t);
  const { run, sandbox, aws, bucket } = operator;
  await deliver(aws, bucket, messages);
  putMany(operator, 'routed-signup.eml', 300);
  sandbox.intercept(({ operation }) =>
    operation === 'CopyObject'
      ? { kind: 'refuse', code: 'InvalidAccessKeyId', status: 403, message: 'No.' }
      : undefined,
  );
  const { status, stderr } = await run(['backfill', ...domain]);
  t.equal(status, 1);
  t.equal(stderr.match(/^failed: inbound/gm)?.length, 100);
  const [, more = ''] = /^… and (\d+) more\.$/m.exec(stderr) ?? [];
  t.ok(Number(more) < 64, 'what was under way was ended, and nothing else was begun');
  t.match(stderr, 'Stopped: the last 100 messages all failed. See the reason above.');
  t.notMatch(nextOf(stderr).join(' '), '--start-after');
});

t.test('archived messages are an outcome of their own, and are routed once they are restored', async (t) => {
  const operator = await startOperator(t);
  const { run, sandbox, aws, bucket } = operator;
  await deliver(aws, bucket, messages);
  const objects = sandbox.state.s3.buckets.get(bucket)?.objects ?? new Map();
  const archives = [
    { storageClass: 'GLACIER' },
    { storageClass: 'DEEP_ARCHIVE', restore: {} },
    { storageClass: 'INTELLIGENT_TIERING', accessTier: 'ARCHIVE_ACCESS' },
    { storageClass: 'INTELLIGENT_TIERING', accessTier: 'DEEP_ARCHIVE_ACCESS' },
  ];
  const many = putMany(operator, 'routed-signup.eml', 130);
  for (const [n, key] of many.entries()) objects.set(key, { ...objects.get(key), ...archives[n % archives.length] });
  const stays = { 'stays: archived': 130, 'stays: not-a-routed-address': 3 };
  const looked = await run(['backfill', '--dry-run', '--json', ...domain]);
  t.match(JSON.parse(looked.stdout), { looked: 140, counts: { ...stays, 'to be routed': 7 }, failed: 0 });
  const routed = await run(['backfill', ...domain]);
  t.equal(routed.status, 0, routed.stderr);
  t.match(routed.stdout, / 7 {2}routed\n +130 {2}stays: archived\n/);
  t.match(routed.stderr, "130 archived messages can't be read. Restore them (aws s3api restore-object), then run");
  t.strictSame(await copiesIn(operator), copies);
  const refused = routed.calls.filter(({ error }) => error === 'InvalidObjectState');
  t.equal(refused.length, 64, 'only those of Intelligent-Tiering are tried: the listing does not show their tier');

  for (const key of many) objects.set(key, { ...objects.get(key), restore: { expiry: new Date('2099-01-01') } });
  const again = await run(['backfill', '--json', ...domain]);
  t.match(JSON.parse(again.stdout).counts, { routed: 130, 'stays: already-routed': 7 });
});

t.test('archived messages are not handed over to the function', async (t) => {
  const operator = await startOperator(t);
  const { run, sandbox, aws, bucket } = operator;
  await deliver(aws, bucket, messages);
  const objects = sandbox.state.s3.buckets.get(bucket)?.objects ?? new Map();
  for (const key of inbound.slice(2)) objects.set(key, { ...objects.get(key), storageClass: 'GLACIER' });
  await run(['deploy', '--delete-source', '--yes', ...domain]);
  const flags = ['--via', 'lambda', '--json', '--delete-source', '--yes'];
  const { stdout, stderr, status } = await run(['backfill', ...flags, ...domain]);
  t.match(stderr, 'The function routes them asynchronously and deletes routed messages from inbound/: see');
  t.match(
    { status, ...JSON.parse(stdout) },
    { status: 0, looked: 10, counts: { 'handed over': 2, 'stays: archived': 8 } },
  );
});

const permanent: Array<[operation: string, code: string, status: number]> = [
  ['GetObject', 'AccessDenied', 403],
  ['CopyObject', 'KMS.KMSInvalidStateException', 400],
];
t.test('messages that fail for good neither end the run nor hold up the next', async (t) => {
  const operator = await startOperator(t);
  const { run, sandbox, aws, bucket } = operator;
  await deliver(aws, bucket, messages);
  const many = putMany(operator, 'routed-signup.eml', 130);
  const broken = new Set(many.map((key) => key.slice('inbound/'.length)));
  for (const [failing, code, status] of permanent) {
    const release = sandbox.intercept(({ operation, input }) => {
      const id =
        String((input as { Key?: string }).Key)
          .split('/')
          .at(-1) ?? '';
      return operation === failing && broken.has(id) ? { kind: 'refuse', code, status } : undefined;
    });
    const { stdout, status: exit } = await run(['backfill', '--json', ...domain]);
    release();
    const { counts, failed, next, retry } = JSON.parse(stdout);
    const others = (counts.routed ?? 0) + (counts['stays: already-routed'] ?? 0);
    t.match({ exit, others, failed, next }, { exit: 1, others: 7, failed: 130, next: undefined }, `${failing} ${code}`);
    t.notMatch(retry, '--start-after', 'the first one is the first in the listing');
  }
  t.strictSame(await copiesIn(operator), copies);

  // Where a failure of another kind comes first, one command routes both.
  const end = sandbox.intercept(({ operation, input }) => {
    const at = operation === 'GetObject' ? many.indexOf(String((input as { Key?: string }).Key)) : -1;
    const [code, status] = at === 0 ? ['InvalidAccessKeyId', 403] : ['KMS.DisabledException', 400];
    return at === 0 || at === 1 ? { kind: 'refuse', code: String(code), status: Number(status) } : undefined;
  });
  const both = await run(['backfill', ...domain]);
  end();
  t.match(both.stderr, '1 failed and would fail again. They stay in inbound/; fix the cause.\n1 failed. They stay');
  t.equal(both.stderr.match(/^ {2}npx .*$/gm)?.length, 1);

  const interrupt = new AbortController();
  let read = 0;
  const release = sandbox.intercept(({ operation }) => {
    if (operation !== 'GetObject') return undefined;
    if (++read === 120) interrupt.abort();
    return read > 10 && read < 50 ? { kind: 'refuse', code: 'KMS.DisabledException', status: 400 } : undefined;
  });
  const stopped = await run(['backfill', '--concurrency', '1', ...domain], { signal: interrupt.signal });
  release();
  t.equal(stopped.status, 130);
  t.match(stopped.stderr, '39 failed and would fail again.');
  const [retry = '', next = ''] = stopped.stderr.match(/^ {2}npx .*$/gm) ?? [];
  t.match(retry, new RegExp(`--start-after ${many[9]}`));
  t.match(next, new RegExp(`--start-after ${many[119]}`), 'the next run starts after them');
});

t.test('it stops when all of the first thousand messages fail for good', async (t) => {
  const operator = await startOperator(t);
  const { run, sandbox, aws, bucket } = operator;
  await deliver(aws, bucket, messages);
  const many = putMany(operator, 'routed-signup.eml', 1_100);
  const release = sandbox.intercept(({ operation }) =>
    operation === 'GetObject' ? { kind: 'refuse', code: 'KMS.DisabledException', status: 400 } : undefined,
  );
  const stopped = await run(['backfill', '--concurrency', '8', ...domain]);
  release();
  t.equal(stopped.status, 1);
  t.match(stopped.stderr, 'Stopped: all of the first 1,000 messages failed. See the reason above.');
  const next = stopped.stderr.match(/^ {2}npx .*$/gm)?.at(-1) ?? '';
  const [, after = ''] = /--start-after (\S+)/.exec(next) ?? [];
  t.ok(after >= String(many[999]) && after < String(many[1_020]), 'the next run does not start with the same messages');
});

t.test('the first hundred failures are listed', async (t) => {
  const operator = await startOperator(t);
  const { run, sandbox, aws, bucket } = operator;
  await deliver(aws, bucket, messages);
  putMany(operator, 'routed-signup.eml', 150);
  let copied = 0;
  sandbox.intercept(({ operation }) =>
    operation === 'CopyObject' && ++copied % 16 !== 0
      ? { kind: 'refuse', code: 'AccessDenied', status: 403 }
      : undefined,
  );
  const { status, stderr } = await run(['backfill', '--concurrency', '1', ...domain]);
  t.equal(status, 1);
  t.equal(stderr.match(/^failed: inbound/gm)?.length, 100);
  t.match(stderr, /^… and 48 more\.$/m);
});

t.test('--via lambda: this machine lists, the function routes', async (t) => {
  const operator = await startOperator(t);
  const { run, sandbox, aws, bucket } = operator;
  await deliver(aws, bucket, messages);
  const many = putMany(operator, 'routed-signup.eml', 60);
  await run(['deploy', ...domain]);
  const dry = await run(['backfill', '--via', 'lambda', '--dry-run', ...domain]);
  t.equal(dry.stdout, '       70  to be handed over\n');
  t.strictSame(dry.writes, []);

  const { status, stdout, stderr, calls } = await run(['backfill', '--via', 'lambda', ...domain]);
  t.equal(status, 0, stderr);
  t.equal(stdout, '       70  handed over\n');
  t.match(stderr, 'The function routes them asynchronously');
  t.strictSame(
    calls.map(({ operation }) => operation).filter((name) => !['GetCallerIdentity', 'ListObjectsV2'].includes(name)),
    ['GetFunction', 'Invoke', 'Invoke', 'Invoke'],
  );
  await sandbox.settled();
  const wallet = routedPrefix(`0x${'1'.repeat(40)}`);
  t.strictSame(
    await copiesIn(operator),
    [...copies, ...many.map((key) => `${wallet}${key.slice('inbound/'.length)}`)].sort(),
  );
});

t.test('a failed invocation is listed by its first and last message', async (t) => {
  const operator = await startOperator(t);
  const { run, sandbox, aws, bucket } = operator;
  await deliver(aws, bucket, messages);
  await run(['deploy', ...domain]);
  const release = sandbox.intercept(({ operation }) =>
    operation === 'Invoke' ? { kind: 'refuse', code: 'AccessDeniedException', status: 403, message: 'No.' } : undefined,
  );
  const failed = await run(['backfill', '--via', 'lambda', ...domain]);
  release();
  t.equal(failed.status, 1);
  t.match(failed.stderr, `failed: 10 messages from ${inbound[0]} to ${inbound.at(-1)}: AWS denied access: No.`);
  t.match(nextOf(failed.stderr).join(' '), / --via lambda$/);
  t.equal((await run(nextOf(failed.stderr))).status, 0);
});

t.test('a missing or different function is not invoked', async (t) => {
  const { run, aws, bucket, sandbox } = await startOperator(t);
  await deliver(aws, bucket, messages);
  const none = await run(['backfill', '--via', 'lambda']);
  t.equal(none.status, 1);
  t.match(none.stderr, 'The function agentkeys-ses-routing does not exist. Deploy first.');
  await run(['deploy']);
  const other = await run(['backfill', '--via', 'lambda', '--prefix', 'or,br', ...domain]);
  t.equal(other.status, 1);
  t.match(other.stderr, 'with these settings (MAIL_DOMAIN, PREFIXES). Deploy first, or omit --via lambda.');
  const fn = sandbox.state.lambda.functions.get('agentkeys-ses-routing');
  if (fn === undefined) return t.fail('no function');
  fn.codeSha256 = 'other';
  const replaced = await run(['backfill', '--via', 'lambda']);
  t.match(replaced.stderr, 'differs from what this version deploys with these settings (code)');
  t.strictSame(replaced.writes, []);
});
