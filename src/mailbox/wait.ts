/**
 * Waiting for a message.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { readWallet } from '../agentkeys/wallet.js';
import { type Folder, isTransient, listMail, readMail, refused, type Stored } from './bucket.js';
import type { SdkClient } from './client.js';
import { EmailTimeoutError, MailboxError, type Mismatch, type Seen } from './errors.js';
import { type Extract, type MailMatch, match, type Wanted } from './match.js';
import { type MailMessage, readMessage } from './reading/message.js';
import { loadS3 } from './sdk.js';

/** The longest pause after failures; milliseconds. */
const LONGEST_PAUSE = 30_000;

/** A day; milliseconds. */
const LONGEST_WAIT = 86_400_000;

export interface WaitForMailOptions extends Wanted {
  bucket: string;
  /** `0x` and 40 hexadecimal digits, in any case. */
  wallet: string;
  /** Mail that was routed earlier is passed over, unread; to the second, by S3's clock. All mail counts when left out. */
  since?: Date;
  /** How long to wait at most, milliseconds. */
  timeoutMs: number;
  /** The pause between two looks, milliseconds; 1,000 when left out. */
  pollIntervalMs?: number;
  /** Ends the wait at once, with its reason. */
  signal?: AbortSignal;
  /** An `S3Client` with a session of the wallet's; when left out, one with the SDK's own defaults. */
  s3?: SdkClient;
  /** The account that the bucket has to be of: any other's is refused. */
  account?: string;
  /** Told of each message that is not the one, once; the message is there when it was read. */
  onMismatch?: (seen: Seen, message?: MailMessage) => void;
}

/**
 * Waits until a message is there that is as wanted. Looks into `bots/<wallet>/inbound/` and nowhere else, the newest message first, and
 * reads each once: the first megabyte of it. Messages with SES's verdict FAIL on spam or virus don't count. Throttling and failures on
 * S3's side are waited out, with pauses that double.
 *
 * @throws {EmailTimeoutError} when there was none in time.
 * @throws {MailboxError} INVALID_ARGUMENT; ACCESS_DENIED, for most a wallet that isn't the session's; AWS_FAILED; MISSING_PACKAGE.
 * @throws the signal's reason, when it is aborted.
 */
export async function waitForMail(
  options: WaitForMailOptions & { extract: Extract },
): Promise<MailMatch & { extracted: string }>;
export async function waitForMail(options: WaitForMailOptions): Promise<MailMatch>;
export async function waitForMail(options: WaitForMailOptions): Promise<MailMatch> {
  const wallet = checked(options);
  const { bucket, timeoutMs, signal, account } = options;
  signal?.throwIfAborted();
  const began = performance.now();
  // Before there is a timer to be cleared: the package may be missing.
  const own = options.s3 === undefined ? new (await loadS3()).S3Client({}) : undefined;
  signal?.throwIfAborted();
  // Ends what is under way, whoever wants it ended.
  const ending = new AbortController();
  const end = () => ending.abort();
  const timer = setTimeout(end, timeoutMs - (performance.now() - began));
  signal?.addEventListener('abort', end);
  const s3 = options.s3 ?? (own as SdkClient);
  const folder: Folder = { s3, bucket, wallet, ...(account === undefined ? {} : { account }) };
  const watch = new Watch(folder, options, ending.signal);
  return watch
    .found()
    .catch((error) => {
      signal?.throwIfAborted();
      if (ending.signal.aborted) throw new EmailTimeoutError(performance.now() - began, watch.seen, watch.trouble);
      throw refused(folder, error);
    })
    .finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      own?.destroy();
    });
}

/** @returns the wallet, in lower case. @throws {MailboxError} INVALID_ARGUMENT */
function checked({ bucket, wallet, timeoutMs, pollIntervalMs = 1, since, from, subject, extract }: WaitForMailOptions) {
  const read = readWallet(wallet);
  const code = extract?.code ?? extract?.link;
  const faults = [
    read === undefined && 'wallet must be 0x and 40 hexadecimal digits',
    !bucket && 'bucket must be the name of a bucket',
    !within(timeoutMs, 1, LONGEST_WAIT) && `timeoutMs must be from 1 to ${LONGEST_WAIT}`,
    !within(pollIntervalMs, 1, LONGEST_WAIT) && `pollIntervalMs must be from 1 to ${LONGEST_WAIT}`,
    since !== undefined && Number.isNaN(since.getTime()) && 'since must be a valid time',
    from === '' && 'from must not be empty',
    subject === '' && 'subject must not be empty',
    extract !== undefined && !isPattern(code) && 'extract must be a regular expression for a code or a link',
  ].filter((fault) => fault !== false);
  if (read === undefined || faults.length > 0) throw new MailboxError('INVALID_ARGUMENT', `${faults.join('; ')}.`);
  return read;
}

function within(value: number, least: number, most: number): boolean {
  return value >= least && value <= most;
}

function isPattern(pattern: RegExp | string | undefined): boolean {
  try {
    return pattern !== undefined && new RegExp(pattern).source !== '(?:)';
  } catch {
    return false;
  }
}

/** One wait: what was seen, and how the next look is to be. */
class Watch {
  readonly #seen = new Map<string, Seen>();
  readonly #since: number;
  readonly #interval: number;
  /** What S3 answered last, when it was a failure. */
  trouble: unknown;

  constructor(
    readonly folder: Folder,
    readonly options: WaitForMailOptions,
    readonly signal: AbortSignal,
  ) {
    // S3 tells times to the second: what was routed within the same second counts.
    this.#since = Math.floor((options.since?.getTime() ?? 0) / 1_000) * 1_000;
    this.#interval = options.pollIntervalMs ?? 1_000;
  }

  get seen(): Seen[] {
    return [...this.#seen.values()].sort((a, b) => b.arrived.getTime() - a.arrived.getTime());
  }

  /** Looks until there is one. @throws what a call is refused with, or what it was ended with */
  async found(): Promise<MailMatch> {
    let pause = this.#interval;
    for (;;) {
      try {
        const found = await this.#look();
        if (found !== undefined) return found;
        this.trouble = undefined;
        pause = this.#interval;
      } catch (error) {
        if (this.signal.aborted || !isTransient(error)) throw error;
        this.trouble = error;
        pause = Math.max(this.#interval, Math.min(pause * 2, LONGEST_PAUSE));
      }
      await sleep(pause, undefined, { signal: this.signal });
    }
  }

  /** One look at what is there. Where there is a lot to be read, what has come meanwhile is read first. */
  async #look(): Promise<MailMatch | undefined> {
    for (;;) {
      const listed = performance.now();
      const unseen = (await listMail(this.folder, this.signal)).filter(({ id }) => !this.#seen.has(id));
      const passed = () => performance.now() - listed > this.#interval;
      let next = unseen.shift();
      for (; next !== undefined; next = passed() ? undefined : unseen.shift()) {
        const found = await this.#consider(next);
        if (found !== undefined) return found;
      }
      if (unseen.length === 0) return undefined;
    }
  }

  async #consider(stored: Stored): Promise<MailMatch | undefined> {
    if (stored.arrived.getTime() < this.#since) return this.#pass(stored, 'before-since');
    const part = await readMail(this.folder, stored.id, this.signal);
    if (part === undefined) return this.#pass(stored, 'gone');
    const read = await readMessage(stored, part.bytes, part.whole).catch(() => undefined);
    if (read === undefined) return this.#pass(stored, 'unreadable');
    const matched = match(read, this.options);
    return typeof matched === 'string' ? this.#pass(stored, matched, read.message) : matched;
  }

  #pass({ id, arrived }: Stored, why: Mismatch, message?: MailMessage): undefined {
    const seen = { id, arrived, why };
    this.#seen.set(id, seen);
    this.options.onMismatch?.(seen, message);
  }
}
