/**
 * Stops work before the function's time-out.
 */
import { DeadlineError } from './failure.js';

/**
 * How long before the function's time-out it stops waiting for S3; milliseconds. At the time-out Lambda ends the function at once, and
 * nothing would be logged or counted. Writing the line and throwing takes a few milliseconds, and some tens on the smallest function's
 * share of a processor.
 */
const MARGIN = 500;

/**
 * Runs some work, and aborts it shortly before the function's time-out.
 *
 * @param remaining Milliseconds until the time-out: `context.getRemainingTimeInMillis()`.
 * @param work Must settle when its signal is aborted.
 * @throws {DeadlineError} when it was aborted; otherwise what the work throws.
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
