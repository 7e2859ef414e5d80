/**
 * From EventBridge to the function: the rule's target with its retries, and the queue of asynchronous invocations with its own.
 */
import type { Counts } from './counts.js';
import type { Faults } from './faults.js';
import type { LambdaFunction } from './function.js';
import type { Random } from './random.js';
import { RateLimit } from './rate.js';
import type { Setup } from './setup.js';
import type { Timeline } from './timeline.js';

/** An event in the queue of asynchronous invocations. */
interface Event {
  mail: number;
  accepted: number;
  failures: number;
  throttles: number;
}

export class Delivery {
  readonly invocations: RateLimit;
  /** How many events are tried at the moment, and what waits for one of them to end. */
  #trying = 0;
  readonly #waiting: Event[] = [];

  /**
   * @param routed a message has its copy
   * @param givenUp EventBridge or Lambda gives an event up
   */
  constructor(
    readonly setup: Setup,
    readonly timeline: Timeline,
    readonly random: Random,
    readonly faults: Faults,
    readonly lambda: LambdaFunction,
    readonly counts: Counts,
    readonly routed: (mail: number) => void,
    readonly givenUp: (mail: number) => void,
  ) {
    this.invocations = new RateLimit('EventBridge', setup.eventBridge.invocations);
  }

  /** An object was created. */
  created(mail: number): void {
    const { timeline, random, setup } = this;
    const found = timeline.now;
    timeline.after(random.lognormal(setup.eventBridge.delay), () => this.#throttle(mail, found, 0));
  }

  /** Beyond the limit, invocations "still happen but they are delayed". */
  #throttle(mail: number, since: number, retries: number): void {
    const wait = this.invocations.wait(this.timeline.now);
    if (wait > 0) this.timeline.after(wait, () => this.#deliver(mail, since, retries));
    else this.#deliver(mail, since, retries);
  }

  #deliver(mail: number, since: number, retries: number): void {
    const { timeline, random, faults, setup } = this;
    const { eventBridge } = setup;
    this.counts.deliveries++;
    if (faults.active('permission', timeline.now)) {
      // Not retried: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
      this.givenUp(mail);
    } else if (faults.active('lambda', timeline.now)) {
      const pause = eventBridge.pause(retries + 1, random);
      const tooLate = timeline.now + pause - since > eventBridge.maximumAge;
      if (tooLate || retries >= eventBridge.retries) this.givenUp(mail);
      else timeline.after(pause, () => this.#throttle(mail, since, retries + 1));
    } else this.#try({ mail, accepted: timeline.now, failures: 0, throttles: 0 });
  }

  #try(event: Event): void {
    if (this.#trying >= this.setup.lambda.atOnce) {
      this.#waiting.push(event);
      return;
    }
    this.#trying++;
    this.#attempt(event);
  }

  #attempt(event: Event): void {
    const { timeline, faults, setup } = this;
    const { asynchronous } = setup;
    if (faults.active('throttled', timeline.now)) {
      // A function whose reserved concurrency is 0 gets no events: they go to the destination at once.
      this.#next();
      this.givenUp(event.mail);
      return;
    }
    const started = this.lambda.run(1, ([routed]) => {
      this.#next();
      if (routed) this.routed(event.mail);
      else this.#failed(event);
    });
    if (started) return;
    this.#next();
    event.throttles++;
    this.#again(event, asynchronous.throttled(event.throttles, this.random));
  }

  #failed(event: Event): void {
    const pause = this.setup.asynchronous.pauses[event.failures++];
    if (pause === undefined) this.givenUp(event.mail);
    else this.#again(event, pause);
  }

  #again(event: Event, pause: number): void {
    const { timeline, setup } = this;
    if (timeline.now + pause - event.accepted > setup.asynchronous.maximumAge) this.givenUp(event.mail);
    else timeline.after(pause, () => this.#try(event));
  }

  #next(): void {
    this.#trying--;
    const event = this.#waiting.shift();
    if (event !== undefined) this.#try(event);
  }
}
