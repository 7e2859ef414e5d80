/**
 * The embedded AWS's work that outlives the request which caused it: event deliveries and asynchronous invocations.
 */

/** Keeps count of work under way, so that a test can wait for the end of it. */
export class Activity {
  readonly #underWay = new Map<symbol, string>();
  readonly #waiting = new Set<() => void>();

  /**
   * Counts a piece of work until its promise ends, either way.
   * @param what words for it, shown when the wait for it runs out of time: `invocation of agentkeys-ses-routing`
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
   * Resolves when nothing is under way.
   * @param timeoutMs how long to wait, milliseconds
   * @throws {Error} at the deadline, naming what is still under way
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
