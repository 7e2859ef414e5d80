import { setTimeout } from 'node:timers/promises';
import { GetObjectTaggingCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import t from 'tap';
import { type Outcome, route } from '../../handler/route.js';
import { startAccount } from './account.js';
import { bytesOf, messages } from './messages.js';

const one = `0x${'1'.repeat(40)}`;
const two = `0x${'2'.repeat(40)}`;
const three = `0x${'3'.repeat(40)}`;
const addressOf = (wallet: string) => `or-${wallet}-1756409000@bots.litentry.org`;

const message = (messageId: string) => ({ key: `inbound/${messageId}`, messageId });
const toOne = bytesOf('routed-signup.eml');
const toThree = `To: ${addressOf(one)}, ${addressOf(two)}, ${addressOf(three)}\r\n\r\n`;
const routedByEnvelope: Outcome = { outcome: 'routed', wallets: [one], by: 'envelope', headerBytesRead: 2048 };

t.test('every message is copied to its wallets only', async (t) => {
  const account = await startAccount(t);
  for (const { file, key, routed, stays } of messages.filter(({ file }) => file !== 'setup-notice.eml')) {
    await account.put(key, bytesOf(file));
    const messageId = key.slice('inbound/'.length);
    const before = account.keys();
    const { headerBytesRead, ...outcome } = await route(account.s3, message(messageId), account.settings);
    t.strictSame(outcome, routed ? { outcome: 'routed', ...routed } : { outcome: 'skipped', reason: stays }, file);
    const copies = (routed?.wallets ?? []).map((wallet) => `bots/${wallet}/inbound/${messageId}`);
    t.strictSame(account.keys(), [...before, ...copies].sort(), `${file}: the copies, and nothing else`);
  }
});

t.test("with SES's recipient: two calls for a routed message, one for one that stays, and at most 2 kB", async (t) => {
  const account = await startAccount(t);
  const named = messages.filter(({ file }) => /^ for \S+;/m.test(bytesOf(file).toString('latin1')));
  t.ok(named.length >= 7, `${named.length} of the messages`);
  for (const { file, key, routed } of named) {
    const raw = bytesOf(file);
    await account.put(key, raw);
    const { headerBytesRead } = await route(account.s3, message(key.slice('inbound/'.length)), account.settings);
    // The range asked for is what S3 sends at most.
    t.strictSame(account.calls(), ['GetObject bytes=0-2047', ...(routed ? ['CopyObject'] : [])], file);
    t.equal(headerBytesRead, Math.min(2048, raw.length), file);
  }
});

t.test('a copy has the body and the metadata, but no tags', async (t) => {
  const account = await startAccount(t);
  await account.put('inbound/abc', toOne, { Metadata: { origin: 'made up' }, Tagging: 'team=mail' });
  await route(account.s3, message('abc'), account.settings);

  const copy = { Bucket: account.settings.bucket, Key: `bots/${one}/inbound/abc` };
  const head = await account.administrator.send(new HeadObjectCommand(copy));
  t.match(head, { ContentLength: toOne.length, Metadata: { origin: 'made up' } });
  const { TagSet } = await account.administrator.send(new GetObjectTaggingCommand(copy));
  t.strictSame(TagSet, []);
});

t.test('routing is idempotent', async (t) => {
  const account = await startAccount(t);
  await account.put('inbound/abc', toThree);
  await account.put(`bots/${two}/inbound/abc`, toThree);
  const wallets = [one, two, three];
  t.strictSame(
    await route(account.s3, message('abc'), account.settings),
    { outcome: 'routed', wallets, by: 'headers', headerBytesRead: toThree.length },
    'missing copies are made',
  );
  const keys = account.keys();
  t.strictSame(
    await route(account.s3, message('abc'), account.settings),
    { outcome: 'skipped', reason: 'already-routed', wallets, headerBytesRead: toThree.length },
    'then no copy is missing',
  );
  t.strictSame(account.keys(), keys);
});

t.test('a client-side encrypted message stays', async (t) => {
  const account = await startAccount(t);
  await account.put('inbound/abc', toOne, { Metadata: { 'x-amz-key-v2': 'bWFkZSB1cA==' } });
  const expected = { outcome: 'skipped', reason: 'client-side-encrypted', headerBytesRead: 2048 };
  t.strictSame(await route(account.s3, message('abc'), account.settings), expected);
  t.strictSame(account.keys(), ['inbound/abc']);
});

t.test('when the source is deleted', async (t) => {
  const cases: Record<string, [body: string | Buffer, keys: string[]]> = {
    'once the envelope recipient has its copy': [toOne, [`bots/${one}/inbound/abc`]],
    'never by the header fields': [`To: ${addressOf(one)}\r\n\r\n`, [`bots/${one}/inbound/abc`, 'inbound/abc']],
    'never when the message stays': [bytesOf('magic-link.eml'), ['inbound/abc']],
  };
  for (const [name, [body, keys]] of Object.entries(cases)) {
    const account = await startAccount(t);
    await account.put('inbound/abc', body);
    await route(account.s3, message('abc'), { ...account.settings, deleteSource: true });
    t.strictSame(account.keys(), keys, name);
  }

  const account = await startAccount(t);
  await account.put('inbound/abc', toOne);
  await account.put(`bots/${one}/inbound/abc`, toOne);
  await route(account.s3, message('abc'), { ...account.settings, deleteSource: true });
  t.strictSame(account.keys(), [`bots/${one}/inbound/abc`], 'when an earlier attempt had made the copy');
});

t.test('the source is not deleted when a copy failed', async (t) => {
  const account = await startAccount(t, ['copy']);
  await account.put('inbound/abc', toOne);
  await t.rejects(route(account.s3, message('abc'), { ...account.settings, deleteSource: true }), {
    code: 'AccessDenied',
  });
  t.strictSame(account.keys(), ['inbound/abc']);
});

t.test('a message for more than ten wallets is copied to none of them, and stays', async (t) => {
  const account = await startAccount(t);
  const body = `To: ${Array.from({ length: 944 }, (_, n) => `or-0x${String(n).padStart(40, '0')}-1@bots.litentry.org`).join(',\r\n ')}\r\n\r\n`;
  await account.put('inbound/abc', body);
  t.match(await route(account.s3, message('abc'), { ...account.settings, deleteSource: true }), {
    outcome: 'skipped',
    reason: 'too-many-wallets',
  });
  t.strictSame(account.keys(), ['inbound/abc']);
  t.strictSame(
    account.calls().filter((call) => !call.startsWith('GetObject')),
    [],
  );
});

t.test('four copies of a message are made at a time', async (t) => {
  const account = await startAccount(t);
  const wallets = Array.from({ length: 10 }, (_, n) => `0x${String(n).padStart(40, '0')}`);
  await account.put('inbound/abc', `To: ${wallets.map(addressOf).join(', ')}\r\n\r\n`);
  let underWay = 0;
  let most = 0;
  account.meet('CopyObject', async () => {
    underWay += 1;
    most = Math.max(most, underWay);
    // Long enough for every copy that is sent at once to arrive.
    await setTimeout(50);
    underWay -= 1;
    return undefined;
  });
  t.match(await route(account.s3, message('abc'), account.settings), { outcome: 'routed', wallets });
  t.equal(most, 4);
  t.equal(account.keys().length, 11);
});

t.test('a copy with too long a key is not attempted, and the message stays', async (t) => {
  const account = await startAccount(t);
  // `inbound/` is 8 bytes long, `bots/0x…/inbound/` 56.
  const [longest, tooLong] = ['x'.repeat(1024 - 56), 'é'.repeat(485)] as const;
  await account.put(`inbound/${longest}`, toOne);
  await account.put(`inbound/${tooLong}`, toOne);
  t.strictSame(await route(account.s3, message(longest), account.settings), routedByEnvelope);
  account.calls();
  t.strictSame(await route(account.s3, message(tooLong), { ...account.settings, deleteSource: true }), {
    outcome: 'skipped',
    reason: 'key-too-long',
    headerBytesRead: 2048,
  });
  t.strictSame(account.calls(), ['GetObject bytes=0-2047']);
  t.ok(account.keys().includes(`inbound/${tooLong}`));
});
