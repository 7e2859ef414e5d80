import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import t from 'tap';
import { deliver, readMessages, routedKeys } from '../../src/demo/mail.js';
import { startOperator } from '../support/operator.js';

const { messages, mailDomain } = await readMessages('fixtures/messages');
const copies = messages.flatMap(routedKeys).sort();
const domain = ['--mail-domain', mailDomain];

t.test('routes what came before the deploy, as the function would; twice is fine', async (t) => {
  const { run, aws, sandbox, bucket } = await startOperator(t);
  await deliver(aws, bucket, messages);
  const before = sandbox.snapshot();
  const looked = await run(['backfill', '--dry-run', ...domain]);
  t.equal(looked.status, 0, looked.stderr);
  t.strictSame(looked.writes, []);
  t.strictSame(sandbox.snapshot(), before);
  t.strictSame(looked.stdout.trimEnd().split('\n'), [
    '      3  stays: not-a-routed-address',
    '      7  to be routed, or routed already',
  ]);

  const routed = await run(['backfill', ...domain]);
  t.equal(routed.status, 0, routed.stderr);
  t.strictSame(routed.stdout.trimEnd().split('\n'), ['      7  routed', '      3  stays: not-a-routed-address']);
  const { Contents = [] } = await aws.s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'bots/' }));
  t.strictSame(Contents.map(({ Key }) => Key).sort(), copies);
  for (const message of messages)
    for (const Key of routedKeys(message)) {
      const { Body } = await aws.s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
      t.ok(message.raw.equals((await Body?.transformToByteArray()) ?? Buffer.alloc(0)), Key);
    }
  const again = await run(['backfill', '--json', ...domain]);
  t.strictSame(JSON.parse(again.stdout), {
    version: 1,
    dryRun: false,
    counts: { 'stays: already-routed': 7, 'stays: not-a-routed-address': 3 },
    failures: [],
  });
});

t.test('--since leaves earlier mail alone', async (t) => {
  const { run, aws, bucket } = await startOperator(t);
  await deliver(aws, bucket, messages);
  const later = await run(['backfill', '--since', '2999-01-01T00:00:00Z']);
  t.equal(later.status, 0, later.stderr);
  t.equal(later.stdout, 'There is no such message in inbound/.\n');
  for (const time of ['yesterday', '2026-99-99'])
    t.match((await run(['backfill', '--since', time])).stderr, 'It must be a time as 2026-01-31T12:00:00Z.');
  t.match((await run(['backfill', '--since', '2026-01-31'])).stdout, '7  routed', 'without a domain, any is routed');
});

t.test('a message that fails is named, the others are routed, and the next run routes it', async (t) => {
  const { run, aws, sandbox, bucket } = await startOperator(t);
  await deliver(aws, bucket, messages);
  const release = sandbox.intercept(({ operation, input }) =>
    operation === 'GetObject' && (input as { Key?: string }).Key === messages[0]?.key
      ? { kind: 'refuse', code: 'AccessDenied', status: 403, message: 'Access Denied' }
      : undefined,
  );
  const first = await run(['backfill', ...domain]);
  t.equal(first.status, 1);
  t.match(first.stdout, '6  routed');
  t.match(first.stderr, `failed: ${messages[0]?.key}: AWS denied access`);
  t.match(first.stderr, '1 failed. They wait in inbound/; run the same command again.');
  release();
  t.match((await run(['backfill', ...domain])).stdout, '1  routed');
});

t.test('the command that the first deploy prints is one that runs', async (t) => {
  const { run, aws, bucket } = await startOperator(t);
  const started = new Date(Date.now() - 1_000).toISOString();
  const { stderr } = await run(['deploy', ...domain]);
  await deliver(aws, bucket, messages.slice(0, 1));
  const [, command = ''] = /npx agentkeys-ses-routing (backfill .*)$/m.exec(stderr) ?? [];
  t.ok((command.split('--since ')[1] ?? '') >= started.slice(0, 19));
  const ran = await run([...command.split(' '), ...domain]);
  t.equal(ran.status, 0, ran.stderr);
  t.match(ran.stdout, /routed/);
});

t.test('Ctrl-C stops it between two messages, and says that what was routed stays routed', async (t) => {
  const { run, aws, sandbox, bucket } = await startOperator(t);
  await deliver(aws, bucket, messages);
  const interrupt = new AbortController();
  const release = sandbox.intercept(({ operation }) => {
    if (operation === 'ListObjectsV2') interrupt.abort();
    return undefined;
  });
  const stopped = await run(['backfill', ...domain], { signal: interrupt.signal });
  release();
  t.equal(stopped.status, 130);
  t.match(stopped.stderr, 'Interrupted. What was routed stays routed; the same command goes on from there.');
  t.match((await run(['backfill', ...domain])).stdout, '7  routed');
});

t.test('a listing that fails says how far it came, not that nothing was written', async (t) => {
  const { run, sandbox, aws, bucket } = await startOperator(t);
  await deliver(aws, bucket, messages);
  sandbox.intercept(({ operation }) =>
    operation === 'ListObjectsV2' ? { kind: 'refuse', code: 'InternalError', status: 500 } : undefined,
  );
  const failed = await run(['backfill']);
  t.equal(failed.status, 1);
  t.match(
    failed.stderr,
    /The listing of inbound\/ stopped there \(none yet\)\. Every message is where it was or routed/,
  );
  t.notMatch(failed.stderr, 'Nothing was written');
});

t.test('a listing whose second page fails says what became of the first', async (t) => {
  const { run, sandbox, aws, bucket } = await startOperator(t);
  await deliver(aws, bucket, messages);
  const { objects } = sandbox.world.s3.buckets.get(bucket) ?? {};
  const unrelated = objects?.get(messages.find(({ file }) => file === 'unrelated.eml')?.key ?? '');
  if (objects === undefined || unrelated === undefined) return t.fail('no fixtures');
  // A page holds a thousand keys; these come before the messages that were delivered.
  for (let n = 0; n < 1_000; n++) objects.set(`inbound/${String(n).padStart(40, '0')}`, unrelated);
  let lists = 0;
  sandbox.intercept(({ operation }) =>
    operation === 'ListObjectsV2' && ++lists > 1 ? { kind: 'refuse', code: 'InternalError', status: 500 } : undefined,
  );
  const failed = await run(['backfill', ...domain]);
  t.equal(failed.status, 1);
  t.match(failed.stderr, /stopped there \((9[6-9]\d|1000) stays: not-a-routed-address\)/);
});
