/**
 * A missing message, and one that may not be read: S3 returns 403 for both. And several copies, of which some fail.
 */
import t from 'tap';
import type { Fault, InterceptedCall } from '../../src/sandbox/index.js';
import { type Account, eventFor, handlerOn, headersOf, startAccount } from './account.js';
import {
  type Case,
  copy,
  copyFor,
  gone,
  internal,
  one,
  raised,
  read,
  removeSource,
  run,
  served,
  source,
  three,
  times,
  toAll,
  toOne,
  two,
  untouched,
} from './failing.js';

const toThree = toAll(one, two, three);
const without = (failing: string[], fault: Fault) => (_account: Account, call: InterceptedCall) =>
  failing.some((wallet) => JSON.stringify(call.input).includes(`"bots/${wallet}/`)) ? fault : undefined;

const cases: Record<string, Case> = {
  'the source was deleted before its event: 403, and the key is not listed': {
    operation: 'GetObject',
    faults: [removeSource],
    returns: gone,
    calls: [read, 'ListObjectsV2'],
    keys: [],
  },
  'the source is archived': {
    operation: 'GetObject',
    faults: [{ kind: 'refuse', code: 'InvalidObjectState', status: 403, fields: { StorageClass: 'GLACIER' } }],
    returns: { outcome: 'skipped', reason: 'archived', headerBytesRead: 0 },
    calls: [read],
    keys: untouched,
  },
  ...Object.fromEntries(
    ['InvalidObjectState', 'ObjectNotInActiveTierError'].map((code) => [
      `the source is archived between the decision and the copy: ${code}`,
      {
        operation: 'CopyObject',
        deleteSource: true,
        faults: [{ kind: 'refuse', code, status: 403 }],
        returns: { outcome: 'skipped', reason: 'archived', wallets: [], headerBytesRead: 2048 },
        calls: [read, copy],
        keys: untouched,
      },
    ]),
  ),
  'the source is deleted between the decision and the copy': {
    operation: 'CopyObject',
    faults: [removeSource],
    returns: { outcome: 'skipped', reason: 'gone', headerBytesRead: 2048 },
    calls: [read, copy, 'ListObjectsV2'],
    keys: [],
  },
  'the source is deleted between the decision and three copies': {
    body: toThree,
    operation: 'CopyObject',
    faults: [removeSource],
    returns: { outcome: 'skipped', reason: 'gone', headerBytesRead: toThree.length },
    calls: [read, ...times(3, copy), 'ListObjectsV2'],
    keys: [],
  },
  'the role may not read: 403, and the key is listed': {
    without: ['read'],
    raises: raised('GetObject', 'AccessDenied', {
      status: 403,
      message: /, because no identity-based policy allows the s3:GetObject action$/,
    }),
    calls: [read, 'ListObjectsV2'],
    keys: untouched,
  },
  'the role may neither read nor list': {
    without: ['read', 'list'],
    raises: raised('GetObject', 'AccessDenied', { status: 403 }),
    calls: [read, 'ListObjectsV2'],
    keys: untouched,
  },
  'the role may not write': {
    without: ['copy'],
    raises: raised('CopyObject', 'AccessDenied', { status: 403 }),
    calls: [read, copy, 'ListObjectsV2'],
    keys: untouched,
  },
  'the role may not delete: the copy is there, and the source is not lost': {
    without: ['delete'],
    deleteSource: true,
    raises: raised('DeleteObject', 'AccessDenied', { status: 403 }),
    calls: [read, copy, 'DeleteObject', 'ListObjectsV2'],
    keys: served,
  },
  'the listing fails: the denial is thrown': {
    without: ['read'],
    operation: 'ListObjectsV2',
    faults: [internal],
    always: true,
    raises: raised('GetObject', 'AccessDenied'),
    calls: [read, ...times(3, 'ListObjectsV2')],
    keys: untouched,
  },
  'one of three copies fails: the others are made': {
    body: toThree,
    operation: 'CopyObject',
    faults: [without([two], internal)],
    always: true,
    raises: raised('CopyObject', 'InternalError'),
    calls: [read, ...times(5, copy)],
    keys: [copyFor(one), copyFor(three), source],
  },
  'two of three copies fail: the third is made': {
    body: toThree,
    operation: 'CopyObject',
    faults: [without([one, two], { ...internal, message: 'We encountered an internal error.' })],
    always: true,
    raises: {
      name: 'CopiesFailedError',
      message:
        /^2 copies of one message failed: CopyObject failed: InternalError, HTTP status 500, request \S+; CopyObject/,
      errors: Array(2).fill(raised('CopyObject', 'InternalError')),
    },
    calls: [read, ...times(7, copy)],
    keys: [copyFor(three), source],
  },
  'two copies fail and the source is there: one of them for another reason than a denial': {
    body: toThree,
    without: ['copy'],
    operation: 'CopyObject',
    faults: [without([one], internal)],
    always: true,
    raises: { name: 'CopiesFailedError', errors: { length: 3 } },
    calls: [read, ...times(5, copy)],
    keys: untouched,
  },
};

t.test('each ends as expected', async (t) => {
  // Some of the time is spent waiting for the client's pauses.
  t.jobs = 4;
  for (const [name, given] of Object.entries(cases)) t.test(name, (t) => run(t, given));
});

t.test('a bucket of another owner is neither read nor written', async (t) => {
  const account = await startAccount(t);
  await account.put(source, toOne);
  const { invoke } = handlerOn(account, { accountId: '444455556666' });
  await t.rejects(invoke(eventFor(source)), raised('GetObject', 'AccessDenied', { status: 403 }));
  t.strictSame(account.calls(), [read, 'ListObjectsV2']);
  t.strictSame(account.keys(), [source]);

  const owners: unknown[] = [];
  account.meet('CopyObject', (call) => {
    const headers = headersOf(call);
    owners.push(headers['x-amz-expected-bucket-owner'], headers['x-amz-source-expected-bucket-owner']);
    return undefined;
  });
  await handlerOn(account).invoke(eventFor(source));
  t.strictSame(owners, ['111122223333', '111122223333'], 'a copy names the owner of both ends');
});

t.test('a missing bucket is an error, not a message that is gone', async (t) => {
  const account = await startAccount(t);
  const settings = { ...account.settings, bucket: 'agentkeys-mail-111122223334' };
  const { invoke } = handlerOn({ ...account, s3: account.administrator, settings });
  const event = eventFor(source);
  event.detail.bucket.name = settings.bucket;
  await t.rejects(invoke(event), raised('GetObject', 'NoSuchBucket', { status: 404 }));
});

t.test('a caller that may list the bucket gets 404 for a message that is gone', async (t) => {
  const account = await startAccount(t);
  const { invoke } = handlerOn({ ...account, s3: account.administrator });
  t.strictSame(await invoke(eventFor(source)), gone);
});

t.test('a longer key with the same start is another message', async (t) => {
  const account = await startAccount(t);
  await account.put(`${source}d`, toOne);
  t.strictSame(await handlerOn(account).invoke(eventFor(source)), gone);
});

t.test('the source is deleted between two copies: the first is reported', async (t) => {
  const account = await startAccount(t);
  await account.put(source, toAll(one, two));
  account.meet('CopyObject', async (call) => {
    if (JSON.stringify(call.input).includes(`"bots/${one}/`)) return undefined;
    // The second waits for the first, and then there is nothing to copy any more.
    while (!account.keys().includes(copyFor(one))) await new Promise((resolve) => setImmediate(resolve));
    return removeSource(account);
  });
  const outcome = await handlerOn(account).invoke(eventFor(source));
  t.match(outcome, { outcome: 'routed', wallets: [one] });
  t.strictSame(account.keys(), [copyFor(one)]);
});
