/**
 * The mailbox's errors. Their messages contain no address, subject, body or token: they may be logged.
 */

/** What kind of a failure it is. */
export type MailboxErrorCode =
  /** An argument is malformed; nothing was sent. */
  | 'INVALID_ARGUMENT'
  /** The token is not one of the broker's, or its claims disagree; nothing was sent. */
  | 'INVALID_TOKEN'
  /** The token has expired; nothing was sent. */
  | 'TOKEN_EXPIRED'
  /** AWS denied the call. */
  | 'ACCESS_DENIED'
  /** AWS refused the call for another reason, or could not be reached: `cause` is the SDK's error. */
  | 'AWS_FAILED'
  /** A required package is not installed. */
  | 'MISSING_PACKAGE'
  /** No message matched in time. */
  | 'EMAIL_TIMEOUT';

/** A failure of the mailbox. */
export class MailboxError extends Error {
  override readonly name: string = 'MailboxError';

  constructor(
    readonly code: MailboxErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/**
 * Why a message does not match:
 *
 * - `before-since`: it was routed before `since`; it was not read.
 * - `gone`: it was deleted before it could be read.
 * - `empty`: it has no bytes.
 * - `unreadable`: it is not a message, or one built to be costly to parse.
 * - `spam`, `virus`: SES's verdict on it is FAIL.
 * - `to`: it was sent to another address.
 * - `from`, `subject`: the field does not match.
 * - `no-code`, `no-link`: nothing in it matches the pattern.
 * - `slow-pattern`: the pattern took too long on it.
 */
export type Mismatch =
  | 'before-since'
  | 'gone'
  | 'empty'
  | 'unreadable'
  | 'spam'
  | 'virus'
  | 'to'
  | 'from'
  | 'subject'
  | 'no-code'
  | 'no-link'
  | 'slow-pattern';

/** A message that was examined and did not match. */
export interface Seen {
  /** SES's message id. */
  id: string;
  /** When it was routed to the wallet. */
  arrived: Date;
  why: Mismatch;
}

/** A message that was examined: its key and nothing else, so that the error may be logged. */
export interface Sample {
  key: string;
}

/** How many keys an error keeps. */
export const MOST_SAMPLES = 10;

/** No message matched in time. */
export class EmailTimeoutError extends MailboxError {
  override readonly name: string = 'EmailTimeoutError';
  declare readonly code: 'EMAIL_TIMEOUT';
  /** The messages that did not match, newest first. */
  readonly seen: Seen[];

  constructor(
    /** How long the wait took, milliseconds. */
    readonly elapsed_ms: number,
    /** How many messages were examined. */
    readonly scanned: number,
    /** How many of them failed for which reason. */
    readonly reasons: Record<string, number>,
    /** The keys of up to ten of them, newest first. Senders and subjects are left out. */
    readonly samples: Sample[],
    /** `cause`: what S3's last answer was, where that was a failure. */
    { seen = [], cause }: { seen?: Seen[]; cause?: unknown } = {},
  ) {
    super('EMAIL_TIMEOUT', timeoutMessage(elapsed_ms, scanned, reasons, cause), { cause });
    this.seen = seen;
  }
}

function timeoutMessage(elapsed: number, scanned: number, reasons: Record<string, number>, cause: unknown): string {
  const counts = Object.entries(reasons).filter(([, count]) => count > 0);
  const details = counts.map(([reason, count]) => `${count} ${reason}`).join(', ');
  const examined = scanned === 0 ? ' No message was found.' : ` Examined ${scanned}: ${details}.`;
  const trouble = cause instanceof Error ? ` S3's last answer was ${cause.name}.` : '';
  return `Timed out after ${inSeconds(elapsed)} s: no matching message.${examined}${trouble}`;
}

/** To a tenth of a second. */
function inSeconds(milliseconds: number): number {
  return Number((milliseconds / 1_000).toFixed(1));
}
