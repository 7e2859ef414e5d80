import { readFileSync } from 'node:fs';
import t from 'tap';
import { eventFor, handlerOn, startAccount } from './account.js';
import { bytesOf } from './messages.js';

const one = `0x${'1'.repeat(40)}`;

const event = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../fixtures/events/${name}.json`, import.meta.url), 'utf8'));

t.test('a message is routed and logged in one line', async (t) => {
  const account = await startAccount(t);
  const { invoke, lines } = handlerOn(account);
  const id = 'jsj8ehfd70nqi6tn50oaic5jne9ichtfbn9t91ee';
  const raw = bytesOf('routed-signup.eml');
  await account.put(`inbound/${id}`, raw);
  const before = Date.now();
  t.strictSame(await invoke(event('object-created')), {
    outcome: 'routed',
    wallets: [one],
    by: 'envelope',
    headerBytesRead: Math.min(2048, raw.length),
  });
  t.strictSame(account.keys(), [`bots/${one}/inbound/${id}`, `inbound/${id}`]);

  t.match(lines, [
    {
      level: 'info',
      outcome: 'routed',
      wallets: [one],
      key: `inbound/${id}`,
      requestId: '8e5a0f0c-0000-4000-8000-000000000001',
      FunctionName: 'agentkeys-ses-routing',
      Routed: 1,
      Milliseconds: Number,
      _aws: { Timestamp: Number },
    },
  ]);
  t.equal(lines.length, 1);
  const [{ Milliseconds, _aws }] = lines as [{ Milliseconds: number; _aws: { Timestamp: number } }];
  t.ok(_aws.Timestamp >= before && Milliseconds >= 0 && _aws.Timestamp + Milliseconds <= Date.now());
});

t.test('an object that is not a message is skipped without a call', async (t) => {
  const account = await startAccount(t);
  const { invoke, lines } = handlerOn(account);
  const cases = {
    'other-prefix': 'outside-inbound',
    'prefix-itself': 'outside-inbound',
    'set-up-notice': 'set-up-notice',
  };
  for (const [name, reason] of Object.entries(cases)) {
    t.strictSame(await invoke(event(name)), { outcome: 'skipped', reason }, name);
  }
  t.strictSame(account.calls(), []);
  t.match(lines, [{ Skipped: 1 }, { Skipped: 1 }, { Skipped: 1 }]);
});

t.test('an unknown event is logged and thrown', async (t) => {
  const { invoke, lines } = handlerOn(await startAccount(t));
  await t.rejects(invoke(event('malformed-s3-notification')), { name: 'UnknownEventError' });
  t.match(lines, [{ level: 'error', outcome: 'failed', error: { name: 'UnknownEventError' }, Failed: 1 }]);
  t.notHas(lines[0], { key: String });
});

t.test('at level error, an info line contains only the metrics', async (t) => {
  const account = await startAccount(t);
  const { invoke, lines } = handlerOn(account, { logLevel: 'error' });
  await account.put('inbound/routed', bytesOf('routed-signup.eml'));
  await account.put('inbound/stays', bytesOf('magic-link.eml'));
  await account.put('inbound/encrypted', 'x', { Metadata: { 'x-amz-key-v2': 'bWFkZSB1cA==' } });
  await invoke(eventFor('inbound/routed'));
  await invoke(eventFor('inbound/stays'));
  await invoke(eventFor('inbound/encrypted'));
  await t.rejects(invoke(undefined));
  const metrics = ['FunctionName', 'Routed', 'Skipped', 'Failed', 'HeaderBytesRead', 'Milliseconds', '_aws'];
  t.strictSame(Object.keys(lines[0] ?? {}).sort(), metrics.toSorted());
  t.strictSame(Object.keys(lines[1] ?? {}).sort(), ['Reason', ...metrics].sort());
  t.match(lines.slice(2), [
    { level: 'error', Reason: 'client-side-encrypted', key: 'inbound/encrypted' },
    { level: 'error', outcome: 'failed', error: { name: 'UnknownEventError' } },
  ]);
});
