/**
 * How far a run has come, in words: so many of so many, how fast, how long it will take.
 */
import type { Clock } from '../../aws/waits.js';
import type { Scope } from '../../stack/scope.js';
import { duration, number } from '../../terminal/text.js';
import { count, type Selection } from './listing.js';

/** How many messages there are, as far as they have been counted. */
export interface Total {
  counted: number;
  complete: boolean;
}

/**
 * Counts the messages while they are being worked on: a listing costs a thousandth of that. It is for the eye alone, so what fails or is
 * cut off here is no failure.
 *
 * @param signal ends it.
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
export function describeProgress(looked: number, total: Total, milliseconds: number): string {
  const rate = perSecond(looked, milliseconds);
  const speed = `${number(rate)}/s`;
  if (!total.complete || total.counted < looked) {
    const of = total.counted > looked ? ` of more than ${number(total.counted)}` : '';
    return `${number(looked)}${of} (${speed})`;
  }
  const left = rate === 0 ? '' : `, ${duration((total.counted - looked) / rate)} left`;
  return `${number(looked)} of ${number(total.counted)} (${speed}${left})`;
}

/** Whole messages a second. */
export function perSecond(looked: number, milliseconds: number): number {
  return Math.round((looked * 1_000) / Math.max(1, milliseconds));
}

/** A stopwatch. @returns the milliseconds since it was made */
export function stopwatch({ now }: Clock): () => number {
  const started = now();
  return () => now() - started;
}
