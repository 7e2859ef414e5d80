/**
 * The retry queue and the event source mapping that hands it to the function again.
 */
import type { Counts } from './counts.js';
import type { LambdaFunction } from './function.js';
import type { Setup } from './setup.js';
import type { Timeline } from './timeline.js';

/** A message of the queue. */
interface Entry {
  mail: number;
  sent: number;
}

export class RetryQueue {
  /** Visible messages, the first to be received first; those before `#head` are taken. */
  #ready: Entry[] = [];
  #head = 0;
  #working = 0;
  #inFlight = 0;
  #waiting = 0;
  #waking = false;
  /** The most that waited, received ones included. */
  peak = 0;
  /** When all pollers were at work and messages had to wait for them. */
  fullAt: number | undefined;
  /** When it was last empty after having held something. */
  emptyAt: number | undefined;

  constructor(
    readonly setup: NonNullable<Setup['retryQueue']>,
    readonly timeline: Timeline,
    readonly lambda: LambdaFunction,
    readonly counts: Counts,
    readonly ended: (mail: number, routed: boolean) => void,
  ) {}

  send(mail: number): void {
    this.counts.queued++;
    this.counts.sqs++;
    this.#waiting++;
    this.peak = Math.max(this.peak, this.#waiting);
    const entry = { mail, sent: this.timeline.now };
    this.timeline.after(this.setup.delay, () => this.#show([entry]));
  }

  #show(entries: Entry[]): void {
    for (const entry of entries) this.#ready.push(entry);
    this.#wake();
  }

  /** Polls when everything of this moment has happened: what becomes visible at the same time can be one batch. */
  #wake(): void {
    if (this.#waking) return;
    this.#waking = true;
    this.timeline.after(0, () => {
      this.#waking = false;
      this.#poll();
    });
  }

  #poll(): void {
    while (this.#working < this.setup.concurrency && this.#inFlight < this.setup.inFlight) {
      const batch = this.#receive();
      if (batch.length === 0) return;
      this.#work(batch);
    }
    if (this.#head < this.#ready.length) this.fullAt ??= this.timeline.now;
  }

  /** At most a batch; messages that are too old are dropped. */
  #receive(): Entry[] {
    const { timeline, setup } = this;
    const batch: Entry[] = [];
    while (batch.length < setup.batch && this.#head < this.#ready.length) {
      const entry = this.#ready[this.#head++] as Entry;
      if (timeline.now - entry.sent < setup.retention) batch.push(entry);
      else this.#remove(entry.mail, false);
    }
    if (this.#head > 10_000 && this.#head * 2 > this.#ready.length) {
      this.#ready = this.#ready.slice(this.#head);
      this.#head = 0;
    }
    if (batch.length > 0) this.counts.sqs++;
    return batch;
  }

  #work(batch: Entry[]): void {
    const { timeline, setup } = this;
    this.#inFlight += batch.length;
    const received = timeline.now;
    const comesBack = (entries: Entry[]) => {
      if (entries.length === 0) return;
      timeline.at(Math.max(timeline.now, received + setup.visibility), () => {
        this.#inFlight -= entries.length;
        this.#show(entries);
      });
    };
    const started = this.lambda.run(batch.length, (routed) => {
      this.#working--;
      const failed = batch.filter((_, index) => !routed[index]);
      if (failed.length < batch.length) this.counts.sqs++;
      for (const [index, { mail }] of batch.entries()) {
        if (!routed[index]) continue;
        this.#inFlight--;
        this.#remove(mail, true);
      }
      comesBack(failed);
      this.#wake();
    });
    if (started) this.#working++;
    else comesBack(batch);
  }

  #remove(mail: number, routed: boolean): void {
    this.#waiting--;
    if (this.#waiting === 0) this.emptyAt = this.timeline.now;
    this.ended(mail, routed);
  }
}
