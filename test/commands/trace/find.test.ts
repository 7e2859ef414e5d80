/** `trace <wallet>` and `trace <address>`: by the log, by the wallet's folder, and by the headers of what failed. */
import { PutObjectCommand } from '@aws-sdk/client-s3';
import t from 'tap';
import { delivered, mailDomain, messages, startRouting } from '../../support/mail.js';
import type { Operator } from '../../support/operator.js';
import { byEnvelope, runAs, staying } from './support.js';

const group = '/aws/lambda/agentkeys-ses-routing';
const day = 86_400_000;
const wallet = String(byEnvelope.routed?.wallets[0]);
const ofWallet = messages.filter(({ routed }) => routed?.wallets.includes(wallet));
const address = /or-0x1{40}-\d+@[\w.]+/.exec(byEnvelope.raw.toString())?.[0] ?? '';

/** The ids in a table. */
const idsIn = (stdout: string) =>
  [...stdout.matchAll(/^ {2}\S+ {2}(\S+) {2}\w+/gm)].map(([, id]) => `inbound/${id}`).sort();

/** The function can't read. */
function breakReading({ sandbox }: Operator): void {
  const inline = sandbox.state.iam.roles.get('agentkeys-ses-routing-role')?.inline;
  for (const [name, text] of inline ?? []) inline?.set(name, text.replace('s3:GetObject', 's3:GetObjectAcl'));
}

t.test('several messages of a wallet, among them one that failed', async (t) => {
  const operator = await startRouting(t);
  await delivered(operator, [...ofWallet.slice(1), staying]);
  breakReading(operator);
  await delivered(operator, [
    byEnvelope,
    ...messages.filter(({ routed }) => routed && !routed.wallets.includes(wallet)).slice(0, 1),
  ]);
  const { status, stdout, writes } = await operator.run(['trace', wallet]);
  t.equal(status, 0);
  t.strictSame(writes, []);
  t.strictSame(idsIn(stdout), ofWallet.map(({ key }) => key).sort());
  t.match(stdout, new RegExp(`^${ofWallet.length} messages since `));
  t.match(stdout, /^ {2}\S+ {2}\S+ {2}routed, copy there$/m);
  t.match(stdout, new RegExp(`  ${byEnvelope.key.slice(8)}  failed, no copy\n`));
  t.match(stdout, /\nTo find out about one: npx --no agentkeys-ses-routing trace <message id>\n$/);
  const upper = wallet.toUpperCase().replace('X', 'x');
  const document = JSON.parse((await operator.run(['trace', upper, '--json'])).stdout);
  t.match(document, { kind: 'messages', wallet, unseen: [] });
  t.equal(document.messages.length, ofWallet.length);
  t.match(document.messages.at(-1), { outcome: 'failed', copied: false });
  t.notMatch(stdout + JSON.stringify(document), '@');
});

t.test('one message is traced; an address selects by the header', async (t) => {
  const operator = await startRouting(t);
  await delivered(operator, ofWallet);
  for (const same of [address, `${address.toUpperCase()}.`]) {
    const { status, stdout } = await operator.run(['trace', same]);
    t.equal(status, 0);
    t.match(stdout, `${byEnvelope.key}\n  It is routed`);
    t.notMatch(stdout, '@');
  }
  const other = address.replace(/-\d+@/, '-1@');
  const none = await operator.run(['trace', other]);
  t.equal(none.status, 1);
  t.match(none.stderr, 'error: No message for this address was found since 20');
  t.notOk(none.stderr.includes(other));
  const nobody = await operator.run(['trace', `0x${'9'.repeat(40)}`, '--since', '2d']);
  t.match(nobody.stderr, 'No message for this wallet was found since 20');
});

t.test('the folder finds what the log no longer has, since a time', async (t) => {
  const operator = await startRouting(t);
  await delivered(operator, ofWallet.slice(0, 1));
  const { sandbox, aws, bucket, run } = operator;
  sandbox.state.logs.groups.get(group)?.streams.clear();
  const put = (id: string) =>
    aws.s3.send(new PutObjectCommand({ Bucket: bucket, Key: `bots/${wallet}/inbound/${id}`, Body: 'x' }));
  await put('old');
  await put('new');
  const old = sandbox.state.s3.buckets.get(bucket)?.objects.get(`bots/${wallet}/inbound/old`);
  if (old !== undefined) old.modified = new Date(Date.now() - 3 * day);
  const found = await run(['trace', wallet]);
  t.strictSame(idsIn(found.stdout), [ofWallet[0]?.key, 'inbound/new']);
  t.match(found.stdout, /new {2}not logged, copy there/);
  t.strictSame(idsIn((await run(['trace', wallet, '--since', '4d'])).stdout).length, 3);
});

t.test('without the log, without the folder, without the headers', async (t) => {
  const operator = await startRouting(t);
  await delivered(operator, ofWallet);
  const { Statement, ...policy } = JSON.parse((await operator.run(['policy', 'trace'])).stdout);
  const without = (action: string) => ({
    ...policy,
    Statement: Statement.map((one: { Action: string[] }) => ({
      ...one,
      Action: one.Action.map((each) => (each === action ? 's3:None' : each)),
    })),
  });
  const all = ofWallet.map(({ key }) => key).sort();
  const noLog = await runAs(operator, without('logs:FilterLogEvents'), ['trace', wallet]);
  t.strictSame(idsIn(noLog.stdout), all);
  t.match(noLog.stdout, 'Not seen: AWS denied access to the log');
  const noFolder = await runAs(operator, without('s3:ListBucket'), ['trace', wallet]);
  t.strictSame(idsIn(noFolder.stdout), all);
  t.match(noFolder.stdout, 'routed, copy unknown\n');
  t.match(noFolder.stdout, 'Not seen: AWS denied s3:ListBucket on');
  const json = JSON.parse((await runAs(operator, without('s3:ListBucket'), ['trace', wallet, '--json'])).stdout);
  t.match(json.messages[0].copied, { unknown: /^AWS denied s3:ListBucket/ });
  // Which of the wallet's messages are for the address is then unknown: all are shown.
  const noHeaders = await runAs(operator, without('s3:GetObject'), ['trace', address]);
  t.strictSame(idsIn(noHeaders.stdout), all);
  t.match(noHeaders.stdout, 'Not seen: AWS denied access');
  const nothing = { ...policy, Statement: [{ Effect: 'Allow', Action: 's3:GetBucketPolicy', Resource: '*' }] };
  const none = await runAs(operator, nothing, ['trace', wallet]);
  t.equal(none.status, 1);
  t.match(none.stderr, 'Not all could be seen. AWS denied access to the log');
});

t.test('one message, and something could not be seen', async (t) => {
  const operator = await startRouting(t);
  await delivered(operator, ofWallet.slice(0, 1));
  operator.sandbox.intercept(({ operation }) =>
    operation === 'FilterLogEvents' ? { kind: 'refuse', code: 'AccessDeniedException', status: 400 } : undefined,
  );
  const { status, stdout, stderr } = await operator.run(['trace', wallet]);
  t.equal(status, 0);
  t.match(stdout, 'It is routed');
  t.match(stderr, 'Not seen: AWS denied access to the log');
});

t.test('the failed attempts alone could not be seen', async (t) => {
  const operator = await startRouting(t);
  await delivered(operator, ofWallet.slice(0, 2));
  operator.sandbox.intercept(({ operation, input }) =>
    operation === 'FilterLogEvents' && (input as { filterPattern?: string }).filterPattern === '"failed"'
      ? { kind: 'refuse', code: 'InvalidParameterException', message: 'Not now', status: 400 }
      : undefined,
  );
  const { stdout } = await operator.run(['trace', wallet]);
  t.equal(idsIn(stdout).length, 2);
  t.match(stdout, 'Not seen: InvalidParameterException: Not now');
});

t.test('the last attempt counts, whichever it was; a copy whose success is no longer logged', async (t) => {
  const operator = await startRouting(t);
  await delivered(operator, ofWallet.slice(0, 2));
  const streams = operator.sandbox.state.logs.groups.get(group)?.streams;
  const now = Date.now();
  const events = [...(streams?.values() ?? [])].flat().map((event) => ({ ...event, timestamp: now - 30_000 }));
  const [first = '', second = ''] = ofWallet.map(({ key }) => key);
  const failed = (key: string) =>
    JSON.stringify({
      level: 'error',
      outcome: 'failed',
      key,
      error: { name: 'S3CallError', message: 'x' },
      Routed: 0,
      Skipped: 0,
      Failed: 1,
      _aws: { CloudWatchMetrics: [{ Namespace: 'AgentKeysSesRouting' }] },
    });
  const log = (...lines: Array<[timestamp: number, message: string]>) => {
    streams?.clear();
    streams?.set('s', [...events, ...lines.map(([timestamp, message]) => ({ timestamp, message }))]);
  };
  const outcomeOf = (stdout: string, key: string) => stdout.match(new RegExp(` ${key.slice(8)} {2}(.*)$`, 'm'))?.[1];
  log([now - 60_000, failed(first)], [now, failed(second)]);
  const { stdout } = await operator.run(['trace', wallet]);
  t.equal(outcomeOf(stdout, first), 'routed, copy there', 'tried again');
  t.equal(outcomeOf(stdout, second), 'failed, copy there', 'the event was delivered again');
  events.length = 0;
  log([now, failed(first)]);
  const later = await operator.run(['trace', wallet]);
  t.equal(outcomeOf(later.stdout, first), 'failed, copy there');
  t.equal(outcomeOf(later.stdout, second), 'not logged, copy there');
});

t.test('at most a hundred headers are read', async (t) => {
  const operator = await startRouting(t);
  const _aws = { CloudWatchMetrics: [{ Namespace: 'AgentKeysSesRouting' }] };
  const failed = (n: number) =>
    JSON.stringify({
      level: 'error',
      outcome: 'failed',
      key: `inbound/${n}`,
      error: { name: 'S3CallError', message: 'x' },
      Routed: 0,
      Skipped: 0,
      Failed: 1,
      _aws,
    });
  const events = Array.from({ length: 105 }, (_, n) => ({ timestamp: Date.now() - 60_000 + n, message: failed(n) }));
  operator.sandbox.state.logs.groups.get(group)?.streams.set('s', events);
  const { aws, bucket } = operator;
  const to = (host: string) => `To: or-${wallet}-1@${host}\r\n\r\n`;
  for (const [id, host] of [
    ['3', mailDomain],
    ['100', mailDomain],
    ['101', mailDomain],
  ] as const)
    await aws.s3.send(new PutObjectCommand({ Bucket: bucket, Key: `inbound/${id}`, Body: to(host) }));
  await operator.sandbox.settled();
  operator.sandbox.state.logs.groups.get(group)?.streams.set('s', events);
  const { stdout } = await operator.run(['trace', `or-${wallet}-1@${mailDomain}`]);
  t.match(stdout, 'inbound/', stdout);
  t.match(stdout, 'Only the newest 100 headers were read');
});
