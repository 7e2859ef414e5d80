/**
 * What a check comes to: OK, NG (not good) with what to do about it, or SKIP with why; and checks within checks.
 */

export type CheckOutcome = 'OK' | 'NG' | 'SKIP';

export interface Check {
  /** What is so when it is OK; of its siblings no other has this name. */
  name: string;
  outcome: CheckOutcome;
  /** What was found, or why nothing was. */
  reason?: string;
  /** What to do about an NG. */
  mend?: string;
  /** What it consists of. */
  checks?: Check[];
}

export function ok(name: string, reason?: string): Check {
  return { name, outcome: 'OK', ...(reason === undefined ? {} : { reason }) };
}

/** @param mend what to do: every NG says so. */
export function ng(name: string, reason: string, mend: string): Check {
  return { name, outcome: 'NG', reason, mend };
}

export function skip(name: string, reason: string): Check {
  return { name, outcome: 'SKIP', reason };
}

/** Several checks as one: NG when one of them is, SKIP when nothing was looked at. */
export function group(name: string, checks: Check[]): Check {
  const of = (outcome: CheckOutcome) => checks.some((check) => check.outcome === outcome);
  return { name, outcome: of('NG') ? 'NG' : of('OK') ? 'OK' : 'SKIP', checks };
}

/** The checks that consist of no others. */
export function leaves(check: Check): Check[] {
  return check.checks?.flatMap(leaves) ?? [check];
}

/** How many of the innermost checks came to what. */
export function count(checks: Check[]): Record<CheckOutcome, number> {
  const counts = { OK: 0, NG: 0, SKIP: 0 };
  for (const { outcome } of checks.flatMap(leaves)) counts[outcome] += 1;
  return counts;
}
