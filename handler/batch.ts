/**
 * A batch of messages, as `backfill` hands them over: each is routed as if it had come alone.
 */
import type { NewObject } from './event.js';
import { BatchFailedError } from './failure.js';
import type { Outcome } from './route.js';

/** How many are routed at a time: enough to be limited by S3 and not by its latency, few enough for the smallest function's memory. */
const AT_A_TIME = 8;

/** How many messages of a batch came to which outcome. */
export type BatchOutcome = Partial<Record<Outcome['outcome'], number>>;

/**
 * Routes every message of a batch, also when others of it fail.
 *
 * @param routeOne Routes one; logs what became of it, and rejects when it failed.
 * @throws {BatchFailedError} when any failed. Run again, the batch does no harm: what was routed already is left.
 */
export async function routeBatch(
  objects: NewObject[],
  routeOne: (object: NewObject) => Promise<Outcome>,
): Promise<BatchOutcome> {
  const outcomes: BatchOutcome = {};
  let failed = 0;
  const waiting = objects.values();
  const work = async () => {
    for (const object of waiting) {
      try {
        const { outcome } = await routeOne(object);
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      } catch {
        failed += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  if (failed > 0) throw new BatchFailedError(failed, objects.length);
  return outcomes;
}
