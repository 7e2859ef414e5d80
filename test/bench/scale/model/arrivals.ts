/**
 * When mail arrives.
 */
import type { Random } from './random.js';

/** Yields the times of arrival in their order, seconds since the start. */
export type Arrivals = (random: Random) => Iterable<number>;

/** Independent messages, at a rate. @param perDay how many a day, on average @param seconds for how long */
export function poisson(perDay: number, seconds: number): Arrivals {
  return function* (random) {
    const mean = 86_400 / perDay;
    for (let at = random.exponential(mean); at < seconds; at += random.exponential(mean)) yield at;
  };
}

/** A number of messages at once: spread evenly over a few seconds. */
export function burst(messages: number, seconds: number, from = 0): Arrivals {
  return function* () {
    for (let message = 0; message < messages; message++) yield from + (message * seconds) / messages;
  };
}

/** Times that are given. */
export function at(times: number[]): Arrivals {
  return () => times;
}
