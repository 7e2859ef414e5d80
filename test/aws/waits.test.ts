import t from 'tap';
import { NotYet, systemClock, until, type Wait, WaitDeadlineError } from '../../src/aws/waits.js';
import { quickClock } from '../support/operator.js';

/** A wait on a clock of its own, which records the reports and the pauses. */
function waiting(more: Partial<Wait> = {}) {
  const clock = quickClock();
  const pauses: number[] = [];
  const reported: string[] = [];
  const wait: Wait = {
    clock: {
      now: clock.now,
      sleep: (milliseconds, signal) => {
        pauses.push(milliseconds);
        return clock.sleep(milliseconds, signal);
      },
    },
    signal: new AbortController().signal,
    deadline: 20_000,
    onWaiting: (what) => reported.push(what),
    ...more,
  };
  return { wait, pauses, reported };
}

t.test('an immediate answer: no pause and no report', async (t) => {
  const { wait, pauses, reported } = waiting();
  t.equal(await until(wait, async () => 'there'), 'there');
  t.strictSame({ pauses, reported }, { pauses: [], reported: [] });
});

t.test('pauses double up to 4 s, and the reason for waiting is reported once', async (t) => {
  const { wait, pauses, reported } = waiting();
  let attempts = 0;
  t.equal(await until(wait, async () => (++attempts < 8 ? new NotYet('a thing') : attempts)), 8);
  t.strictSame(pauses, [250, 500, 1_000, 2_000, 4_000, 4_000, 4_000]);
  t.strictSame(reported, ['a thing']);
});

t.test("a deadline, with AWS's last answer where there is one", async (t) => {
  const cases: Array<[cause: unknown, message: string]> = [
    [undefined, 'Timed out after 20 s waiting for a thing.'],
    [new Error('Not now.'), "Timed out after 20 s waiting for a thing. AWS's last answer: Not now."],
  ];
  for (const [cause, message] of cases) {
    const { wait, pauses } = waiting();
    const error = await until(wait, async () => new NotYet('a thing', cause)).catch((thrown: unknown) => thrown);
    t.type(error, WaitDeadlineError);
    t.match(error, { name: 'WaitDeadlineError', message, cause });
    t.strictSame(pauses.reduce((sum, pause) => sum + pause, 0) <= 20_000, true, 'the last pause does not go past it');
  }
});

t.test('any error ends it immediately', async (t) => {
  const { wait, pauses } = waiting();
  const broken = new Error('broken');
  await t.rejects(
    until(wait, () => Promise.reject(broken)),
    broken,
  );
  t.strictSame(pauses, []);
});

t.test('Ctrl-C ends a pause', async (t) => {
  const interrupt = new AbortController();
  const { wait } = waiting({ signal: interrupt.signal, clock: systemClock, onWaiting: () => interrupt.abort() });
  await t.rejects(
    until(wait, async () => new NotYet('a thing')),
    { name: 'AbortError' },
  );
});

t.test("the machine's own clock", async (t) => {
  const before = Date.now();
  await systemClock.sleep(1, new AbortController().signal);
  t.ok(systemClock.now() >= before);
});
