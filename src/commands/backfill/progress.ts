/**
 * A run's progress as text: count, rate and remaining time.
 */
import type { Clock } from '../../aws/waits.js';
import type { Scope } from '../../stack/scope.js';
import { duration, number } from '../../terminal/text.js';
import { count, type Selection } from './listing.js';

/** The number of messages counted so far. */
export interface Total {
  counted: number;
  complete: boolean;
}

/**
 * Counts the messages while they are processed: a listing costs a thousandth of that. The count is only displayed, so errors are
 * ignored.
 *
 * @param signal stops the counting.
 */
export function countMeanwhile(scope: Scope, selection: Selection, signal: AbortSignal): Total {
  const total = { counted: 0, complete: false };
  const counting = async () => {
    for await (const counted of count({ ...scope, signal }, selection)) total.counted = counted;
    total.complete = !signal.aborted;
  };
  counting().catch(() => {});
  return total;
}

/** `12,340 of 50,000 (812/s, 46 s left)`. */
export function describeProgress(processed: number, total: Total, milliseconds: number): string {
  const rate = perSecond(processed, milliseconds);
  const speed = `${number(rate)}/s`;
  if (!total.complete || total.counted < processed) {
    const of = total.counted > processed ? ` of more than ${number(total.counted)}` : '';
    return `${number(processed)}${of} (${speed})`;
  }
  const left = rate === 0 ? '' : `, ${duration((total.counted - processed) / rate)} left`;
  return `${number(processed)} of ${number(total.counted)} (${speed}${left})`;
}

/** Whole messages a second. */
export function perSecond(processed: number, milliseconds: number): number {
  return Math.round((processed * 1_000) / Math.max(1, milliseconds));
}

/** Starts a stopwatch. @returns a function that returns the elapsed milliseconds */
export function stopwatch({ now }: Clock): () => number {
  const started = now();
  return () => now() - started;
}
