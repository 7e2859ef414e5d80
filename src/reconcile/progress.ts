/**
 * The progress of entries that are applied side by side, told one entry after another in the plan's order: the screen has one step at a
 * time, and is the same in each run.
 */
import type { Entry } from './plan.js';

/** Receives the progress: of one entry from its start to its end, then of the next one. */
export interface Progress {
  start(entry: Entry): void;
  /** AWS is not ready for its next call. @param what completes "waiting for …" */
  waiting(what: string): void;
  done(entry: Entry): void;
  /** AWS denied an optional call of it; the rest of the plan goes on. @param meaning what is missing now */
  denied(entry: Entry, meaning: string, error: unknown): void;
  /** It has changed, by someone else or by a call whose response was lost: it is read and planned again. */
  again(entry: Entry): void;
  failed(entry: Entry): void;
}

export interface OrderedProgress {
  /** @param ends whether nothing follows of the entry */
  tell(entry: Entry, event: (progress: Progress) => void, ends?: boolean): void;
  /** Tells what is left, when nothing is under way any more. */
  end(): void;
}

/** @param entries in the order in which they are told; of one that was not begun, nothing is. */
export function inOrder(entries: readonly Entry[], progress: Progress): OrderedProgress {
  let held: Array<{ of: Entry; event: (progress: Progress) => void }> = [];
  const ended = new Set<Entry>();
  const flush = (entry: Entry) => {
    const due = held.filter(({ of }) => of === entry);
    held = held.filter(({ of }) => of !== entry);
    for (const { event } of due) event(progress);
  };
  let next = 0;
  return {
    tell(entry, event, ends = false) {
      held.push({ of: entry, event });
      if (ends) ended.add(entry);
      for (let told = entries[next]; told !== undefined; told = entries[next]) {
        flush(told);
        if (!ended.has(told)) return;
        next += 1;
      }
    },
    end() {
      for (const entry of entries) flush(entry);
    },
  };
}
