/**
 * A discrete-event simulation's clock: it jumps from one event to the next. No wall clock is read.
 */

/** What is to happen, and when. Events of the same time happen in the order in which they were planned. */
interface Planned {
  at: number;
  order: number;
  run(): void;
}

const before = (a: Planned, b: Planned) => a.at < b.at || (a.at === b.at && a.order < b.order);

export class Timeline {
  /** Seconds since the start. */
  now = 0;
  #order = 0;
  /** A binary heap: each event is before the two at twice its position. */
  readonly #heap: Planned[] = [];

  /** @param delay seconds from now */
  after(delay: number, run: () => void): void {
    this.at(this.now + delay, run);
  }

  /** @param at seconds since the start; not in the past */
  at(at: number, run: () => void): void {
    const planned = { at, order: this.#order++, run };
    const heap = this.#heap;
    let place = heap.push(planned) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above] as Planned;
      if (!before(planned, parent)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = planned;
  }

  /** Runs until nothing is planned, or until a time. @param end seconds since the start */
  run(end = Number.POSITIVE_INFINITY): void {
    for (let next = this.#heap[0]; next !== undefined && next.at <= end; next = this.#heap[0]) {
      this.#removeFirst();
      this.now = next.at;
      next.run();
    }
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop() as Planned;
    const { length } = heap;
    if (length === 0) return;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= length) break;
      if (below + 1 < length && before(heap[below + 1] as Planned, heap[below] as Planned)) below++;
      const child = heap[below] as Planned;
      if (!before(child, last)) break;
      heap[place] = child;
      place = below;
    }
    heap[place] = last;
  }
}
