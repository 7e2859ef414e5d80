/**
 * The same scenario on both: what each counts, and the difference in percent.
 */
import { timesOf } from '../figures.js';
import { at } from '../model/arrivals.js';
import { onEmbeddedAws } from '../model/setup.js';
import { simulate } from '../model/simulate.js';
import type { Scenario } from './scenarios.js';

/** What is compared. */
export interface Quantities {
  /** Messages that have their copy, and that have none. */
  routed: number;
  left: number;
  /** How often the function tried a message. */
  attempts: number;
  /** Runs of the function: batches of the retry queue are one. */
  runs: number;
  /** S3's calls, of the function. */
  gets: number;
  copies: number;
  lists: number;
  /** Events that went to the retry queue. */
  queued: number;
  /** From a message's put to its copy; seconds of the clock. NaN if none was routed. */
  p50: number;
  p99: number;
  last: number;
}

export interface Comparison {
  scenario: string;
  simulated: Quantities;
  embedded: Quantities;
}

/** The scenario in the simulator. */
export function simulated({ arrivals, faults, reservedConcurrency, retryQueue }: Scenario): Quantities {
  const { retryQueue: queue, ...aws } = onEmbeddedAws();
  const setup = { ...aws, lambda: { ...aws.lambda, concurrency: reservedConcurrency ?? aws.lambda.concurrency } };
  const simulation = simulate(queue && retryQueue ? { ...setup, retryQueue: queue } : setup, at(arrivals), faults);
  const { routed, left, attempts, runs, gets, copies, lists, queued } = simulation.counts;
  return { routed, left, attempts, runs, gets, copies, lists, queued, ...timesOf(simulation) };
}

/** In percent of what the embedded AWS has; 0 where both have none. */
export function difference(simulated: number, embedded: number): number {
  if (simulated === embedded || (Number.isNaN(simulated) && Number.isNaN(embedded))) return 0;
  return ((simulated - embedded) / embedded) * 100;
}
