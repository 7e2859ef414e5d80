/**
 * Limits how much work runs at the same time.
 */
export class ConcurrencyLimit {
  #free: number;
  readonly #waiting: Array<() => void> = [];

  /** @param atOnce how many pieces of work may run at the same time */
  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** Runs a piece of work as soon as the limit allows, in the order of the calls. */
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
