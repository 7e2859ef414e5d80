/**
 * How far a listing has been processed while several parts of it are in progress: where to resume an interrupted run.
 */

/** A part of the listing that is in progress. */
export interface Part {
  /** The last key of it. */
  last: string;
  done: boolean;
}

export class Checkpoint {
  #through: string | undefined;
  /** The parts in progress, and finished ones after the first of them, in the listing's order. */
  #parts: Part[] = [];
  #stopped = false;

  /** @param through where the listing itself starts. */
  constructor(through?: string) {
    this.#through = through;
  }

  /** Every key up to this one is finished; undefined if there is none yet. */
  get through(): string | undefined {
    return this.#through;
  }

  /** Starts the part of the listing that ends with this key. Parts are started in the listing's order. */
  begin(last: string): Part {
    const part = { last, done: false };
    if (!this.#stopped) this.#parts.push(part);
    return part;
  }

  /** Marks a part as finished. */
  end(part: Part): void {
    part.done = true;
    for (let first = this.#parts[0]; first?.done; first = this.#parts[0]) {
      this.#through = first.last;
      this.#parts.shift();
    }
  }

  /** A part failed: a later run must resume before it, whatever else is finished. */
  stopBefore(part: Part): void {
    const at = this.#parts.indexOf(part);
    if (at < 0) return;
    this.#parts.splice(at);
    this.#stopped = true;
  }
}
