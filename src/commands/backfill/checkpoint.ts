/**
 * How far a listing has been worked through when several parts of it are worked on at a time: where an interrupted run goes on from.
 */

/** A part of the listing that is being worked on. */
export interface Part {
  /** The last key of it. */
  last: string;
  done: boolean;
}

export class Watermark {
  #through: string | undefined;
  /** The parts under way and those done that lie behind one under way, in the listing's order. */
  #parts: Part[] = [];
  #stopped = false;

  /** @param through where the listing itself starts. */
  constructor(through?: string) {
    this.#through = through;
  }

  /** Every key up to this one is done with; undefined while there is none. */
  get through(): string | undefined {
    return this.#through;
  }

  /** Begins on the part of the listing that ends with this key. Parts are begun in the listing's order. */
  begin(last: string): Part {
    const part = { last, done: false };
    if (!this.#stopped) this.#parts.push(part);
    return part;
  }

  /** A part is done with. */
  end(part: Part): void {
    part.done = true;
    for (let first = this.#parts[0]; first?.done; first = this.#parts[0]) {
      this.#through = first.last;
      this.#parts.shift();
    }
  }

  /** A part failed: a later run has to go on from before it, whatever else gets done. */
  stopBefore(part: Part): void {
    const at = this.#parts.indexOf(part);
    if (at < 0) return;
    this.#parts.splice(at);
    this.#stopped = true;
  }
}
