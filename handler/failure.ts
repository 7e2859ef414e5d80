/**
 * The errors that the function throws. Lambda logs a thrown error with all its properties, and returns its message and stack. So only the
 * classes here and in event.ts are thrown, with the function's own words and a few checked values of S3's: never an S3 error itself,
 * whose text and fields may repeat what was sent.
 * https://github.com/aws/aws-lambda-nodejs-runtime-interface-client/blob/main/src/utils/error.ts
 */
import { UnknownEventError } from './event.js';

/** An error code of S3 or Node.js. */
const CODE = /^[A-Za-z][A-Za-z0-9_.]{0,63}$/;

/** The name of a header. */
const HEADER = /^[A-Za-z][A-Za-z-]{0,63}$/;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/get-request-ids.html */
const REQUEST_ID = /^[A-Za-z0-9-]{1,64}$/;

/**
 * Which policy denies, at the end of the message of AccessDenied. Nothing else is taken from S3's messages.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
const DENIED_BY =
  /(?:because no (?:identity-based|resource-based|session|service control|resource control|VPC endpoint) policy allows the (?:s3|kms):[A-Za-z]+ action|because no permissions boundary allows the (?:s3|kms):[A-Za-z]+ action|with an explicit deny in an? (?:identity-based|resource-based|session|service control|resource control|VPC endpoint) policy|with an explicit deny in a permissions boundary)$/;

/** The operations of S3 that the function calls. */
export type S3Operation = 'GetObject' | 'CopyObject' | 'DeleteObject' | 'ListObjectsV2';

/** The properties of a caught value that are read. */
interface Raised {
  name?: unknown;
  code?: unknown;
  message?: unknown;
  stack?: unknown;
  Condition?: unknown;
  $metadata?: { httpStatusCode?: unknown; requestId?: unknown; attempts?: unknown };
}

function textOf(form: RegExp, value: unknown): string | undefined {
  return typeof value === 'string' && form.test(value) ? value : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** A call to S3 that failed, after the client's own attempts. */
export class S3CallError extends Error {
  override readonly name = 'S3CallError';
  /** S3's error code (`AccessDenied`), or the network's (`ECONNRESET`), or the client's (`TimeoutError`). */
  readonly code: string;
  /** The HTTP status, if there was an answer. */
  readonly status: number | undefined;
  /** S3's request id, for AWS Support. */
  readonly requestId: string | undefined;
  /** How often the call was sent. */
  readonly attempts: number | undefined;
  /** After 412 PreconditionFailed: the header of the request whose condition did not hold, if S3 names it. */
  readonly unmetCondition: string | undefined;

  /** @param cause What the client threw. Show it to an operator only. */
  constructor(
    readonly operation: S3Operation,
    cause: unknown,
  ) {
    const raised: Raised = Object(cause);
    const code = textOf(CODE, raised.code) ?? textOf(CODE, raised.name) ?? 'UnknownError';
    const status = numberOf(raised.$metadata?.httpStatusCode);
    const requestId = textOf(REQUEST_ID, raised.$metadata?.requestId);
    const [deniedBy] = DENIED_BY.exec(String(raised.message)) ?? [];
    const parts = [code, status && `HTTP status ${status}`, requestId && `request ${requestId}`, deniedBy];
    super(`${operation} failed: ${parts.filter(Boolean).join(', ')}`, { cause });
    this.code = code;
    this.status = status;
    this.requestId = requestId;
    this.attempts = numberOf(raised.$metadata?.attempts);
    this.unmetCondition = isPreconditionFailed(this) ? textOf(HEADER, raised.Condition) : undefined;
  }
}

/** Whether an error is S3's 412: what the call depended on has changed. Inside a 200, the code alone says so. */
export function isPreconditionFailed(error: unknown): error is S3CallError {
  return error instanceof S3CallError && (error.status === 412 || error.code === 'PreconditionFailed');
}

/**
 * Whether S3 refused to read or copy an archived object: it stays so until somebody restores it.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html#API_CopyObject_Errors
 */
export function isArchived(error: unknown): boolean {
  return error instanceof S3CallError && /^(?:InvalidObjectState|ObjectNotInActiveTierError)$/.test(error.code);
}

/** How many failures of one message are logged: one line must not hold them all. */
const MOST_FAILURES = 3;

/** Several copies of one message failed; the others were made. */
export class CopiesFailedError extends Error {
  override readonly name = 'CopiesFailedError';
  /** The first few. */
  readonly errors: S3CallError[];

  /** @param failures Of all the copies that failed. */
  constructor(failures: S3CallError[]) {
    const errors = failures.slice(0, MOST_FAILURES);
    const others = failures.length - errors.length;
    const messages = [...errors.map(({ message }) => message), ...(others === 0 ? [] : [`and ${others} more`])];
    super(`${failures.length} copies of one message failed: ${messages.join('; ')}`);
    this.errors = errors;
  }
}

/** Some messages of a batch failed; each has its own log line. */
export class BatchFailedError extends Error {
  override readonly name = 'BatchFailedError';

  constructor(failed: number, all: number) {
    super(`${failed} of a batch of ${all} messages failed; each has a line of its own in the log`);
  }
}

/** The function stopped shortly before its time-out. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';

  constructor() {
    super("S3 did not answer in time, and the function's time-out is near");
  }
}

/** A bug in the function. Of the original error, only its name and the stack are kept. */
export class UnexpectedError extends Error {
  override readonly name = 'UnexpectedError';

  constructor(error: unknown) {
    const { name, message, stack }: Raised = Object(error);
    super(`a fault of the function's own: ${textOf(CODE, name) ?? typeof error}`);
    // A stack begins with the message, unless the message was changed later.
    const [, ...frames] = String(stack).split(`${message}\n`);
    this.stack = [`${this.name}: ${this.message}`, ...frames.slice(-1)].join('\n');
  }
}

export type Failure = UnknownEventError | S3CallError | CopiesFailedError | DeadlineError | UnexpectedError;

/** The error to throw and log for a caught value. */
export function failureOf(error: unknown): Failure {
  if (error instanceof UnknownEventError || error instanceof DeadlineError) return error;
  if (error instanceof CopiesFailedError) {
    error.errors.forEach(forgetCause);
    return error;
  }
  return error instanceof S3CallError ? forgetCause(error) : new UnexpectedError(error);
}

/** What the client threw (for several failures, the first), for `backfill` to explain to its operator. */
export function causeOf(error: unknown): unknown {
  const first = error instanceof CopiesFailedError ? error.errors[0] : error;
  return first instanceof S3CallError ? first.cause : error;
}

/** What the client threw must not be logged. */
function forgetCause(error: S3CallError): S3CallError {
  error.cause = undefined;
  return error;
}
