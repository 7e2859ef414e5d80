/**
 * Waits for AWS: always for a condition, with a deadline and a description of what is awaited.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterWaiting, OperatorError } from './errors.js';

/** The time, in milliseconds. Tests pass their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** @throws AbortError as soon as the signal is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
};

/** The condition was not met before the deadline. */
export class WaitDeadlineError extends OperatorError {
  override readonly name = 'WaitDeadlineError';
  constructor(what: string, milliseconds: number, cause: unknown) {
    const answer = cause instanceof Error ? ` AWS's last answer: ${cause.message}` : '';
    super(`Timed out after ${milliseconds / 1_000} s waiting for ${what}.${answer}${afterWaiting(cause)}`, { cause });
  }
}

export interface Wait {
  clock: Clock;
  signal: AbortSignal;
  /** Milliseconds. */
  deadline: number;
  /** The longest pause between two attempts, milliseconds; 4 s by default. */
  longestPause?: number;
  /** Called once, when the first attempt was not enough. */
  onWaiting(what: string): void;
}

/** The result of an attempt that has to be repeated. */
export class NotYet {
  constructor(
    /** Completes the sentence "waiting for …". */
    readonly what: string,
    /** AWS's error, if the attempt failed with one. */
    readonly cause?: unknown,
  ) {}
}

/**
 * Repeats `attempt` until it returns anything but {@link NotYet}, with pauses that double from 0.25 s up to the longest.
 *
 * @throws anything that `attempt` throws, at once; AbortError when the signal is aborted; {@link WaitDeadlineError} when the deadline has passed.
 */
export async function until<Value>(wait: Wait, attempt: () => Promise<Value | NotYet>): Promise<Value> {
  const end = wait.clock.now() + wait.deadline;
  let pause = 250;
  let value = await attempt();
  while (value instanceof NotYet) {
    if (wait.clock.now() + pause > end) throw new WaitDeadlineError(value.what, wait.deadline, value.cause);
    if (pause === 250) wait.onWaiting(value.what);
    await wait.clock.sleep(pause, wait.signal);
    pause = Math.min(pause * 2, wait.longestPause ?? 4_000);
    value = await attempt();
  }
  return value;
}
