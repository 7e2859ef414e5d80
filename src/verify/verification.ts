/**
 * What all the checks came to.
 */
import { type Check, count } from './check.js';

export interface Verification {
  checks: Check[];
  /** The exit status: 0; 1 when anything is NG; 130 after Ctrl-C. */
  status: number;
}

/** The checks as the value that `--json` prints. */
export function verificationAsJson(checks: Check[]): object {
  const counts = count(checks);
  return { version: 1, outcome: counts.NG > 0 ? 'NG' : 'OK', counts, checks };
}
