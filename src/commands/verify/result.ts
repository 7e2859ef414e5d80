/**
 * The result of all checks.
 */
import { type Check, count } from './check.js';
import type { VerificationDocument } from './schema.js';

export interface Verification {
  checks: Check[];
  /** The exit status: 0; 1 if any check is FAIL; 130 after Ctrl-C. */
  status: number;
}

/** The checks as the value that `--json` prints. An interrupted run never has the outcome OK. */
export function verificationAsJson({ checks, status }: Verification): VerificationDocument {
  const counts = count(checks);
  const outcome = counts.FAIL > 0 ? 'FAIL' : status === 130 ? 'interrupted' : 'OK';
  return { version: 2, outcome, counts, checks };
}
