/**
 * Waiting on AWS: always for a condition, always with a deadline and a word on what is waited for.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { OperatorError } from './errors.js';

/** Time, so that a test can hand in its own. Milliseconds. */
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

/** What is waited for did not come about in time. */
export class WaitDeadlineError extends OperatorError {
  override readonly name = 'DeadlineError';
  constructor(what: string, milliseconds: number, cause: unknown) {
    const answer = cause instanceof Error ? ` AWS's last answer: ${cause.message}` : '';
    super(`Waited ${milliseconds / 1_000} s for ${what}, in vain.${answer}`, { cause });
  }
}

export interface Wait {
  clock: Clock;
  signal: AbortSignal;
  /** Milliseconds. */
  deadline: number;
  /** The longest pause between two attempts, milliseconds; 4 s when left out. */
  longestPause?: number;
  /** Told once, when the first attempt did not do. */
  onWaiting(what: string): void;
}

/** Says that an attempt has not come to anything yet. */
export class NotYet {
  constructor(
    /** Completes the sentence "waiting for …". */
    readonly what: string,
    /** The error that says so, where there is one. */
    readonly cause?: unknown,
  ) {}
}

/**
 * Repeats `attempt` until it answers anything but {@link NotYet}, with pauses that double from 0.25 s to the longest.
 *
 * @throws whatever `attempt` throws, at once; AbortError when the signal is aborted; {@link WaitDeadlineError} when the deadline has passed.
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
