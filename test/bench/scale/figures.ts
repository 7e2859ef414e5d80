/**
 * From a simulation to the figures of its table.
 */
import { totalCost } from './cost.js';
import type { Counts } from './model/counts.js';
import type { Simulation, Usage } from './model/simulate.js';

/** Times to routed, seconds. */
export interface Times {
  p50: number;
  p99: number;
  last: number;
}

export interface Figures {
  mails: number;
  routed: number;
  left: number;
  /** Of the messages that were routed. */
  times: Times;
  counts: Counts;
  /** US dollars. */
  cost: number;
  /** The limit that was reached first, or the one that came nearest to being reached. */
  nearest: Usage;
  queuePeak: number;
}

/** A part of sorted values, by nearest rank. */
function rank(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** @param which of the messages, by the time of their arrival */
export function timesOf(
  { arrived, routed }: Pick<Simulation, 'arrived' | 'routed'>,
  which: (at: number) => boolean = () => true,
): Times {
  const taken = arrived
    .map((at, mail) => (which(at) ? (routed[mail] ?? Number.NaN) - at : Number.NaN))
    .filter((time) => !Number.isNaN(time));
  const sorted = Float64Array.from(taken).sort();
  return { p50: rank(sorted, 0.5), p99: rank(sorted, 0.99), last: rank(sorted, 1) };
}

export function nearestLimit(usage: Usage[]): Usage {
  const reached = usage.filter(({ fullAt }) => fullAt !== undefined);
  const [first] = reached.sort((a, b) => Number(a.fullAt) - Number(b.fullAt));
  const [most] = usage.toSorted((a, b) => b.share - a.share);
  return (first ?? most) as Usage;
}

export function figuresOf(simulation: Simulation): Figures {
  const { counts, usage, queue } = simulation;
  return {
    mails: counts.mails,
    routed: counts.routed,
    left: counts.left,
    times: timesOf(simulation),
    counts,
    cost: totalCost(counts),
    nearest: nearestLimit(usage),
    queuePeak: queue.peak,
  };
}
