/**
 * What is simulated for docs/scaling.md: days and bursts.
 */
import { totalCost } from './cost.js';
import { type Figures, figuresOf } from './figures.js';
import { burst, poisson } from './model/arrivals.js';
import { onAws, type Setup } from './model/setup.js';
import { simulate } from './model/simulate.js';

/** A day's mail, and its figures. */
export interface Day {
  perDay: number;
  /** Simulated days: the counts are of all of them. */
  days: number;
  figures: Figures;
}

/** No more messages than this are simulated for a day's figures: more do not change them. */
const mostMessages = 200_000;

/** Lambda's long polling of the empty retry queue, a day: docs/operations.md. */
const emptyReceives = 650_000 / 30;

/** How many messages a day. */
export const volumes = [10, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];

export function days(perDays: number[]): Day[] {
  return perDays.map((perDay) => {
    // A few messages a day take many days to give a percentile.
    const days = Math.min(100, 10_000 / perDay, mostMessages / perDay) || 1;
    const length = perDay > mostMessages ? mostMessages / perDay : Math.max(1, days);
    const figures = figuresOf(simulate(onAws(), poisson(perDay, length * 86_400)));
    figures.counts.sqs += emptyReceives * length;
    return { perDay, days: length, figures: { ...figures, cost: totalCost(figures.counts) } };
  });
}

/** A setting or a quota that differs from the default. */
export interface Variant {
  name: string;
  change(setup: Setup): Setup;
}

const concurrency = (limit: number) => (setup: Setup) => ({
  ...setup,
  lambda: { ...setup.lambda, concurrency: limit },
});

const partitions = (number: number) => (setup: Setup) => ({
  ...setup,
  s3: { ...setup.s3, reads: setup.s3.reads * number, writes: setup.s3.writes * number },
});

const encrypted = (operations: number, share: number) => (setup: Setup) => ({ ...setup, kms: { operations, share } });

export const burstVariants: Variant[] = [
  { name: 'defaults', change: (setup) => setup },
  { name: '--reserved-concurrency 500', change: concurrency(500) },
  { name: '--reserved-concurrency 100', change: concurrency(100) },
  { name: '--reserved-concurrency 10', change: concurrency(10) },
  { name: "the account's concurrency 3,000", change: concurrency(3_000) },
  { name: 'the bucket in 4 partitions', change: partitions(4) },
  { name: 'both', change: (setup) => partitions(4)(concurrency(3_000)(setup)) },
  { name: 'a KMS key, 10,000 a second', change: encrypted(10_000, 1) },
  { name: 'the same with a Bucket Key', change: encrypted(10_000, 0.01) },
];

export interface Burst {
  variant: string;
  figures: Figures;
}

/** A hundred thousand messages in ten seconds. */
export function bursts(): Burst[] {
  return burstVariants.map(({ name, change }) => ({
    variant: name,
    figures: figuresOf(simulate(change(onAws()), burst(100_000, 10))),
  }));
}
