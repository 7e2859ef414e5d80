/**
 * A batch of messages, as `backfill` hands them over: each is routed as if it had come alone.
 */
import { settleEach } from './concurrency.js';
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
  const results = await settleEach(objects, AT_A_TIME, routeOne);
  const ended = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  if (ended.length < objects.length) throw new BatchFailedError(objects.length - ended.length, objects.length);
  const outcomes: BatchOutcome = {};
  for (const { outcome } of ended) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  return outcomes;
}
