/**
 * The bucket, as the function uses it: a read and a copy of each message.
 */
import type { Counts } from './counts.js';
import type { Faults } from './faults.js';
import type { Random } from './random.js';
import { RateLimit } from './rate.js';
import type { Setup } from './setup.js';

/** The function's work on one message. */
interface Work {
  routed: boolean;
  seconds: number;
}

/** The most that S3's partitions are multiplied here. */
const MOST_PARTITIONS = 64;

export class S3 {
  readonly reads: RateLimit;
  readonly writes: RateLimit;
  readonly kms: RateLimit;
  partitions = 1;
  #fullSeconds = 0;
  #lastFull = -1;

  constructor(
    readonly setup: Setup,
    readonly random: Random,
    readonly faults: Faults,
    readonly counts: Counts,
  ) {
    this.reads = new RateLimit('S3 reads', setup.s3.reads);
    this.writes = new RateLimit('S3 writes', setup.s3.writes);
    this.kms = new RateLimit('KMS', setup.kms?.operations ?? Number.POSITIVE_INFINITY);
  }

  /** SES stores a message. It is not refused here: SES retries for itself. */
  put(at: number): void {
    this.counts.mails++;
    this.counts.events++;
    this.writes.take(at);
    this.#encrypt(at, 1);
  }

  /** The function reads a message and copies it. Calls that S3 refuses for their rate are sent again, as the SDK does. */
  route(at: number): Work {
    const { faults, random, setup } = this;
    let seconds = 0;
    if (faults.active('role', at)) {
      // Denied, it lists the key, which is denied too: the message may exist, so the event fails.
      this.counts.gets++;
      this.counts.lists++;
      this.reads.take(at);
      this.reads.take(at);
      return { routed: false, seconds: random.lognormal(setup.s3.get) };
    }
    for (const call of ['get', 'copy'] as const) {
      let sent = 0;
      let answered = false;
      while (!answered && sent < setup.s3.attempts) {
        if (sent > 0) seconds += setup.s3.pause(sent) * random.next();
        sent++;
        answered = this.#send(call, at + seconds);
        seconds += random.lognormal(setup.s3[call]);
      }
      if (!answered) return { routed: false, seconds };
    }
    this.counts.events++;
    return { routed: true, seconds };
  }

  #send(call: 'get' | 'copy', at: number): boolean {
    const [limit, count, operations] =
      call === 'get' ? ([this.reads, 'gets', 1] as const) : ([this.writes, 'copies', 2] as const);
    this.counts[count]++;
    const accepted = limit.take(at);
    if (!accepted) this.#split(at);
    return accepted && !this.faults.active('s3', at) && this.#encrypt(at, operations);
  }

  /** S3's own requests to KMS: Decrypt for what is read, GenerateDataKey for what is written. @returns false if KMS throttles */
  #encrypt(at: number, operations: number): boolean {
    const { kms } = this.setup;
    if (kms === undefined) return true;
    let accepted = true;
    for (let operation = 0; operation < operations; operation++) {
      if (this.random.next() >= kms.share) continue;
      this.counts.kms++;
      accepted = this.kms.take(at) && accepted;
    }
    return accepted;
  }

  /** S3 splits the partition when it was at its limit for long enough: twice the requests from then on. */
  #split(at: number): void {
    const second = Math.floor(at);
    if (second <= this.#lastFull) return;
    this.#lastFull = second;
    this.#fullSeconds++;
    if (this.#fullSeconds < this.setup.s3.split || this.partitions === MOST_PARTITIONS) return;
    this.#fullSeconds = 0;
    this.partitions *= 2;
    this.reads.limit *= 2;
    this.writes.limit *= 2;
  }
}
