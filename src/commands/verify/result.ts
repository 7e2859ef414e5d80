/**
 * What all the checks came to.
 */
import { type Check, count } from './check.js';

export interface Verification {
  checks: Check[];
  /** The exit status: 0; 1 when anything is NG; 130 after Ctrl-C. */
  status: number;
}

/** The checks as the value that `--json` prints. Of those that were interrupted, what was not looked at is no OK. */
export function verificationAsJson({ checks, status }: Verification): object {
  const counts = count(checks);
  const outcome = counts.NG > 0 ? 'NG' : status === 130 ? 'interrupted' : 'OK';
  return { version: 1, outcome, counts, checks };
}
