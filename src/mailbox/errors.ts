/**
 * The mailbox's errors. Their messages hold no address, subject, body or token: they may be logged.
 */

/** What kind of a failure it is. */
export type MailboxErrorCode =
  /** What was asked for is not well formed; nothing was sent. */
  | 'INVALID_ARGUMENT'
  /** The token is no broker's token, or its claims disagree; nothing was sent. */
  | 'INVALID_TOKEN'
  /** The token has expired; nothing was sent. */
  | 'TOKEN_EXPIRED'
  /** AWS denied it. */
  | 'ACCESS_DENIED'
  /** AWS refused it for another reason, or could not be reached: `cause` is the SDK's error. */
  | 'AWS_FAILED'
  /** A package that this takes is not installed. */
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
 * Why a message is not the one that is waited for:
 *
 * - `before-since`: it was routed earlier than `since`; it was not read.
 * - `gone`: it was deleted before it could be read.
 * - `unreadable`: it is no message, or one built to be costly to parse.
 * - `spam`, `virus`: SES's verdict on it is FAIL.
 * - `from`, `subject`: its field is another one.
 * - `no-code`, `no-link`: nothing in it matches the pattern.
 * - `slow-pattern`: the pattern took too long on it.
 */
export type Mismatch =
  | 'before-since'
  | 'gone'
  | 'unreadable'
  | 'spam'
  | 'virus'
  | 'from'
  | 'subject'
  | 'no-code'
  | 'no-link'
  | 'slow-pattern';

/** A message that was seen while waiting for another. */
export interface Seen {
  /** SES's message id. */
  id: string;
  /** When it was routed to the wallet. */
  arrived: Date;
  why: Mismatch;
}

/** No message matched in time. */
export class EmailTimeoutError extends MailboxError {
  override readonly name: string = 'EmailTimeoutError';
  declare readonly code: 'EMAIL_TIMEOUT';

  constructor(
    /** How long it was waited, milliseconds. */
    readonly elapsed_ms: number,
    /** What was there instead, the newest first. */
    readonly seen: Seen[],
    /** What S3 answered when it was last asked, where that was a failure. */
    cause?: unknown,
  ) {
    super('EMAIL_TIMEOUT', timeoutMessage(elapsed_ms, seen, cause), { cause });
  }
}

function timeoutMessage(elapsed: number, seen: Seen[], cause: unknown): string {
  const counts = new Map<Mismatch, number>();
  for (const { why } of seen) counts.set(why, (counts.get(why) ?? 0) + 1);
  const told = [...counts].map(([why, count]) => `${count} ${why}`).join(', ');
  const trouble = cause instanceof Error ? ` S3's last answer was ${cause.name}.` : '';
  const messages = seen.length === 0 ? 'No message was there' : `Of ${seen.length} messages none matched (${told})`;
  return `${messages} after ${Math.round(elapsed)} ms.${trouble}`;
}
