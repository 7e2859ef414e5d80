/**
 * How far a listing has been processed while several parts of it are in progress: where to resume an interrupted run.
 */

/** A part of the listing that is in progress. */
export interface Part {
  /** The last key before it; undefined if it is at the beginning. */
  after: string | undefined;
  /** The last key of it. */
  last: string;
  done: boolean;
}

export class Checkpoint {
  #through: string | undefined;
  /** The last key of the part that was started last. */
  #last: string | undefined;
  /** The parts in progress, and finished ones after the first of them, in the listing's order. */
  #parts: Part[] = [];
  #stopped = false;
  /** The first part that failed for good. */
  #failed: Part | undefined;

  /** @param through where the listing itself starts. */
  constructor(through?: string) {
    this.#through = through;
    this.#last = through;
  }

  /** Every key up to this one is finished; undefined if there is none yet. */
  get through(): string | undefined {
    return this.#through;
  }

  /** Where a run starts that tries again what failed for good; undefined if a run from `through` does, or if nothing failed so. */
  get retry(): Pick<Part, 'after'> | undefined {
    return this.#failed;
  }

  /** Starts the part of the listing that ends with this key. Parts are started in the listing's order. */
  begin(last: string): Part {
    const part = { after: this.#last, last, done: false };
    this.#last = last;
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

  /** A part failed, and would fail again: a later run resumes after it. */
  fail(part: Part): void {
    const at = this.#parts.indexOf(part);
    // What is not among them comes after a part that stopped the checkpoint.
    if (at < 0) return;
    const known = this.#failed && this.#parts.indexOf(this.#failed);
    // -1: it is finished, as is all before it.
    if (known === undefined || at < known) this.#failed = part;
    this.end(part);
  }

  /** A part failed: a later run must resume before it, whatever else is finished. */
  stopBefore(part: Part): void {
    const at = this.#parts.indexOf(part);
    if (at < 0) return;
    const dropped = this.#parts.splice(at);
    if (this.#failed !== undefined && dropped.includes(this.#failed)) this.#failed = undefined;
    this.#stopped = true;
  }
}
