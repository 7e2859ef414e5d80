/**
 * Work that ends before Lambda would end it.
 */
import { DeadlineError } from './failure.js';

/**
 * How long before the function's time-out it stops waiting for S3; milliseconds. Lambda ends a function at its time-out wherever it is:
 * nothing of ours would be logged or counted. Composing a line and raising takes a few milliseconds, and some tens on the
 * share of a processor that the smallest function has.
 */
const MARGIN = 500;

/**
 * Does some work, and gives it up shortly before the function's time-out.
 *
 * @param remaining What is left until the time-out, milliseconds: `context.getRemainingTimeInMillis()`.
 * @param work Is to end, either way, when its signal is aborted.
 * @throws {DeadlineError} when it had to be given up; else what the work throws.
 */
export async function beforeDeadline<Result>(
  remaining: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), remaining - MARGIN);
  return work(deadline.signal)
    .catch((error) => {
      throw deadline.signal.aborted ? new DeadlineError() : error;
    })
    .finally(() => clearTimeout(timer));
}
