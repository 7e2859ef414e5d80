/**
 * Works on a plan's entries, each as soon as those that it waits for are complete.
 */

/** How it ended; each list in the plan's order. */
export interface Outcome<Entry> {
  complete: Entry[];
  failures: Array<{ entry: Entry; error: unknown }>;
  /** Not begun, because of a failure. */
  remaining: Entry[];
}

/**
 * After a failure no other entry is begun; those under way are completed.
 *
 * @param waitsFor whether an entry has to wait for one that precedes it.
 * @param work.begin called at once when an entry's turn has come; if it throws, the entry fails, and no other one has its turn.
 * @returns when nothing is under way any more; it never rejects.
 */
export async function sideBySide<Entry>(
  entries: readonly Entry[],
  waitsFor: (entry: Entry, earlier: Entry) => boolean,
  work: { begin(entry: Entry): void; perform(entry: Entry): Promise<void> },
): Promise<Outcome<Entry>> {
  const complete = new Set<Entry>();
  const failed = new Map<Entry, unknown>();
  const run = async (entry: Entry, before: Promise<void>[]) => {
    await Promise.all(before);
    if (failed.size > 0) return;
    try {
      work.begin(entry);
      await work.perform(entry);
      complete.add(entry);
    } catch (error) {
      failed.set(entry, error);
    }
  };
  const runs: Promise<void>[] = [];
  for (const [at, entry] of entries.entries()) {
    const before = entries.slice(0, at).map((earlier, index) => (waitsFor(entry, earlier) ? runs[index] : undefined));
    runs.push(
      run(
        entry,
        before.filter((one) => one !== undefined),
      ),
    );
  }
  await Promise.all(runs);
  return {
    complete: entries.filter((entry) => complete.has(entry)),
    failures: entries.filter((entry) => failed.has(entry)).map((entry) => ({ entry, error: failed.get(entry) })),
    remaining: entries.filter((entry) => !complete.has(entry) && !failed.has(entry)),
  };
}
