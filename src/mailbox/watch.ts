/**
 * Polling a folder until a message matches.
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FirstPart, type Folder, isTransient, listMail, readMail, refused, type Stored } from './bucket.js';
import { S3Clock } from './clock.js';
import { EmailTimeoutError, type Mismatch, MOST_SAMPLES, type Seen } from './errors.js';
import { type MailMessage, type ReadMessage, readMessage } from './reading/message.js';

/** The longest pause after failures; milliseconds. */
const LONGEST_PAUSE = 30_000;

/** How many messages are read at the same time. S3 answers one in tens of milliseconds; parsing takes a few. */
const MOST_AT_ONCE = 16;

/** The longest that a timer of Node.js can be set to; milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

export interface WatchOptions<Found extends object> {
  /** What was found in a message, or why it does not match. */
  decide(read: ReadMessage): Found | Mismatch;
  /** By this machine's clock, milliseconds since 1970; older messages are not read. */
  since: number;
  timeoutMs: number;
  pollIntervalMs: number;
  /** The names under which an error counts mismatches, with what it counts in any case. */
  reasons: { initial: Record<string, number>; nameOf(why: Mismatch): string };
  signal?: AbortSignal | undefined;
  onMismatch?: ((seen: Seen, message?: MailMessage) => void) | undefined;
  /** This machine's clock, milliseconds since 1970. */
  now(): number;
}

/**
 * Polls until a message matches.
 *
 * @throws {EmailTimeoutError} when none did in time.
 * @throws {MailboxError} ACCESS_DENIED, AWS_FAILED.
 * @throws the signal's reason, when it is aborted.
 */
export async function watchFor<Found extends object>(folder: Folder, options: WatchOptions<Found>): Promise<Found> {
  const { timeoutMs, signal, reasons } = options;
  signal?.throwIfAborted();
  const began = performance.now();
  const ending = new AbortController();
  const end = () => ending.abort();
  const timer = setTimeout(end, Math.min(timeoutMs, LONGEST_TIMER));
  signal?.addEventListener('abort', end);
  const watch = new Watch(folder, options, ending.signal);
  // A client that does not know abort signals, as a test double, may never answer.
  const ended = new Promise<never>((_resolve, reject) => {
    ending.signal.addEventListener('abort', () => reject(ending.signal.reason));
  });
  const failed = (error: unknown): never => {
    signal?.throwIfAborted();
    if (!ending.signal.aborted) throw refused(folder, error);
    const { seen, samples, trouble } = watch;
    const counts = { ...reasons.initial };
    for (const { why } of seen) counts[reasons.nameOf(why)] = (counts[reasons.nameOf(why)] ?? 0) + 1;
    const details = { seen, cause: trouble };
    throw new EmailTimeoutError(performance.now() - began, seen.length, counts, samples, details);
  };
  try {
    return await Promise.race([watch.found(), ended]).catch(failed);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
  }
}

/** One wait: what was examined, and when the next listing is due. */
class Watch<Found extends object> {
  readonly #seen = new Map<string, Seen & { key: string }>();
  readonly #clock: S3Clock;
  /** When the last listing was complete, by `performance.now`. */
  #listed = 0;
  /** S3's last answer, when it was a failure. */
  trouble: unknown;

  constructor(
    readonly folder: Folder,
    readonly options: WatchOptions<Found>,
    readonly signal: AbortSignal,
  ) {
    this.#clock = new S3Clock(options.now);
  }

  /** Newest first. */
  get seen(): Seen[] {
    return this.#examined.map(({ id, arrived, why }) => ({ id, arrived, why }));
  }

  /** The keys of those that were read. */
  get samples(): Array<{ key: string }> {
    const read = this.#examined.filter(({ why }) => why !== 'before-since');
    return read.slice(0, MOST_SAMPLES).map(({ key }) => ({ key }));
  }

  get #examined() {
    return [...this.#seen.values()].sort((a, b) => b.arrived.getTime() - a.arrived.getTime());
  }

  /** Polls until a message matches. @throws the error of a call that failed for good, or that was aborted */
  async found(): Promise<Found> {
    const interval = this.options.pollIntervalMs;
    let pause = interval;
    for (;;) {
      try {
        const found = await this.#look();
        if (found !== undefined) return found;
        this.trouble = undefined;
        pause = interval;
        await this.#sleep(this.#listed + interval - performance.now());
      } catch (error) {
        if (this.signal.aborted || !isTransient(error)) throw error;
        this.trouble = error;
        pause = Math.max(interval, Math.min(pause * 2, LONGEST_PAUSE));
        await this.#sleep(pause);
      }
    }
  }

  #sleep(milliseconds: number): Promise<void> {
    return sleep(Math.max(0, milliseconds), undefined, { signal: this.signal });
  }

  /**
   * Lists the folder and reads the new messages. While many are unread, it lists again after each poll interval, and not before reading has
   * had as long as the listing took: new mail comes first, and a listing that takes longer than the interval does not starve the reading.
   */
  async #look(): Promise<Found | undefined> {
    for (;;) {
      const began = performance.now();
      const stored = await listMail(this.folder, { signal: this.signal, clock: this.#clock });
      this.#listed = performance.now();
      const turn = Math.max(this.options.pollIntervalMs, this.#listed - began);
      const unseen = stored.filter(({ key }) => !this.#seen.has(key));
      const since = this.#since;
      const fresh = unseen.filter(({ arrived }) => arrived.getTime() >= since);
      let next = 0;
      // The newest message is the likeliest: it is read alone, and more at the same time the further back the reading gets.
      for (let atOnce = 1; next < fresh.length && performance.now() - this.#listed < turn; atOnce *= 2) {
        const batch = fresh.slice(next, next + Math.min(atOnce, MOST_AT_ONCE));
        const found = await this.#readTogether(batch);
        if (found !== undefined) return found;
        next += batch.length;
      }
      if (next < fresh.length) continue;
      for (const old of unseen.slice(fresh.length)) this.#pass(old, 'before-since');
      return undefined;
    }
  }

  /** S3 reports times to the second: what was routed within the same second counts. */
  get #since(): number {
    return Math.floor((this.options.since + this.#clock.ahead) / 1_000) * 1_000;
  }

  /** Reads messages at the same time, and examines them in order. */
  async #readTogether(batch: Stored[]): Promise<Found | undefined> {
    const enough = new AbortController();
    const signal = AbortSignal.any([this.signal, enough.signal]);
    // Each read listens to it: Node.js would warn of a leak in the caller's process.
    setMaxListeners(0, signal);
    const options = { signal, clock: this.#clock };
    const reads = batch.map((stored) => readMail(this.folder, stored.key, options));
    // The first failure is thrown below; the others must not end the process.
    for (const read of reads) read.catch(() => undefined);
    try {
      for (const [index, stored] of batch.entries()) {
        const found = await this.#examine(stored, await reads[index]);
        if (found !== undefined) return found;
      }
      return undefined;
    } finally {
      enough.abort();
    }
  }

  async #examine(stored: Stored, part: FirstPart | undefined): Promise<Found | undefined> {
    if (part === undefined) return this.#pass(stored, 'gone');
    if (part.bytes.length === 0) return this.#pass(stored, 'empty');
    const { id, arrived } = stored;
    const read = await readMessage({ id, arrived }, part.bytes, part.whole).catch(() => undefined);
    this.signal.throwIfAborted();
    if (read === undefined) return this.#pass(stored, 'unreadable');
    const decided = this.options.decide(read);
    return typeof decided === 'string' ? this.#pass(stored, decided, read.message) : decided;
  }

  #pass({ id, key, arrived }: Stored, why: Mismatch, message?: MailMessage): undefined {
    this.#seen.set(key, { id, key, arrived, why });
    this.options.onMismatch?.({ id, arrived, why }, message);
  }
}
