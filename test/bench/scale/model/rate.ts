/**
 * Limits of requests a second.
 */

/** How many seconds are kept: requests come in nearly the order of their times. */
const KEPT = 1024;

/** Counts requests by the second, and refuses those over the limit. */
export class RateLimit {
  readonly #second = new Float64Array(KEPT).fill(-1);
  readonly #count = new Float64Array(KEPT);
  #next = 0;
  /** The most in one second, refused ones included. */
  peak = 0;
  /** When the limit was first reached. */
  fullAt: number | undefined;
  refused = 0;

  /** @param limit requests a second */
  constructor(
    readonly name: string,
    public limit: number,
  ) {}

  /** The share of the limit that the busiest second took; over 1 when requests were refused or had to wait. */
  get usage(): number {
    return this.peak / this.limit;
  }

  /** @param at seconds since the start @returns false if it is over the limit */
  take(at: number): boolean {
    const second = Math.floor(at);
    const count = this.#add(second);
    if (count < this.limit) return true;
    // Calls that are made later in this second may have been counted before.
    this.fullAt = Math.min(this.fullAt ?? at, at);
    if (count === this.limit) return true;
    this.refused++;
    return false;
  }

  /** Takes the next free place. @returns how long to wait for it, seconds */
  wait(at: number): number {
    let second = Math.max(Math.floor(at), this.#next);
    while (this.#countOf(second) >= this.limit) {
      this.fullAt ??= at;
      second++;
    }
    this.#next = second;
    this.#add(second);
    return Math.max(0, second - at);
  }

  #countOf(second: number): number {
    const place = second % KEPT;
    return this.#second[place] === second ? (this.#count[place] as number) : 0;
  }

  #add(second: number): number {
    const place = second % KEPT;
    const count = this.#countOf(second) + 1;
    this.#second[place] = second;
    this.#count[place] = count;
    this.peak = Math.max(this.peak, count);
    return count;
  }
}
