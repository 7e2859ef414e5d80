/**
 * How much of the machine's memory a long run takes.
 */
import { setFlagsFromString } from 'node:v8';

/**
 * Lets the heap grow by half of what is alive before it is collected, from now on and for all of the process. V8's own measure is up to
 * four times that: a run that leaves much behind and keeps little would take 60 MiB more than it needs, for a twentieth less of the
 * processor's time (`npm run bench -- --only backfill`).
 *
 * V8 reads this flag at each collection; one that a later V8 no longer knows is passed over.
 */
export function growHeapSlowly(): void {
  setFlagsFromString('--heap-growing-percent=50');
}
