/**
 * Nothing is lost: whatever S3 does, a message is routed, or the function throws so that Lambda retries, and the message is still there.
 */
import t from 'tap';
import type { Fault } from '../../src/sandbox/index.js';
import { eventFor, handlerOn, startAccount } from './account.js';
import {
  alreadyRouted,
  type Case,
  copy,
  copyFor,
  internal,
  one,
  raised,
  read,
  routed,
  run,
  served,
  slowDown,
  source,
  times,
  toOne,
  untouched,
} from './failing.js';

const conflict: Fault = { kind: 'refuse', code: 'ConditionalRequestConflict', status: 409 };
const in200: Fault = {
  kind: 'error-in-200',
  code: 'InternalError',
  message: 'We encountered an internal error. Please try again.',
};

const cases: Record<string, Case> = {
  'a message of 40 MB is copied within S3': {
    body: Buffer.concat([toOne, Buffer.alloc(40_000_000, 'x')]),
    returns: routed,
    calls: [read, copy],
    keys: served,
  },
  'a read is throttled once: retried': {
    operation: 'GetObject',
    faults: [slowDown],
    returns: routed,
    calls: [read, read, copy],
    keys: served,
  },
  'every read is throttled': {
    operation: 'GetObject',
    faults: [slowDown],
    always: true,
    raises: raised('GetObject', 'SlowDown', { status: 503, attempts: 3 }),
    calls: times(3, read),
    keys: untouched,
  },
  'a copy is throttled once: retried': {
    operation: 'CopyObject',
    faults: [slowDown],
    returns: routed,
    calls: [read, copy, copy],
    keys: served,
  },
  '500 twice: retried': {
    operation: 'GetObject',
    faults: [internal, internal],
    returns: routed,
    calls: [...times(3, read), copy],
    keys: served,
  },
  '500 each time': {
    operation: 'CopyObject',
    faults: [internal],
    always: true,
    raises: raised('CopyObject', 'InternalError', { status: 500, attempts: 3 }),
    calls: [read, ...times(3, copy)],
    keys: untouched,
  },
  'an error inside a 200, once: retried': {
    operation: 'CopyObject',
    faults: [in200],
    returns: routed,
    calls: [read, copy, copy],
    keys: served,
  },
  'an error inside a 200, each time': {
    operation: 'CopyObject',
    faults: [in200],
    always: true,
    raises: raised('CopyObject', 'InternalError', { attempts: 3 }),
    calls: [read, ...times(3, copy)],
    keys: untouched,
  },
  'an empty 200, as for a copy that S3 did not complete: retried': {
    operation: 'CopyObject',
    faults: [{ kind: 'answer', status: 200, body: '' }],
    returns: routed,
    calls: [read, copy, copy],
    keys: served,
  },
  'a connection closed before a read: retried': {
    operation: 'GetObject',
    faults: [{ kind: 'reset' }],
    returns: routed,
    calls: [read, read, copy],
    keys: served,
  },
  'the connection is closed before every read': {
    operation: 'GetObject',
    faults: [{ kind: 'reset' }],
    always: true,
    raises: raised('GetObject', 'ECONNRESET', { attempts: 3 }),
    calls: times(3, read),
    keys: untouched,
  },
  'a connection closed before a copy: retried': {
    operation: 'CopyObject',
    faults: [{ kind: 'reset' }],
    returns: routed,
    calls: [read, copy, copy],
    keys: served,
  },
  'a connection closed after a copy: the retry finds the copy': {
    operation: 'CopyObject',
    faults: [{ kind: 'lose-answer' }],
    returns: alreadyRouted,
    calls: [read, copy, copy],
    keys: served,
  },
  'a truncated answer to a copy: the retry finds the copy': {
    operation: 'CopyObject',
    faults: [{ kind: 'cut', bytes: 60 }],
    returns: alreadyRouted,
    calls: [read, copy, copy],
    keys: served,
  },
  'a truncated read: retried': {
    operation: 'GetObject',
    faults: [{ kind: 'cut', bytes: 300 }],
    returns: routed,
    calls: [read, read, copy],
    keys: served,
  },
  'every read is truncated': {
    operation: 'GetObject',
    faults: [{ kind: 'cut', bytes: 300 }],
    always: true,
    raises: raised('GetObject', 'ECONNRESET'),
    calls: times(3, read),
    keys: untouched,
  },
  'no answer to a read: the client times out and retries': {
    operation: 'GetObject',
    faults: [{ kind: 'hang' }],
    returns: routed,
    calls: [read, read, copy],
    keys: served,
  },
  'no answer to a copy: the client times out and retries': {
    operation: 'CopyObject',
    faults: [{ kind: 'hang' }],
    returns: routed,
    calls: [read, copy, copy],
    keys: served,
  },
  'a read that stalls half-way: the client times out and retries': {
    operation: 'GetObject',
    faults: [{ kind: 'stall', bytes: 300 }],
    returns: routed,
    calls: [read, read, copy],
    keys: served,
  },
  'another write of the same copy in progress (409), once: retried': {
    operation: 'CopyObject',
    faults: [conflict],
    returns: routed,
    calls: [read, copy, copy],
    keys: served,
  },
  'another write of the same copy in progress (409), three times: retried': {
    operation: 'CopyObject',
    faults: [conflict, conflict, conflict],
    returns: routed,
    calls: [read, ...times(4, copy)],
    keys: served,
  },
  'another write of the same copy in progress (409), each time': {
    operation: 'CopyObject',
    faults: [conflict],
    always: true,
    raises: raised('CopyObject', 'ConditionalRequestConflict', { status: 409 }),
    calls: [read, ...times(4, copy)],
    keys: untouched,
  },
};

t.test('each ends as expected', async (t) => {
  // Most of the time is spent waiting for the client's time-outs and pauses.
  t.jobs = 8;
  for (const [name, given] of Object.entries(cases)) t.test(name, (t) => run(t, given));
});

t.test('a failed deletion is repeated by the next attempt', async (t) => {
  const account = await startAccount(t);
  await account.put(source, toOne);
  let failing = 3;
  account.meet('DeleteObject', () => (failing-- > 0 ? internal : undefined));
  const { invoke, lines } = handlerOn(account, { deleteSource: true });
  await t.rejects(invoke(eventFor(source)), raised('DeleteObject', 'InternalError'));
  t.strictSame(account.keys(), [copyFor(one), source]);
  t.strictSame(await invoke(eventFor(source)), { ...alreadyRouted, deleted: true });
  t.strictSame(account.keys(), [copyFor(one)]);
  t.match(lines.at(-1), { outcome: 'skipped', deleted: true }, 'the line says so');
});

t.test('the function stops waiting and throws shortly before its time-out', async (t) => {
  const stuck: Record<string, [operation: string, fault: Fault, calls: string[], keys: string[]]> = {
    'for an answer': ['GetObject', { kind: 'hang' }, [read], untouched],
    'for the rest of an answer': ['GetObject', { kind: 'stall', bytes: 100 }, [read], untouched],
    'for a copy': ['CopyObject', { kind: 'hang' }, [read, copy], untouched],
  };
  for (const [name, [operation, fault, calls, keys]] of Object.entries(stuck)) {
    const account = await startAccount(t);
    await account.put(source, toOne);
    account.meet(operation, () => fault);
    const { invoke, lines } = handlerOn(account, { remaining: 1_000 });
    await t.rejects(invoke(eventFor(source)), { name: 'DeadlineError' }, name);
    t.strictSame(account.calls(), calls, name);
    t.strictSame(account.keys(), keys, name);
    t.match(lines, [{ Failed: 1, error: { name: 'DeadlineError' } }], name);
  }

  const account = await startAccount(t);
  await account.put(source, toOne);
  await t.rejects(handlerOn(account, { remaining: 0 }).invoke(eventFor(source)), { name: 'DeadlineError' });
  t.strictSame(account.keys(), untouched, 'when it is over before it begins');
});

t.test('the function stops also while the client pauses between two attempts', async (t) => {
  const account = await startAccount(t);
  await account.put(source, toOne);
  account.meet('GetObject', () => slowDown);
  await t.rejects(handlerOn(account, { remaining: 550 }).invoke(eventFor(source)), { name: 'DeadlineError' });
});
