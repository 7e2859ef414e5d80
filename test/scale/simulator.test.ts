/**
 * The simulator of the bench: figures that can be computed by hand.
 */
import { readFile } from 'node:fs/promises';
import t from 'tap';
import { capacities } from '../bench/scale/capacity.js';
import { days, volumes } from '../bench/scale/cases.js';
import { costOf } from '../bench/scale/cost.js';
import { nearestLimit, timesOf } from '../bench/scale/figures.js';
import { at, burst, poisson } from '../bench/scale/model/arrivals.js';
import { newCounts } from '../bench/scale/model/counts.js';
import type { Fault } from '../bench/scale/model/faults.js';
import { Random } from '../bench/scale/model/random.js';
import { RateLimit } from '../bench/scale/model/rate.js';
import { onAws, type Setup, withoutPauses } from '../bench/scale/model/setup.js';
import { simulate } from '../bench/scale/model/simulate.js';
import { Timeline } from '../bench/scale/model/timeline.js';
import { pollingFigures } from '../bench/scale/polling.js';
import { renderCapacities, renderDays } from '../bench/scale/report.js';

const day = 86_400;

/** AWS where each part takes exactly its time: a run takes a second, everything else none. */
function exact(): Setup & Required<Pick<Setup, 'retryQueue'>> {
  const { retryQueue, ...aws } = onAws();
  if (retryQueue === undefined) throw new Error('The stack has a retry queue by default.');
  const none = { median: 0, sigma: 0 };
  return {
    ...aws,
    eventBridge: { ...aws.eventBridge, delay: none, pause: () => 400 },
    lambda: { ...aws.lambda, start: none, overhead: { median: 1, sigma: 0 } },
    asynchronous: { ...aws.asynchronous, throttled: () => 1 },
    s3: { ...aws.s3, get: none, copy: none, retry: withoutPauses(aws.s3.retry), stored: () => 1 },
    retryQueue: { ...retryQueue, delay: 0 },
  };
}

const fault = (kind: Fault['kind'], from: number, to: number): Fault[] => [{ kind, from, to }];

const withoutQueue = ({ retryQueue: _, ...setup }: Setup): Setup => setup;

t.test('events happen in the order of their times, and of their planning', async (t) => {
  const timeline = new Timeline();
  const random = new Random(1);
  const planned = Array.from({ length: 500 }, (_, order) => ({ at: Math.floor(random.next() * 20), order }));
  const happened: typeof planned = [];
  for (const one of planned) timeline.at(one.at, () => happened.push(one));
  timeline.run(9);
  t.equal(timeline.now, 9);
  timeline.after(0, () => happened.push({ at: 9, order: 500 }));
  timeline.run();
  t.equal(happened.length, 501);
  const inOrder = [...happened].sort((a, b) => a.at - b.at || a.order - b.order);
  t.equal(JSON.stringify(happened), JSON.stringify(inOrder));
});

t.test('random numbers: the same seed, the stated mean', async (t) => {
  const draw = (seed: number) =>
    Array.from(
      { length: 20_000 },
      (
        (random) => () =>
          random.exponential(3)
      )(new Random(seed)),
    );
  t.equal(String(draw(7)), String(draw(7)));
  t.not(String(draw(7)), String(draw(8)));
  const mean = draw(7).reduce((sum, value) => sum + value, 0) / 20_000;
  t.ok(Math.abs(mean - 3) < 0.1, `${mean}`);
  const random = new Random(1);
  const times = Array.from({ length: 20_000 }, () => random.lognormal({ median: 2, sigma: 0.5 })).sort((a, b) => a - b);
  t.ok(Math.abs(Number(times[10_000]) - 2) < 0.05, 'the median');
  t.ok(Math.abs(Number(times[19_800]) / 2 - 3.2) < 0.2, 'one in a hundred takes 3.2 medians');
  const arrivals = [...poisson(1_000, 10 * day)(new Random(3))];
  t.ok(Math.abs(arrivals.length - 10_000) < 300, `${arrivals.length} messages in ten days`);
});

t.test('a limit of requests a second', async (t) => {
  const limit = new RateLimit('test', 2);
  t.strictSame(
    [0, 0.5, 0.9, 1, 1.1, 1.9].map((time) => limit.take(time)),
    [true, true, false, true, true, false],
  );
  t.strictSame([limit.peak, limit.refused, limit.usage], [3, 2, 1.5]);
  const queue = new RateLimit('test', 2);
  t.strictSame(
    [0.5, 0.5, 0.5, 0.5, 0.5].map((time) => queue.wait(time)),
    [0, 0, 0.5, 0.5, 1.5],
  );
  t.equal(queue.fullAt, 0.5);
});

t.test('the same seed gives the same figures; every message is routed or left', async (t) => {
  const run = (seed: number) => simulate(onAws(), poisson(50_000, day / 10), fault('role', 600, 4_200), seed);
  t.equal(JSON.stringify(run(1)), JSON.stringify(run(1)));
  t.notSame(run(1).counts, run(2).counts);
  for (const setup of [onAws(), withoutQueue(onAws())]) {
    const { counts, routed } = simulate(setup, poisson(50_000, day / 10), fault('role', 600, 4_200));
    t.equal(counts.routed + counts.left, counts.mails);
    t.equal(routed.filter((time) => !Number.isNaN(time)).length, counts.routed);
    t.equal(counts.left > 0, setup.retryQueue === undefined);
  }
});

t.test('concurrency: the throttled are tried again', async (t) => {
  const setup = exact();
  setup.lambda.concurrency = 10;
  const { counts, routed, usage } = simulate(setup, at(new Array(100).fill(0)));
  t.strictSame([counts.routed, counts.runs, counts.coldStarts], [100, 100, 10]);
  // Ten in each second, and one more try of all the others.
  t.equal(counts.throttles, 90 + 80 + 70 + 60 + 50 + 40 + 30 + 20 + 10);
  t.equal(Math.max(...routed), 10);
  t.match(nearestLimit(usage), { name: 'Lambda concurrency', share: 1, fullAt: 0 });
});

t.test('environments: a thousand at once, then a hundred a second', async (t) => {
  const setup = exact();
  setup.lambda.concurrency = 10_000;
  setup.lambda.overhead = { median: 1_000, sigma: 0 };
  setup.s3.writes = 10_000;
  const { counts, routed } = simulate(setup, at(new Array(1_500).fill(0)));
  t.equal(counts.coldStarts, 1_500);
  const started = routed.map((time) => time - 1_000);
  t.strictSame(
    [0, 1, 2, 5].map((second) => started.filter((time) => time <= second + 0.001).length),
    [1_000, 1_100, 1_200, 1_500],
  );
  const later = simulate(exact(), at([0, 200, 501.5]));
  t.equal(later.counts.coldStarts, 2, 'after five minutes without work it is gone');
});

t.test('a failed event: retries after one and two minutes, then the queue every three', async (t) => {
  const { counts, routed } = simulate(exact(), at([0]), fault('role', 0, 1_000));
  // At 0, 61 and 182 s, each a second long; then the queue has it: from 183 s every 180 s, until 1,083 s.
  t.equal(counts.attempts, 3 + 6);
  t.strictSame(routed, [183 + 5 * 180 + 1]);
  t.strictSame([counts.gets, counts.lists, counts.copies], [9, 8, 1]);
  t.equal(counts.sqs, 1 + 6 + 1, 'a send, six receives, a delete');
  const unaided = simulate(withoutQueue(exact()), at([0]), fault('role', 0, 1_000));
  t.match(unaided.counts, { attempts: 3, left: 1, routed: 0, sqs: 0 });
});

t.test('what EventBridge may not deliver goes to the queue at once', async (t) => {
  const { counts, routed } = simulate(exact(), at([0]), fault('permission', 0, day));
  t.match(counts, { deliveries: 1, attempts: 1, queued: 1, routed: 1 });
  t.strictSame(routed, [1]);
});

t.test('Lambda down: EventBridge tries for a day, 185 times', async (t) => {
  const { counts, routed } = simulate(exact(), at([0]), fault('lambda', 0, 3_600));
  t.strictSame([counts.deliveries, counts.queued, routed], [10, 0, [3_601]]);
  const setup = exact();
  const long = simulate(setup, at([0]), fault('lambda', 0, 2 * day));
  t.strictSame([long.counts.deliveries, long.counts.queued, long.counts.routed], [186, 1, 1]);
  setup.eventBridge.pause = () => 3_600;
  const slow = simulate(withoutQueue(setup), at([0]), fault('lambda', 0, 2 * day));
  t.match(slow.counts, { deliveries: 25, left: 1 }, 'or until it is a day old');
});

t.test('Lambda keeps an event for six hours', async (t) => {
  const setup = exact();
  setup.asynchronous.throttled = () => 300;
  setup.lambda.concurrency = 1;
  setup.lambda.overhead = { median: 30_000, sigma: 0 };
  const { counts, routed } = simulate(setup, at([0, 0]));
  t.match(counts, { queued: 1, routed: 2 });
  t.ok(Number(routed[1]) > 60_000, 'the second is run after the first, from the queue');
});

t.test('reserved concurrency 0: to the queue at once', async (t) => {
  const { counts, routed } = simulate(exact(), at([0]), fault('throttled', 0, 600));
  t.match(counts, { queued: 1, attempts: 1 });
  t.strictSame(routed, [721], 'the fourth time that it is visible');
});

t.test('the queue: batches of ten, two at a time; 14 days', async (t) => {
  const { counts, routed } = simulate(exact(), at(new Array(100).fill(0)), fault('permission', 0, 1));
  t.match(counts, { attempts: 100, routed: 100, queued: 100 });
  t.equal(Math.max(...routed), 6, 'the first two have one message each');
  const setup = exact();
  setup.retryQueue.visibility = day;
  const expired = simulate(setup, at([0]), fault('role', 0, 20 * day));
  t.match(expired.counts, { attempts: 3 + 14, left: 1, queued: 1 });
});

t.test('the queue has at most 120,000 messages in flight', async (t) => {
  const setup = exact();
  setup.retryQueue.inFlight = 10;
  const { counts, routed } = simulate(setup, at(new Array(20).fill(0)), [
    ...fault('permission', 0, 1),
    ...fault('role', 0, 100),
  ]);
  t.equal(counts.routed, 20);
  t.ok(Math.max(...routed) >= 180, 'the others wait until the first come back');
});

t.test('S3: calls over its rate are sent again; it splits a partition after a while', async (t) => {
  const setup = exact();
  setup.s3.writes = 10;
  setup.s3.split = 3;
  const split = simulate(setup, burst(400, 20));
  const { counts, usage } = split;
  t.equal(counts.routed, 400);
  t.ok(counts.failedCopies > 0 && counts.copies === counts.failedCopies + 400);
  t.equal(nearestLimit(usage).name, 'S3 writes');
  const fixed = simulate({ ...setup, s3: { ...setup.s3, split: Number.POSITIVE_INFINITY } }, burst(400, 20));
  t.ok(timesOf(fixed).last > timesOf(split).last);
  t.ok(fixed.counts.failedCopies > counts.failedCopies);
});

t.test("the SDK's retries: three sends, as long as its client has tokens", async (t) => {
  const setup = withoutQueue(exact());
  setup.asynchronous.pauses = [];
  const { counts } = simulate(setup, at([0]), fault('s3', 0, day));
  t.match(counts, { attempts: 1, gets: 3, failedGets: 3, left: 1 });
  // One environment: 500 tokens are 35 retries.
  const many = simulate(setup, at(Array.from({ length: 100 }, (_, second) => 2 * second)), fault('s3', 0, day));
  t.match(many.counts, { coldStarts: 1, attempts: 100, gets: 135 });
});

t.test('KMS: three requests a message, a hundredth with a Bucket Key', async (t) => {
  const kms = (operations: number, share: number) =>
    simulate({ ...exact(), kms: { operations, share } }, poisson(day, 2_000));
  const all = kms(10_000, 1);
  t.equal(all.counts.kms, 4 * all.counts.mails, "SES's own and the function's three");
  t.ok(kms(10_000, 0.01).counts.kms < 0.02 * all.counts.kms);
  const scarce = kms(6, 1);
  t.ok(scarce.counts.routed < scarce.counts.gets, 'throttled calls are sent again');
});

t.test('the cost, by hand', async (t) => {
  const counts = {
    ...newCounts(),
    ...{ routed: 1e6, attempts: 1e6, runs: 1e6, gigabyteSeconds: 1e6, gets: 2e6, failedGets: 1e6, copies: 1e6 },
    ...{ events: 2e6, sqs: 1e6, kms: 1e6, lists: 1e6 },
  };
  const rounded = Object.fromEntries(Object.entries(costOf(counts)).map(([name, value]) => [name, value.toFixed(3)]));
  t.strictSame(rounded, {
    lambda: (0.2 + 13.3334).toFixed(3),
    s3: (0.4 + 10 + 3.406 * 0.023).toFixed(3),
    eventBridge: '2.000',
    sqs: '0.400',
    kms: '3.000',
    logs: '0.530',
  });
});

t.test('times, by nearest rank', async (t) => {
  const arrived = [0, 0, 0, 10];
  const routed = [1, 2, Number.NaN, 40];
  t.strictSame(timesOf({ arrived, routed }), { p50: 2, p99: 30, last: 30 });
  t.strictSame(
    timesOf({ arrived, routed }, (time) => time < 5),
    { p50: 1, p99: 2, last: 2 },
  );
  t.strictSame(timesOf({ arrived: [0], routed: [Number.NaN] }), { p50: Number.NaN, p99: Number.NaN, last: Number.NaN });
});

t.test('waiting agents: as many listings as they fit into a minute, and what S3 refuses', async (t) => {
  const few = pollingFigures({ agents: 100, interval: 1, partitions: 1 });
  t.ok(
    few.perSecond > 88 && few.perSecond < 93,
    `${few.perSecond}: each takes a tenth of a second, and a pause of one`,
  );
  t.strictSame([few.refused, few.missed], [0, 0]);
  t.ok(few.found.last < 2.5);
  const many = pollingFigures({ agents: 10_000, interval: 1, partitions: 1 });
  t.ok(many.refused > 0);
  t.ok(many.found.p50 > few.found.p50);
  t.ok(many.perHour <= 5_500 * 3_600 * 0.000005 + 0.001, 'what S3 refuses is not billed');
});

t.test('docs/scaling.md has the figures of this model', async (t) => {
  const text = await readFile('docs/scaling.md', 'utf8');
  const small = volumes.filter((perDay) => perDay <= 10_000);
  // The heading of the table is the page's.
  for (const [, ...lines] of [renderCapacities(capacities()), renderDays(days(small))])
    for (const line of lines) t.ok(text.includes(`${line}\n`), line);
});
