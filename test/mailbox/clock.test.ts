import t from 'tap';
import { S3Clock } from '../../src/mailbox/clock.js';

const start = Date.parse('2026-01-31T12:00:00.000Z');

/** S3 answers, so much later than the request was sent, by a clock that is so much ahead. */
function answers(clock: S3Clock, time: { now: number }, ahead: number, takes = 100): void {
  const sent = time.now;
  time.now += takes;
  clock.observe(sent, new Date(time.now + ahead - takes / 2).toUTCString());
}

t.test('clocks that agree to the second are not corrected', async (t) => {
  for (const ahead of [-900, -400, 0, 400, 900]) {
    const time = { now: start + 500 };
    const clock = new S3Clock(() => time.now);
    t.equal(clock.ahead, 0, 'before the first answer');
    answers(clock, time, ahead);
    t.ok(Math.abs(clock.ahead - ahead) <= 1_100, `${clock.ahead}`);
  }
});

t.test('each answer narrows the difference down; the estimate is never too late', async (t) => {
  for (const ahead of [-3_600_000, -3_000, 3_000, 60_000, 3_600_000]) {
    const time = { now: start + 321 };
    const clock = new S3Clock(() => time.now);
    let before = Number.NEGATIVE_INFINITY;
    for (let n = 0; n < 20; n++) {
      answers(clock, time, ahead);
      time.now += 237;
      t.ok(clock.ahead <= ahead && clock.ahead >= ahead - 1_100, `${clock.ahead} of ${ahead}`);
      t.ok(clock.ahead >= before);
      before = clock.ahead;
    }
    t.ok(before > ahead - 300, `${before} of ${ahead}`);
  }
});

t.test('a changed clock is followed', async (t) => {
  const time = { now: start };
  const clock = new S3Clock(() => time.now);
  answers(clock, time, 60_000);
  time.now += 60_000;
  answers(clock, time, 0);
  t.equal(clock.ahead, 0);
});

t.test('an answer without a Date header is ignored', async (t) => {
  const clock = new S3Clock(() => start);
  clock.observe(start, undefined);
  clock.observe(start, 'yesterday');
  t.equal(clock.ahead, 0);
});
