/**
 * A batch of messages from `backfill`: each is routed as if it had its own event.
 */
import { settleEach } from './concurrency.js';
import type { NewObject } from './event.js';
import { BatchFailedError } from './failure.js';
import type { Outcome } from './route.js';

/** How many are routed at a time: enough to hide S3's latency, few enough for the memory of the smallest function. */
const AT_A_TIME = 8;

/** The number of messages by outcome. */
export type BatchOutcome = Partial<Record<Outcome['outcome'], number>>;

/**
 * Routes every message of a batch, even when others fail.
 *
 * @param routeOne Routes one message, logs its outcome, and rejects if it failed.
 * @throws {BatchFailedError} when any failed. It is safe to run the batch again: messages that were routed are skipped.
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
