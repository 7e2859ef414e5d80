/**
 * The start of a period: a time, or how long ago. Pure.
 */
import { OperatorError } from '../../aws/errors.js';

/** What `--since` names. */
export type Since = { at: Date } | { millisecondsAgo: number };

/**
 * @param now milliseconds since 1970.
 * @returns milliseconds since 1970.
 * @throws OperatorError when the start lies in the future.
 */
export function startOf(since: Since, now: number): number {
  if ('millisecondsAgo' in since) return Math.max(0, now - since.millisecondsAgo);
  if (since.at.getTime() > now) throw new OperatorError('The time of --since lies in the future. Nothing was read.');
  return since.at.getTime();
}
