/**
 * A bound on how many calls are under way at a time.
 */
export class Limit {
  private readonly waiting: Array<() => void> = [];
  private running = 0;

  /** @param most 1 or more. */
  constructor(private readonly most: number) {}

  /**
   * Runs `work` when fewer than the maximum are running, in the order of the calls.
   *
   * @throws what `work` throws.
   */
  async run<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.running >= this.most) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running += 1;
    try {
      return await work();
    } finally {
      // The next one takes this place.
      const next = this.waiting.shift();
      if (next === undefined) this.running -= 1;
      else next();
    }
  }
}
