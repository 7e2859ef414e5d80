/**
 * Cases that are small enough for both: the simulator, and the embedded AWS, which runs the function itself in processes.
 */
import type { Fault } from '../model/faults.js';

/** How the clock moves: everything happens at a multiple of it. Seconds; the retry queue's visibility timeout is three steps. */
export const step = 60;

export interface Scenario {
  name: string;
  /** Seconds since the start, each a multiple of the step. */
  arrivals: number[];
  faults: Fault[];
  /** Of the function; unlimited when left out. */
  reservedConcurrency?: number;
  retryQueue: boolean;
}

/** Messages at whole steps: a few at each. */
function steady(messages: number, seconds: number): number[] {
  const steps = seconds / step;
  return Array.from({ length: messages }, (_, message) => Math.floor((message * steps) / messages) * step);
}

/** @param scale 1: as the bench runs them; less: fewer messages and shorter faults, for a test */
export function scenarios({ messages, minutes }: { messages: number; minutes: number }): Scenario[] {
  const seconds = minutes * 60;
  const fault = (kind: Fault['kind'], from: number, to: number): Fault[] => [{ kind, from, to }];
  const during = steady(messages, seconds);
  const both = (name: string, scenario: Omit<Scenario, 'name' | 'retryQueue'>): Scenario[] =>
    [true, false].map((retryQueue) => ({
      name: `${name}, ${retryQueue ? 'with' : 'without'} the queue`,
      ...scenario,
      retryQueue,
    }));
  return [
    ...both('steady', { arrivals: during, faults: [] }),
    ...both('burst, 2 reserved', { arrivals: during.map(() => 0), faults: [], reservedConcurrency: 2 }),
    ...both('EventBridge denied', { arrivals: during, faults: fault('permission', 0, seconds) }),
    ...both('role denied', { arrivals: during, faults: fault('role', 0, seconds) }),
    ...both('S3 answers 503', { arrivals: during, faults: fault('s3', 0, seconds / 3) }),
    ...both('throttled to 0', { arrivals: during, faults: fault('throttled', 0, seconds / 3) }),
  ];
}
