/**
 * Which failures of a message stay until somebody changes the message, its key or a policy: to try again does not help, and the other
 * messages are worth trying.
 */
import { CopiesFailedError, S3CallError } from '../../../handler/failure.js';

/**
 * S3's codes for them: no access, a KMS key that is disabled, deleted or not to be found, a customer's own key (SSE-C).
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
const CODES = /^(?:AccessDenied|InvalidRequest|MethodNotAllowed|KMS\.(?!Throttling|DependencyTimeout|KMSInternal)\w+)$/;

/** Whether every call that failed for a message would fail again. */
export function isPermanent(error: unknown): boolean {
  if (error instanceof CopiesFailedError) return error.errors.every(isPermanent);
  return error instanceof S3CallError && CODES.test(error.code);
}
