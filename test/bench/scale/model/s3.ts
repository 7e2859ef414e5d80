/**
 * The bucket, as the function uses it: a read and a copy of each message.
 */
import type { Counts } from './counts.js';
import type { Faults } from './faults.js';
import type { Environment } from './function.js';
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

  /** SES stores a message. @returns false if S3 or KMS refuses it for its rate */
  put(at: number): boolean {
    if (!this.writes.take(at)) {
      this.#split(at);
      return false;
    }
    if (!this.#encrypt(at, 1)) return false;
    this.counts.mails++;
    this.counts.events++;
    return true;
  }

  /** The function reads a message and copies it. */
  route(at: number, environment: Environment): Work {
    if (this.faults.active('role', at)) {
      // Denied, it lists the key, which is denied too: the message may exist, so the event fails.
      this.counts.gets++;
      this.counts.lists++;
      this.reads.take(at);
      this.reads.take(at);
      return { routed: false, seconds: this.random.lognormal(this.setup.s3.get) };
    }
    const read = this.#call('get', at, environment);
    if (!read.answered) return { routed: false, seconds: read.seconds };
    const copied = this.#call('copy', at + read.seconds, environment);
    if (copied.answered) this.counts.events++;
    return { routed: copied.answered, seconds: read.seconds + copied.seconds };
  }

  /** A call with the SDK's retries, which each take some of the client's tokens; success gives the last ones back. */
  #call(call: 'get' | 'copy', at: number, client: Environment): { answered: boolean; seconds: number } {
    const { random, setup } = this;
    const { attempts, retry } = setup.s3;
    let seconds = 0;
    let taken = 1;
    for (let attempt = 1; ; attempt++) {
      const answer = this.#send(call, at + seconds);
      seconds += random.lognormal(setup.s3[call]);
      if (answer === 'answered') {
        client.tokens = Math.min(retry.tokens, client.tokens + taken);
        return { answered: true, seconds };
      }
      const { cost, pause } = retry[answer];
      if (attempt === attempts || client.tokens < cost) return { answered: false, seconds };
      client.tokens -= cost;
      taken = cost;
      seconds += random.next() * pause * 2 ** (attempt - 1);
    }
  }

  #send(call: 'get' | 'copy', at: number): 'answered' | 'throttled' | 'failed' {
    const [limit, count, failed, operations] =
      call === 'get'
        ? ([this.reads, 'gets', 'failedGets', 1] as const)
        : ([this.writes, 'copies', 'failedCopies', 2] as const);
    this.counts[count]++;
    const accepted = limit.take(at);
    if (!accepted) this.#split(at);
    if (accepted && !this.faults.active('s3', at) && this.#encrypt(at, operations)) return 'answered';
    this.counts[failed]++;
    return this.faults.active('s3', at) ? 'failed' : 'throttled';
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
