/**
 * A message that is replaced while it is routed, with `--delete-source`: what was read is what is copied and deleted. The embedded AWS
 * answers as S3 does, and both the function's own client and the uploaded bundle are tried.
 */
import t, { type Test } from 'tap';
import type { Fault } from '../../src/sandbox/index.js';
import { type Account, eventFor, handlerOn, startAccount } from './account.js';
import { environmentOf, invoke, unpack } from './bundle.js';
import { copy, copyFor, one, read, source, times, toAll, toOne, two } from './failing.js';
import { bytesOf } from './messages.js';

const toTwo = Buffer.from(toOne.toString('latin1').replaceAll(one, two), 'latin1');
const login = bytesOf('magic-link.eml');
const remove = 'DeleteObject';

/** Puts another message in the place of the first, as somebody else. */
const replaceWith =
  (body: Buffer) =>
  async (account: Account): Promise<undefined> => {
    await account.put(source, body);
    return undefined;
  };
/** Copies the message to a key, as another invocation does. */
const copiedTo = (wallet: string) => async (account: Account) => {
  await account.put(copyFor(wallet), toOne);
  return undefined;
};
const then =
  (...steps: Array<(account: Account) => Promise<undefined>>) =>
  async (account: Account) => {
    for (const step of steps) await step(account);
    return undefined;
  };
const deleted = async ({ sandbox, settings }: Account): Promise<undefined> => {
  sandbox.state.s3.buckets.get(settings.bucket)?.objects.delete(source);
};
const unexplained: Fault = { kind: 'refuse', code: 'PreconditionFailed', status: 412 };
const explainedBy = (Condition: string): Fault => ({ ...unexplained, fields: { Condition } });

interface Case {
  body?: string | Buffer;
  /** What happens before each call of an operation. */
  before: Record<string, Array<Fault | ((account: Account) => Promise<undefined>)>>;
  returns?: object;
  raises?: object;
  calls: string[];
  keys: string[];
  /** The body that is in `inbound/` afterwards. */
  kept?: Buffer;
}

const routedTo = (wallet: string) => ({ outcome: 'routed', wallets: [wallet], by: 'envelope' });
const alreadyRouted = { outcome: 'skipped', reason: 'already-routed' };
const preconditionFailed = (operation: string) => ({
  name: 'S3CallError',
  message: new RegExp(`^${operation} failed: PreconditionFailed, HTTP status 412`),
});

const cases: Record<string, Case> = {
  'the copy exists: the message was routed, and is deleted': {
    before: { CopyObject: [copiedTo(one)] },
    returns: alreadyRouted,
    calls: [read, copy, remove],
    keys: [copyFor(one)],
  },
  'replaced before the copy by mail for another wallet: that is routed': {
    before: { CopyObject: [replaceWith(toTwo)] },
    returns: routedTo(two),
    calls: [read, copy, read, copy, remove],
    keys: [copyFor(two)],
  },
  'replaced before the copy by login mail: that stays': {
    before: { CopyObject: [replaceWith(login)] },
    returns: { outcome: 'skipped', reason: 'not-a-routed-address' },
    calls: [read, copy, read],
    keys: [source],
    kept: login,
  },
  'replaced before the copy, and there is a copy of the first: the second is not deleted': {
    before: { CopyObject: [then(copiedTo(one), replaceWith(Buffer.concat([toOne, Buffer.from('another')])))] },
    returns: alreadyRouted,
    calls: [read, copy, read, copy],
    keys: [copyFor(one), source],
    kept: Buffer.concat([toOne, Buffer.from('another')]),
  },
  'replaced before each copy: it fails for a retry': {
    before: { CopyObject: [replaceWith(toTwo), replaceWith(toOne), replaceWith(toTwo)] },
    raises: preconditionFailed('CopyObject'),
    calls: [read, copy, read, copy, read, copy],
    keys: [source],
    kept: toTwo,
  },
  'a 412 without a reason, once: read and decided again': {
    before: { CopyObject: [unexplained] },
    returns: routedTo(one),
    calls: [read, copy, read, copy, remove],
    keys: [copyFor(one)],
  },
  'a 412 without a reason, then the copy exists: the message is kept': {
    before: { CopyObject: [unexplained, copiedTo(one)] },
    returns: alreadyRouted,
    calls: [read, copy, read, copy],
    keys: [copyFor(one), source],
    kept: toOne,
  },
  'a 412 without a reason, again and again: it fails for a retry': {
    before: { CopyObject: [unexplained, unexplained, unexplained] },
    raises: preconditionFailed('CopyObject'),
    calls: [read, copy, read, copy, read, copy],
    keys: [source],
    kept: toOne,
  },
  'a 412 for a condition that was not set: it fails for a retry': {
    before: { CopyObject: Array(3).fill(explainedBy('If-Match')) },
    raises: preconditionFailed('CopyObject'),
    calls: [read, copy, read, copy, read, copy],
    keys: [source],
    kept: toOne,
  },
  'the copy exists, in the spelling of another S3': {
    before: { CopyObject: [explainedBy('if-none-match')] },
    returns: alreadyRouted,
    calls: [read, copy, remove],
    keys: [],
  },
  'replaced between the copy and the deletion: the second stays': {
    before: { DeleteObject: [replaceWith(toTwo)] },
    returns: routedTo(one),
    calls: [read, copy, remove],
    keys: [copyFor(one), source],
    kept: toTwo,
  },
  'deleted between the copy and the deletion': {
    before: { DeleteObject: [deleted] },
    returns: routedTo(one),
    calls: [read, copy, remove, 'ListObjectsV2'],
    keys: [copyFor(one)],
  },
  'a deletion that meets another write (409): sent again': {
    before: { DeleteObject: [{ kind: 'refuse', code: 'ConditionalRequestConflict', status: 409 }] },
    returns: routedTo(one),
    calls: [read, copy, remove, remove],
    keys: [copyFor(one)],
  },
  'replaced between two ranges of its header: read anew': {
    body: `X-Filler: ${'x'.repeat(3000)}\r\n${toAll(one)}`,
    before: { 'GetObject bytes=2048-4095': [replaceWith(toTwo)] },
    returns: routedTo(two),
    calls: [read, 'GetObject bytes=2048-4095', read, copy, remove],
    keys: [copyFor(two)],
  },
  'replaced between two ranges, again and again: it fails for a retry': {
    body: `X-Filler: ${'x'.repeat(3000)}\r\n${toAll(one)}`,
    before: {
      'GetObject bytes=2048-4095': ['a', 'b', 'c'].map((filler) =>
        replaceWith(Buffer.from(`X-Filler: ${filler.repeat(3000)}\r\n${toAll(one)}`)),
      ),
    },
    raises: preconditionFailed('GetObject'),
    calls: times(3, read).flatMap((first) => [first, 'GetObject bytes=2048-4095']),
    keys: [source],
  },
};

/** Sets the scene for a case, has the event handled, and looks at where everything is afterwards. */
async function play(
  t: Test,
  { body = toOne, before, ...expected }: Case,
  run: (account: Account) => Promise<{ outcome?: unknown; error?: unknown }>,
): Promise<void> {
  const account = await startAccount(t);
  await account.put(source, body);
  for (const [call, steps] of Object.entries(before)) {
    const left = [...steps];
    const [operation = '', range] = call.split(' ');
    account.meet(operation, async ({ input }) => {
      if (range !== undefined && Object(input).headers.range !== range) return undefined;
      const step = left.shift();
      return typeof step === 'function' ? step(account) : step;
    });
  }
  const { outcome, error } = await run(account);
  if (expected.returns) t.match(outcome, expected.returns, 'returned');
  else t.match(error, expected.raises, 'raised');
  t.strictSame(account.calls(), expected.calls, 'the calls');
  t.strictSame(account.keys(), expected.keys, 'the keys');
  const left = account.sandbox.state.s3.buckets.get(account.settings.bucket)?.objects.get(source)?.body;
  if (expected.kept) t.equal(left?.toString('latin1'), expected.kept.toString('latin1'), 'what is in inbound/');
}

t.test("with the function's own client", async (t) => {
  t.jobs = 4;
  for (const [name, given] of Object.entries(cases)) {
    t.test(name, (t) =>
      play(t, given, (account) =>
        handlerOn(account, { deleteSource: true })
          .invoke(eventFor(source))
          .then(
            (outcome) => ({ outcome }),
            (error) => ({ error }),
          ),
      ),
    );
  }
});

t.test('with the uploaded bundle', async (t) => {
  t.jobs = 4;
  const module = await unpack(t);
  for (const [name, given] of Object.entries(cases)) {
    t.test(name, (t) =>
      play(t, given, async (account) => {
        const ended = await invoke(module, eventFor(source), { ...environmentOf(account), DELETE_SOURCE: 'true' });
        t.equal(ended.stderr, '');
        return ended;
      }),
    );
  }
});

t.test('a 412 inside a 200', async (t) => {
  const within = (fields?: Record<string, string>): Fault => ({
    kind: 'error-in-200',
    code: 'PreconditionFailed',
    ...(fields && { fields }),
  });
  const always = (fault: Fault) => ({ CopyObject: Array(9).fill(fault) });
  const run = (account: Account) =>
    handlerOn(account, { deleteSource: true })
      .invoke(eventFor(source))
      .then(
        (outcome) => ({ outcome }),
        (error) => ({ error }),
      );
  t.jobs = 2;
  // The client tries each copy three times: an error inside a 200 is one of S3's own.
  t.test('that names the copy: routed before', (t) =>
    play(
      t,
      {
        before: always(within({ Condition: 'If-None-Match' })),
        returns: alreadyRouted,
        calls: [read, ...times(3, copy), remove],
        keys: [],
      },
      run,
    ),
  );
  t.test('that names nothing: it fails for a retry', (t) =>
    play(
      t,
      {
        before: always(within()),
        raises: { operation: 'CopyObject', code: 'PreconditionFailed' },
        calls: times(3, read).flatMap((first) => [first, ...times(3, copy)]),
        keys: [source],
        kept: toOne,
      },
      run,
    ),
  );
});
