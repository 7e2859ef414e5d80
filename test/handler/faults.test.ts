/**
 * Nothing is lost: whatever S3 does, a message is routed, or its event is raised for Lambda to try again, and the message is still there.
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
  'a message of 40 MB: its body stays in S3': {
    body: Buffer.concat([toOne, Buffer.alloc(40_000_000, 'x')]),
    returns: routed,
    calls: [read, copy],
    keys: served,
  },
  'throttled once: ridden out': {
    operation: 'GetObject',
    faults: [slowDown],
    returns: routed,
    calls: [read, read, copy],
    keys: served,
  },
  'throttled for ever': {
    operation: 'GetObject',
    faults: [slowDown],
    forEver: true,
    raises: raised('GetObject', 'SlowDown', { status: 503, attempts: 3 }),
    calls: times(3, read),
    keys: untouched,
  },
  'a copy throttled once: ridden out': {
    operation: 'CopyObject',
    faults: [slowDown],
    returns: routed,
    calls: [read, copy, copy],
    keys: served,
  },
  '500 twice: ridden out': {
    operation: 'GetObject',
    faults: [internal, internal],
    returns: routed,
    calls: [...times(3, read), copy],
    keys: served,
  },
  '500 for ever': {
    operation: 'CopyObject',
    faults: [internal],
    forEver: true,
    raises: raised('CopyObject', 'InternalError', { status: 500, attempts: 3 }),
    calls: [read, ...times(3, copy)],
    keys: untouched,
  },
  'an error inside a 200, once: ridden out': {
    operation: 'CopyObject',
    faults: [in200],
    returns: routed,
    calls: [read, copy, copy],
    keys: served,
  },
  'an error inside a 200, for ever': {
    operation: 'CopyObject',
    faults: [in200],
    forEver: true,
    raises: raised('CopyObject', 'InternalError', { attempts: 3 }),
    calls: [read, ...times(3, copy)],
    keys: untouched,
  },
  'a 200 with nothing in it, as of a copy that S3 did not end: ridden out': {
    operation: 'CopyObject',
    faults: [{ kind: 'answer', status: 200, body: '' }],
    returns: routed,
    calls: [read, copy, copy],
    keys: served,
  },
  'a connection closed before a read: ridden out': {
    operation: 'GetObject',
    faults: [{ kind: 'reset' }],
    returns: routed,
    calls: [read, read, copy],
    keys: served,
  },
  'connections closed before every read': {
    operation: 'GetObject',
    faults: [{ kind: 'reset' }],
    forEver: true,
    raises: raised('GetObject', 'ECONNRESET', { attempts: 3 }),
    calls: times(3, read),
    keys: untouched,
  },
  'a connection closed before a copy: ridden out': {
    operation: 'CopyObject',
    faults: [{ kind: 'reset' }],
    returns: routed,
    calls: [read, copy, copy],
    keys: served,
  },
  'a connection closed after a copy: it is found to be there': {
    operation: 'CopyObject',
    faults: [{ kind: 'lose-answer' }],
    returns: alreadyRouted,
    calls: [read, copy, copy],
    keys: served,
  },
  "a copy's answer that breaks off: it is found to be there": {
    operation: 'CopyObject',
    faults: [{ kind: 'cut', bytes: 60 }],
    returns: alreadyRouted,
    calls: [read, copy, copy],
    keys: served,
  },
  'a read that breaks off: ridden out': {
    operation: 'GetObject',
    faults: [{ kind: 'cut', bytes: 300 }],
    returns: routed,
    calls: [read, read, copy],
    keys: served,
  },
  'every read breaks off': {
    operation: 'GetObject',
    faults: [{ kind: 'cut', bytes: 300 }],
    forEver: true,
    raises: raised('GetObject', 'ECONNRESET'),
    calls: times(3, read),
    keys: untouched,
  },
  'no answer to a read: given up by the client, and tried again': {
    operation: 'GetObject',
    faults: [{ kind: 'hang' }],
    returns: routed,
    calls: [read, read, copy],
    keys: served,
  },
  'no answer to a copy: given up by the client, and tried again': {
    operation: 'CopyObject',
    faults: [{ kind: 'hang' }],
    returns: routed,
    calls: [read, copy, copy],
    keys: served,
  },
  'a read that falls silent half way: given up by the client, and tried again': {
    operation: 'GetObject',
    faults: [{ kind: 'stall', bytes: 300 }],
    returns: routed,
    calls: [read, read, copy],
    keys: served,
  },
  'another write of the same copy under way, once: 409, then routed': {
    operation: 'CopyObject',
    faults: [conflict],
    returns: routed,
    calls: [read, copy, copy],
    keys: served,
  },
  'three times': {
    operation: 'CopyObject',
    faults: [conflict, conflict, conflict],
    returns: routed,
    calls: [read, ...times(4, copy)],
    keys: served,
  },
  'for ever': {
    operation: 'CopyObject',
    faults: [conflict],
    forEver: true,
    raises: raised('CopyObject', 'ConditionalRequestConflict', { status: 409 }),
    calls: [read, ...times(4, copy)],
    keys: untouched,
  },
};

t.test('each ends right', async (t) => {
  // Much of it is waiting: for the client's time-outs, and for its pauses between two attempts.
  t.jobs = 8;
  for (const [name, given] of Object.entries(cases)) t.test(name, (t) => run(t, given));
});

t.test('a failed deletion is made good by the next attempt', async (t) => {
  const account = await startAccount(t);
  await account.put(source, toOne);
  let failing = 3;
  account.meet('DeleteObject', () => (failing-- > 0 ? internal : undefined));
  const { invoke } = handlerOn(account, { deleteSource: true });
  await t.rejects(invoke(eventFor(source)), raised('DeleteObject', 'InternalError'));
  t.strictSame(account.keys(), [copyFor(one), source]);
  t.strictSame(await invoke(eventFor(source)), alreadyRouted);
  t.strictSame(account.keys(), [copyFor(one)]);
});

t.test('shortly before the time-out the function gives up waiting, and raises', async (t) => {
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

t.test('while the client pauses between two attempts, too', async (t) => {
  const account = await startAccount(t);
  await account.put(source, toOne);
  account.meet('GetObject', () => slowDown);
  await t.rejects(handlerOn(account, { remaining: 550 }).invoke(eventFor(source)), { name: 'DeadlineError' });
});
