/**
 * Random numbers from a seed: the same seed gives the same simulation.
 */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to less than 1. Mulberry32, in the public domain. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** The time between two events that come independently of each other. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  /** A time whose logarithm is normally distributed: most are near the median, a few much longer. */
  lognormal({ median, sigma }: Duration): number {
    if (sigma === 0) return median;
    const normal = Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
    return median * Math.exp(sigma * normal);
  }
}

/** A duration that varies. */
export interface Duration {
  /** Seconds. */
  median: number;
  /** The standard deviation of the logarithm; 0: always the median. At 0.5, one in a hundred takes 3.2 medians. */
  sigma: number;
}
