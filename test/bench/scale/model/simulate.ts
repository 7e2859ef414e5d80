/**
 * Simulates the path of mail: S3, EventBridge, Lambda's asynchronous queue, the function, and the retry queue.
 */
import type { Arrivals } from './arrivals.js';
import { type Counts, newCounts } from './counts.js';
import { Delivery } from './delivery.js';
import { type Fault, Faults } from './faults.js';
import { LambdaFunction } from './function.js';
import { Random } from './random.js';
import { RetryQueue } from './retry-queue.js';
import { S3 } from './s3.js';
import type { Setup } from './setup.js';
import { Timeline } from './timeline.js';

/** How much of a limit was used. */
export interface Usage {
  name: string;
  /** Of its limit, in the busiest second; 1: all of it. */
  share: number;
  /** When the limit was first reached, seconds since the start. */
  fullAt: number | undefined;
}

export interface Simulation {
  counts: Counts;
  /** For each message: when SES first stored it, and when it was routed, seconds since the start; NaN if it was not. */
  arrived: number[];
  routed: number[];
  usage: Usage[];
  /** The most events that waited in the retry queue, and when it was last empty again. */
  queue: { peak: number; emptyAt: number | undefined };
}

/** @param seed the same seed gives the same result */
export function simulate(setup: Setup, arrivals: Arrivals, windows: Fault[] = [], seed = 1): Simulation {
  const timeline = new Timeline();
  const random = new Random(seed);
  const faults = new Faults(windows);
  const counts = newCounts();
  const arrived: number[] = [];
  const routed: number[] = [];
  const s3 = new S3(setup, random, faults, counts);
  const lambda = new LambdaFunction(setup, timeline, random, faults, s3, counts);
  const ended = (mail: number, success: boolean) => {
    if (success) {
      counts.routed++;
      routed[mail] = timeline.now;
    } else counts.left++;
  };
  const queue = setup.retryQueue && new RetryQueue(setup.retryQueue, timeline, lambda, counts, ended);
  const delivery = new Delivery(
    setup,
    timeline,
    random,
    faults,
    lambda,
    counts,
    (mail) => ended(mail, true),
    (mail) => (queue ? queue.send(mail) : ended(mail, false)),
  );

  // A generator of its own: the arrivals are the same whatever else is simulated.
  const times = arrivals(new Random(seed + 1))[Symbol.iterator]();
  const store = (mail: number) => {
    if (s3.put(timeline.now)) delivery.created(mail);
    else timeline.after(setup.s3.stored(random), () => store(mail));
  };
  const plan = () => {
    const { value, done } = times.next();
    if (done) return;
    timeline.at(value, () => {
      const mail = arrived.push(value) - 1;
      routed.push(Number.NaN);
      store(mail);
      plan();
    });
  };
  plan();
  timeline.run();

  const limits = [s3.writes, s3.reads, s3.kms, delivery.invocations];
  return {
    counts,
    arrived,
    routed,
    usage: [
      ...limits.map(({ name, usage, fullAt }) => ({ name, share: usage, fullAt })),
      { name: 'Lambda concurrency', share: lambda.peak / setup.lambda.concurrency, fullAt: lambda.fullAt },
      ...(queue ? [{ name: 'retry pollers', share: queue.fullAt === undefined ? 0 : 1, fullAt: queue.fullAt }] : []),
    ],
    queue: { peak: queue?.peak ?? 0, emptyAt: queue?.emptyAt },
  };
}
