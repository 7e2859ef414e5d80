import { readFileSync } from 'node:fs';
import t, { type Test } from 'tap';
import { createHandler } from '../../handler/handler.js';
import type { RoutingSettings } from '../../handler/settings.js';
import { type Account, startAccount } from './account.js';
import { bytesOf, messages } from './messages.js';

const context = { functionName: 'agentkeys-ses-routing', awsRequestId: '8e5a0f0c-0000-4000-8000-000000000001' };
const one = `0x${'1'.repeat(40)}`;

const event = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../fixtures/events/${name}.json`, import.meta.url), 'utf8'));
const eventFor = (key: string) => ({
  source: 'aws.s3',
  'detail-type': 'Object Created',
  detail: { bucket: { name: 'agentkeys-mail-111122223333' }, object: { key } },
});

async function start(t: Test, settings: Partial<RoutingSettings> = {}) {
  const account: Account = await startAccount(t);
  const lines: unknown[] = [];
  const write = (line: string) => lines.push(JSON.parse(line));
  const handler = createHandler({ s3: account.s3, settings: { ...account.settings, ...settings }, write });
  return { ...account, lines, handler };
}

t.test('a message is routed, and one line says so', async (t) => {
  const { put, keys, handler, lines } = await start(t);
  const id = 'jsj8ehfd70nqi6tn50oaic5jne9ichtfbn9t91ee';
  await put(`inbound/${id}`, bytesOf('routed-signup.eml'));
  const before = Date.now();
  t.strictSame(await handler(event('object-created'), context), { outcome: 'routed', wallets: [one], by: 'envelope' });
  t.strictSame(keys(), [`bots/${one}/inbound/${id}`, `inbound/${id}`]);

  t.match(lines, [
    {
      level: 'info',
      outcome: 'routed',
      wallets: [one],
      key: `inbound/${id}`,
      requestId: context.awsRequestId,
      FunctionName: 'agentkeys-ses-routing',
      Routed: 1,
      milliseconds: Number,
      _aws: { Timestamp: Number },
    },
  ]);
  t.equal(lines.length, 1);
  const [{ milliseconds, _aws }] = lines as [{ milliseconds: number; _aws: { Timestamp: number } }];
  t.ok(_aws.Timestamp >= before && milliseconds >= 0 && _aws.Timestamp + milliseconds <= Date.now());
});

t.test('what is no message is skipped without a call', async (t) => {
  const { calls, handler, lines } = await start(t);
  const cases = {
    'other-prefix': 'outside-inbound',
    'prefix-itself': 'outside-inbound',
    'set-up-notice': 'set-up-notice',
  };
  for (const [name, reason] of Object.entries(cases)) {
    t.strictSame(await handler(event(name), context), { outcome: 'skipped', reason }, name);
  }
  t.strictSame(calls(), []);
  t.match(lines, [{ Skipped: 1 }, { Skipped: 1 }, { Skipped: 1 }]);
});

t.test('a failure is logged and raised', async (t) => {
  const { meet, handler, lines } = await start(t);
  await t.rejects(handler(event('malformed-s3-notification'), context), { name: 'UnknownEventError' });
  t.match(lines.pop(), { level: 'error', outcome: 'failed', error: /^UnknownEventError: /, Failed: 1 });

  meet('GetObject', () => ({
    kind: 'refuse',
    code: 'SlowDown',
    message: 'Please reduce your request rate.',
    status: 503,
  }));
  await t.rejects(handler(eventFor('inbound/abc'), context), { name: 'SlowDown' });
  t.match(lines.pop(), { level: 'error', key: 'inbound/abc', error: 'SlowDown: Please reduce your request rate.' });
  t.strictSame(lines, []);
});

t.test('no line names an address that was not routed, or a subject', async (t) => {
  const { put, handler, lines } = await start(t);
  for (const { file, key } of messages) {
    await put(key, bytesOf(file));
    await handler(eventFor(key), context);
  }
  t.equal(lines.length, messages.length);
  for (const line of lines) t.notMatch(JSON.stringify(line), /@|example|Verify|login link|code/i);
});

t.test('at level error, only what needs an operator is logged', async (t) => {
  const { put, handler, lines } = await start(t, { logLevel: 'error' });
  await put('inbound/routed', bytesOf('routed-signup.eml'));
  await put('inbound/encrypted', 'x', { Metadata: { 'x-amz-key-v2': 'bWFkZSB1cA==' } });
  await handler(eventFor('inbound/routed'), context);
  await handler(eventFor('inbound/encrypted'), context);
  await t.rejects(handler(undefined, context));
  t.match(lines, [{ reason: 'client-side-encrypted' }, { outcome: 'failed' }]);
  t.equal(lines.length, 2);
});
