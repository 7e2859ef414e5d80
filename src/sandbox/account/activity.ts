/**
 * Work that continues after the request that caused it: event deliveries and asynchronous invocations.
 */

/** Tracks work in progress, so that a test can wait for its end. */
export class Activity {
  readonly #underWay = new Map<symbol, string>();
  readonly #waiting = new Set<() => void>();

  /**
   * Tracks work until its promise settles.
   * @param what a description, shown when waiting for it times out: `invocation of agentkeys-ses-routing`
   * @returns the same outcome as `work`
   */
  async track<T>(what: string, work: Promise<T>): Promise<T> {
    const id = Symbol(what);
    this.#underWay.set(id, what);
    try {
      return await work;
    } finally {
      this.#underWay.delete(id);
      if (this.#underWay.size === 0) for (const resume of [...this.#waiting]) resume();
    }
  }

  /**
   * Resolves when no work is in progress.
   * @param timeoutMs how long to wait, milliseconds
   * @throws {Error} at the deadline, naming what is still in progress
   */
  async settled(timeoutMs: number): Promise<void> {
    if (this.#underWay.size === 0) return;
    await new Promise<void>((resolve, reject) => {
      const resume = () => {
        clearTimeout(timer);
        this.#waiting.delete(resume);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(resume);
        reject(new Error(`Still under way after ${timeoutMs} ms: ${[...this.#underWay.values()].join('; ')}.`));
      }, timeoutMs);
      this.#waiting.add(resume);
    });
  }
}
