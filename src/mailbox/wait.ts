/**
 * Waiting for a message.
 */
import { readWallet } from '../agentkeys/wallet.js';
import { walletFolder } from './bucket.js';
import type { SdkClient } from './client.js';
import { MailboxError, type Seen } from './errors.js';
import { type Extract, type MailMatch, match, type Wanted } from './match.js';
import { isPattern } from './pattern.js';
import type { MailMessage } from './reading/message.js';
import { withS3 } from './sdk.js';
import { watchFor } from './watch.js';

/** A day; milliseconds. */
const LONGEST_WAIT = 86_400_000;

export interface WaitForMailOptions extends Wanted {
  bucket: string;
  /** `0x` and 40 hexadecimal digits, in any case. */
  wallet: string;
  /**
   * Messages that were routed earlier are not read; all mail counts when left out. By this machine's clock: the difference to S3's is taken
   * from the `Date` of S3's answers where it is a second or more. To the second: S3 reports no more.
   */
  since?: Date;
  /** How long to wait at most, milliseconds. */
  timeoutMs: number;
  /** The shortest time between two listings, milliseconds; 1,000 when left out. */
  pollIntervalMs?: number;
  /** Ends the wait at once, with its reason. */
  signal?: AbortSignal;
  /** An `S3Client` with a session of the wallet's; when left out, one with the SDK's defaults. */
  s3?: SdkClient;
  /** The account that must own the bucket: a bucket of any other is refused. */
  account?: string;
  /** Called once for each message that does not match, with the message where it was read. */
  onMismatch?: (seen: Seen, message?: MailMessage) => void;
  /** The clock, for tests. */
  now?: () => Date;
}

/**
 * Waits until a message matches. Lists `bots/<wallet>/inbound/` and nothing else, reads the newest message first, and each message once: its
 * first megabyte. Messages with SES's verdict FAIL on spam or virus do not match. Throttling and failures of S3 are retried, with pauses
 * that double.
 *
 * @example
 * ```ts
 * import { signupAddress, waitForMail } from 'agentkeys-ses-routing/mailbox';
 *
 * const wallet = '0x1111111111111111111111111111111111111111';
 * const to = signupAddress({ wallet });
 * // Sign up with `to`, then:
 * const { extracted: link } = await waitForMail({
 *   bucket: 'agentkeys-mail-111122223333',
 *   wallet,
 *   to,
 *   extract: { link: /\/verify\?/ },
 *   timeoutMs: 120_000,
 * });
 * console.log(link);
 * ```
 * @throws {EmailTimeoutError} when none did in time.
 * @throws {MailboxError} INVALID_ARGUMENT; ACCESS_DENIED, most often because the wallet is not the session's; AWS_FAILED; MISSING_PACKAGE.
 * @throws the signal's reason, when it is aborted.
 */
export async function waitForMail(
  options: WaitForMailOptions & { extract: Extract },
): Promise<MailMatch & { extracted: string }>;
export async function waitForMail(options: WaitForMailOptions): Promise<MailMatch>;
export async function waitForMail(options: WaitForMailOptions): Promise<MailMatch> {
  const wallet = checked(options);
  const { bucket, timeoutMs, pollIntervalMs = 1_000, since, signal, account, onMismatch, now } = options;
  signal?.throwIfAborted();
  return withS3(options.s3, {}, (s3) =>
    watchFor(walletFolder({ s3, bucket, wallet, ...(account === undefined ? {} : { account }) }), {
      decide: (read) => match(read, options),
      since: since?.getTime() ?? Number.NEGATIVE_INFINITY,
      timeoutMs,
      pollIntervalMs,
      reasons: { initial: {}, nameOf: (why) => why },
      signal,
      onMismatch,
      now: () => now?.().getTime() ?? Date.now(),
    }),
  );
}

/** @returns the wallet, in lower case. @throws {MailboxError} INVALID_ARGUMENT */
function checked(options: WaitForMailOptions): string {
  const { bucket, wallet, timeoutMs, pollIntervalMs = 1, since, to, from, subject, extract } = options;
  const read = readWallet(wallet);
  const code = extract?.code ?? extract?.link;
  const faults = [
    read === undefined && 'wallet must be 0x and 40 hexadecimal digits',
    !bucket && 'bucket must be the name of a bucket',
    !within(timeoutMs, 1, LONGEST_WAIT) && `timeoutMs must be from 1 to ${LONGEST_WAIT}`,
    !within(pollIntervalMs, 1, LONGEST_WAIT) && `pollIntervalMs must be from 1 to ${LONGEST_WAIT}`,
    since !== undefined && Number.isNaN(since.getTime()) && 'since must be a valid time',
    to !== undefined && !/^[^@\s]+@[^@\s]+$/.test(to) && 'to must be an address',
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
