import { GetObjectTaggingCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import t from 'tap';
import { type Outcome, route } from '../../handler/route.js';
import { headersOf, type Permission, startAccount } from './account.js';
import { bytesOf, messages } from './messages.js';

const one = `0x${'1'.repeat(40)}`;
const two = `0x${'2'.repeat(40)}`;
const three = `0x${'3'.repeat(40)}`;
const addressOf = (wallet: string) => `or-${wallet}-1756409000@bots.litentry.org`;

const message = (messageId: string) => ({ key: `inbound/${messageId}`, messageId });
const toOne = bytesOf('routed-signup.eml');
const toThree = `To: ${addressOf(one)}, ${addressOf(two)}, ${addressOf(three)}\r\n\r\n`;
const routedByEnvelope: Outcome = { outcome: 'routed', wallets: [one], by: 'envelope' };

t.test('every message ends where it belongs', async (t) => {
  const account = await startAccount(t);
  for (const { file, key, routed, stays } of messages.filter(({ file }) => file !== 'setup-notice.eml')) {
    await account.put(key, bytesOf(file));
    const messageId = key.slice('inbound/'.length);
    const before = account.keys();
    const outcome = await route(account.s3, message(messageId), account.settings);
    t.strictSame(outcome, routed ? { outcome: 'routed', ...routed } : { outcome: 'skipped', reason: stays }, file);
    const copies = (routed?.wallets ?? []).map((wallet) => `bots/${wallet}/inbound/${messageId}`);
    t.strictSame(account.keys(), [...before, ...copies].sort(), `${file}: the copies, and nothing else`);
  }
});

t.test('a copy has the body and the metadata, not the tags', async (t) => {
  const account = await startAccount(t);
  await account.put('inbound/abc', toOne, { Metadata: { origin: 'made up' }, Tagging: 'team=mail' });
  await route(account.s3, message('abc'), account.settings);

  const copy = { Bucket: account.settings.bucket, Key: `bots/${one}/inbound/abc` };
  const head = await account.administrator.send(new HeadObjectCommand(copy));
  t.match(head, { ContentLength: toOne.length, Metadata: { origin: 'made up' } });
  const { TagSet } = await account.administrator.send(new GetObjectTaggingCommand(copy));
  t.strictSame(TagSet, []);
});

t.test('no more is read than the decision takes', async (t) => {
  const account = await startAccount(t);
  const withoutFor = (file: string) =>
    bytesOf(file)
      .toString('latin1')
      .replace(/\r\n for [^;]+;/, ';');
  const toOneAt = (position: number) => `X-Filler: ${'x'.repeat(position - 12)}\r\nTo: ${addressOf(one)}\r\n`;
  const length = toOneAt(12).length - 12;
  const skippedAs = (reason: 'header-too-long' | 'empty-object' | 'no-recipient-found'): Outcome => ({
    outcome: 'skipped',
    reason,
  });
  const routed = (...wallets: string[]): Outcome => ({ outcome: 'routed', wallets, by: 'headers' });
  const ranges = [
    'bytes=0-2047',
    'bytes=2048-4095',
    'bytes=4096-8191',
    'bytes=8192-16383',
    'bytes=16384-32767',
    'bytes=32768-65535',
  ];
  const cases: Record<string, [body: string | Buffer, outcome: Outcome, ranges: number]> = {
    'the envelope recipient, To: past byte 8192': [bytesOf('outlook-arc-8k.eml'), routedByEnvelope, 1],
    'a whole message in the first range': [`To: ${addressOf(one)}\r\n\r\n`, routed(one), 1],
    'To: past byte 2048': [withoutFor('google-to-past-2048.eml'), routed(two), 2],
    'To: past byte 8192': [withoutFor('outlook-arc-8k.eml'), routed(one), 4],
    'an object that ends with a range, in its header': [toOneAt(2048 - length), routed(one), 2],
    'an object that ends one byte before, in its header': [toOneAt(2047 - length), routed(one), 1],
    'a header as long as is read': [`${toOneAt(65534 - length)}\r\nbody`, routed(one), 6],
    'a header one byte longer': [`${toOneAt(65535 - length)}\r\nbody`, skippedAs('header-too-long'), 6],
    'an empty object': ['', skippedAs('empty-object'), 1],
    'one byte': ['x', skippedAs('no-recipient-found'), 1],
  };
  for (const [name, [body, outcome, count]] of Object.entries(cases)) {
    await account.put(`inbound/${name}`, body);
    t.strictSame(await route(account.s3, message(name), account.settings), outcome, name);
    const copies = outcome.outcome === 'routed' ? outcome.wallets.map(() => 'CopyObject') : [];
    t.strictSame(account.calls(), [...ranges.slice(0, count).map((range) => `GetObject ${range}`), ...copies], name);
  }
});

t.test('twice ends as once', async (t) => {
  const account = await startAccount(t);
  await account.put('inbound/abc', toThree);
  await account.put(`bots/${two}/inbound/abc`, toThree);
  const wallets = [one, two, three];
  t.strictSame(
    await route(account.s3, message('abc'), account.settings),
    { outcome: 'routed', wallets, by: 'headers' },
    'what is missing is copied',
  );
  const keys = account.keys();
  t.strictSame(
    await route(account.s3, message('abc'), account.settings),
    { outcome: 'skipped', reason: 'already-routed', wallets },
    'then nothing is missing',
  );
  t.strictSame(account.keys(), keys);
});

t.test('any key can be copied', async (t) => {
  const account = await startAccount(t);
  for (const messageId of ['a b+c%2Fd/é 漢字 (1).eml', "~!*'();:@&=$,?#[]", 'a//b/../c', '%']) {
    await account.put(`inbound/${messageId}`, toOne);
    t.strictSame(await route(account.s3, message(messageId), account.settings), routedByEnvelope, messageId);
    t.ok(account.keys().includes(`bots/${one}/inbound/${messageId}`), `${messageId}: the same id`);
  }
});

t.test('a client-side encrypted message stays', async (t) => {
  const account = await startAccount(t);
  await account.put('inbound/abc', toOne, { Metadata: { 'x-amz-key-v2': 'bWFkZSB1cA==' } });
  const wanted = { outcome: 'skipped', reason: 'client-side-encrypted' };
  t.strictSame(await route(account.s3, message('abc'), account.settings), wanted);
  t.strictSame(account.keys(), ['inbound/abc']);
});

t.test('the source is deleted', async (t) => {
  const cases: Record<string, [body: string | Buffer, keys: string[]]> = {
    'once the envelope recipient has its copy': [toOne, [`bots/${one}/inbound/abc`]],
    "never on the sender's word": [`To: ${addressOf(one)}\r\n\r\n`, [`bots/${one}/inbound/abc`, 'inbound/abc']],
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
  t.strictSame(account.keys(), [`bots/${one}/inbound/abc`], 'when an earlier try had made the copy');
});

t.test('the source is not deleted when a copy failed', async (t) => {
  const account = await startAccount(t, ['copy']);
  await account.put('inbound/abc', toOne);
  await t.rejects(route(account.s3, message('abc'), { ...account.settings, deleteSource: true }), {
    name: 'AccessDenied',
  });
  t.strictSame(account.keys(), ['inbound/abc']);
});

t.test('409 is tried again, a few times', async (t) => {
  const conflict = { kind: 'refuse', code: 'ConditionalRequestConflict', status: 409 } as const;
  const account = await startAccount(t);
  await account.put('inbound/abc', toOne);
  let conflicts = 4;
  account.meet('CopyObject', () => (conflicts-- > 0 ? conflict : undefined));
  await t.rejects(route(account.s3, message('abc'), account.settings), { name: 'ConditionalRequestConflict' });
  t.strictSame(account.calls(), ['GetObject bytes=0-2047', ...Array(4).fill('CopyObject')], 'four in a row: raised');

  conflicts = 2;
  t.strictSame(await route(account.s3, message('abc'), account.settings), routedByEnvelope);
  t.strictSame(account.calls(), ['GetObject bytes=0-2047', ...Array(3).fill('CopyObject')], 'two in a row: routed');
});

t.test('a message that is gone is done with', async (t) => {
  const gone = { outcome: 'skipped', reason: 'gone' };

  t.test('404, for a caller who may list the bucket', async (t) => {
    const { administrator, settings } = await startAccount(t);
    t.strictSame(await route(administrator, message('abc'), settings), gone);
  });
  t.test('403, and no such key is listed', async (t) => {
    const account = await startAccount(t);
    t.strictSame(await route(account.s3, message('abc'), account.settings), gone);
    t.strictSame(account.calls(), ['GetObject bytes=0-2047', 'ListObjectsV2']);
  });
  t.test('403, and only a key that begins with it is listed', async (t) => {
    const account = await startAccount(t);
    await account.put('inbound/abcd', toOne);
    t.strictSame(await route(account.s3, message('abc'), account.settings), gone);
  });
  t.test('between the decision and the copy', async (t) => {
    const account = await startAccount(t);
    await account.put('inbound/abc', toOne);
    account.meet('CopyObject', () => {
      account.sandbox.world.s3.buckets.get(account.settings.bucket)?.objects.clear();
      return undefined;
    });
    t.strictSame(await route(account.s3, message('abc'), account.settings), gone);
  });
});

t.test('a missing permission is raised', async (t) => {
  const cases: Array<[without: Permission[], denied: RegExp, calls: string[]]> = [
    [['read'], /s3:GetObject/, ['GetObject bytes=0-2047', 'ListObjectsV2']],
    [['read', 'list'], /s3:GetObject/, ['GetObject bytes=0-2047', 'ListObjectsV2']],
    [['copy'], /s3:PutObject/, ['GetObject bytes=0-2047', 'CopyObject', 'ListObjectsV2']],
    [['delete'], /s3:DeleteObject/, ['GetObject bytes=0-2047', 'CopyObject', 'DeleteObject', 'ListObjectsV2']],
  ];
  for (const [without, denied, calls] of cases) {
    const account = await startAccount(t, without);
    await account.put('inbound/abc', toOne);
    const routing = route(account.s3, message('abc'), { ...account.settings, deleteSource: true });
    await t.rejects(routing, { name: 'AccessDenied', message: denied });
    t.strictSame(account.calls(), calls, `without ${without}`);
  }
});

t.test("somebody else's bucket is neither read nor written", async (t) => {
  const account = await startAccount(t);
  await account.put('inbound/abc', toOne);
  const settings = { ...account.settings, accountId: '444455556666' };
  await t.rejects(route(account.administrator, message('abc'), settings), { name: 'AccessDenied' });

  const seen: Array<string | undefined> = [];
  account.meet('CopyObject', (call) => {
    const headers = headersOf(call);
    seen.push(headers['x-amz-expected-bucket-owner'], headers['x-amz-source-expected-bucket-owner']);
    return undefined;
  });
  await route(account.s3, message('abc'), account.settings);
  t.strictSame(seen, ['111122223333', '111122223333'], 'a copy names the owner of both ends');
});

t.test('anything else is raised', async (t) => {
  const account = await startAccount(t);
  await account.put('inbound/abc', toOne);
  const elsewhere = { ...account.settings, bucket: 'no-such-bucket-111122223333' };
  await t.rejects(route(account.administrator, message('abc'), elsewhere), { name: 'NoSuchBucket' });

  account.meet('GetObject', () => ({ kind: 'reset' }));
  await t.rejects(route(account.s3, message('abc'), account.settings), { code: 'ECONNRESET' });
  t.strictSame(account.keys(), ['inbound/abc']);
});

t.test('when one copy fails, the others are made', async (t) => {
  const account = await startAccount(t);
  await account.put('inbound/abc', toThree);
  let failing = [two];
  account.meet('CopyObject', ({ input }) =>
    failing.some((wallet) => JSON.stringify(input).includes(`"bots/${wallet}/`))
      ? { kind: 'refuse', code: 'InternalError', message: 'We encountered an internal error.', status: 500 }
      : undefined,
  );
  await t.rejects(route(account.s3, message('abc'), account.settings), { name: 'InternalError' });
  t.strictSame(account.keys(), [`bots/${one}/inbound/abc`, `bots/${three}/inbound/abc`, 'inbound/abc']);

  failing = [one, two];
  const expected = 'InternalError: We encountered an internal error.';
  await t.rejects(route(account.s3, message('abc'), account.settings), {
    name: 'AggregateError',
    message: `${expected}; ${expected}`,
    errors: [{ name: 'InternalError' }, { name: 'InternalError' }],
  });
});
