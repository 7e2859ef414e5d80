/**
 * Turns at something that only so many may have at once.
 */
export class ConcurrencyLimit {
  #free: number;
  readonly #waiting: Array<() => void> = [];

  /** @param atOnce how many may have a turn at the same time */
  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** Does a piece of work when its turn has come, which may be at once; first come, first served. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }
}
