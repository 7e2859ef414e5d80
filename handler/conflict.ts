/**
 * Conditional writes: S3 returns 409 ConditionalRequestConflict while another write of the same key is in progress.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
import { setTimeout } from 'node:timers/promises';
import { S3CallError, type S3Operation } from './failure.js';

/** The maximum number of attempts of a call. */
const ATTEMPTS = 4;

/** The pause after the first 409, growing by as much with each one; milliseconds. */
const PAUSE = 50;

/**
 * Sends a call, and retries it after a 409.
 *
 * @throws {S3CallError}
 */
export async function retryConflicts<Answer>(
  operation: S3Operation,
  send: () => Promise<Answer>,
  attempt = 1,
): Promise<Answer> {
  try {
    return await send();
  } catch (cause) {
    const error = new S3CallError(operation, cause);
    if (error.status !== 409 || attempt === ATTEMPTS) throw error;
  }
  await setTimeout(PAUSE * attempt);
  return retryConflicts(operation, send, attempt + 1);
}
