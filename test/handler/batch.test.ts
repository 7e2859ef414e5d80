import t from 'tap';
import { LARGEST_BATCH } from '../../handler/event.js';
import { handlerOn, startAccount } from './account.js';
import { internal, one, toOne } from './failing.js';
import { bytesOf } from './messages.js';

const keys = Array.from({ length: LARGEST_BATCH }, (_, n) => `inbound/${String(n).padStart(2, '0')}`);
const copies = keys.map((key) => `bots/${one}/${key}`);

t.test('each message of a batch is routed and logged separately', async (t) => {
  const account = await startAccount(t);
  const { invokeBatch, lines } = handlerOn(account);
  await Promise.all(keys.slice(1).map((key) => account.put(key, toOne)));
  await account.put(String(keys[0]), bytesOf('magic-link.eml'));
  t.strictSame(await invokeBatch(keys), { routed: LARGEST_BATCH - 1, skipped: 1 });
  t.strictSame(account.keys(), [...copies.slice(1), ...keys]);
  t.strictSame(lines.map(({ key }) => key).sort(), keys);
  t.match(
    lines.filter(({ Skipped }) => Skipped === 1),
    [{ key: keys[0], Reason: 'not-a-routed-address' }],
  );

  t.strictSame(await invokeBatch(keys), { skipped: LARGEST_BATCH }, 'idempotent');
  t.strictSame(account.keys(), [...copies.slice(1), ...keys]);
});

t.test('if some fail, the others are routed, and Lambda retries the batch', async (t) => {
  const account = await startAccount(t);
  const { invokeBatch, lines } = handlerOn(account);
  await Promise.all(keys.map((key) => account.put(key, toOne)));
  const broken = keys.slice(3, 5);
  account.meet('CopyObject', ({ input }) => {
    const { Key = '' } = input as { Key?: string };
    return broken.some((key) => Key.endsWith(key)) ? internal : undefined;
  });
  await t.rejects(invokeBatch(keys), {
    name: 'BatchFailedError',
    message: '2 of a batch of 25 messages failed; each has a line of its own in the log',
  });
  t.strictSame(account.keys(), [...copies.filter((_, n) => n !== 3 && n !== 4), ...keys]);
  t.strictSame(
    lines.flatMap(({ key, Failed, level }) => (Failed === 1 ? [`${key} ${level}`] : [])).sort(),
    broken.map((key) => `${key} error`),
  );
});

t.test("a batch stops shortly before the function's time-out", async (t) => {
  const account = await startAccount(t);
  await Promise.all(keys.map((key) => account.put(key, toOne)));
  account.meet('GetObject', () => ({ kind: 'hang' }));
  const { invokeBatch, lines } = handlerOn(account, { remaining: 501 });
  await t.rejects(invokeBatch(keys), { name: 'BatchFailedError' });
  t.equal(lines.length, LARGEST_BATCH);
  for (const line of lines) t.match(line, { error: { name: 'DeadlineError' } });
});
