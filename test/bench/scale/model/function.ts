/**
 * The function, and Lambda's execution environments.
 */
import type { Counts } from './counts.js';
import type { Faults } from './faults.js';
import type { Random } from './random.js';
import type { S3 } from './s3.js';
import type { Setup } from './setup.js';
import type { Timeline } from './timeline.js';

/** An execution environment. */
export interface Environment {
  /** When it began to wait; seconds since the start. */
  idleSince: number;
  /** What the SDK's client in it has left for retries. */
  tokens: number;
}

/** What a run came to: for each message, whether it was routed. */
export type Done = (routed: boolean[]) => void;

export class LambdaFunction {
  running = 0;
  peak = 0;
  fullAt: number | undefined;
  /** The one that has waited for the longest is first. */
  #idle: Environment[] = [];
  #growth: number;
  #grownAt = 0;

  constructor(
    readonly setup: Setup,
    readonly timeline: Timeline,
    readonly random: Random,
    readonly faults: Faults,
    readonly s3: S3,
    readonly counts: Counts,
  ) {
    this.#growth = setup.lambda.burst;
  }

  /** Runs the function with one event or a batch. @returns false if it is throttled, or Lambda fails */
  run(messages: number, done: Done): boolean {
    const { timeline, random, setup, counts } = this;
    if (this.faults.active('lambda', timeline.now)) return false;
    const taken = this.#environment();
    if (taken === undefined) {
      counts.throttles++;
      return false;
    }
    const { environment, start } = taken;
    this.running++;
    this.peak = Math.max(this.peak, this.running);
    const works = Array.from({ length: messages }, () => this.s3.route(timeline.now + start, environment));
    // The messages of a batch are worked on at the same time.
    const seconds =
      start + random.lognormal(setup.lambda.overhead) + works.reduce((most, work) => Math.max(most, work.seconds), 0);
    counts.runs++;
    counts.attempts += messages;
    counts.gigabyteSeconds += seconds * setup.lambda.gigabytes;
    timeline.after(seconds, () => {
      this.running--;
      environment.idleSince = timeline.now;
      this.#idle.push(environment);
      done(works.map(({ routed }) => routed));
    });
    return true;
  }

  /** An environment, and how long its start takes, seconds; undefined if there is none. */
  #environment(): { environment: Environment; start: number } | undefined {
    const { timeline, random, faults, counts } = this;
    const { concurrency, burst, growth, start } = this.setup.lambda;
    const { now } = timeline;
    if (faults.active('throttled', now)) return undefined;
    if (this.running >= concurrency) {
      this.fullAt ??= now;
      return undefined;
    }
    const warm = this.#warm();
    if (warm !== undefined) return { environment: warm, start: 0 };
    this.#growth = Math.min(burst, this.#growth + (now - this.#grownAt) * growth);
    this.#grownAt = now;
    if (this.#growth < 1) return undefined;
    this.#growth--;
    counts.coldStarts++;
    const environment = { idleSince: now, tokens: this.setup.s3.retry.tokens };
    return { environment, start: random.lognormal(start) };
  }

  #warm(): Environment | undefined {
    const { idle, reuse } = this.setup.lambda;
    const oldest = this.timeline.now - idle;
    if (reuse === 'oldest') this.#idle = this.#idle.filter(({ idleSince }) => idleSince >= oldest);
    const environment = reuse === 'oldest' ? this.#idle.shift() : this.#idle.pop();
    if (environment === undefined || environment.idleSince >= oldest) return environment;
    // If the one that waited for the shortest time is gone, all are.
    this.#idle.length = 0;
    return undefined;
  }
}
