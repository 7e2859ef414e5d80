/**
 * A check and its outcome: OK, FAIL with how to fix it, or SKIP with the reason. Checks can be nested.
 */

import { explain, statusOf } from '../../aws/errors.js';
import type { Settings } from '../../settings/index.js';

export type CheckOutcome = 'OK' | 'FAIL' | 'SKIP';

export interface Check {
  /** The statement that holds when the check is OK; unique among its siblings. */
  name: string;
  outcome: CheckOutcome;
  /** What was found, or why the check was skipped. */
  reason?: string;
  /** How to fix a FAIL. */
  fix?: string;
  /** The checks that this one consists of. */
  checks?: Check[];
}

export function ok(name: string, reason?: string): Check {
  return { name, outcome: 'OK', ...(reason === undefined ? {} : { reason }) };
}

/** @param fix how to fix it: every FAIL says how. */
export function fail(name: string, reason: string, fix: string): Check {
  return { name, outcome: 'FAIL', reason, fix };
}

export function skip(name: string, reason: string): Check {
  return { name, outcome: 'SKIP', reason };
}

/**
 * Checks that need permissions which the operator may lack: that is no fault of the stack's.
 *
 * @returns the checks; a SKIP with this name if AWS denied access.
 * @throws the SDK's other errors.
 */
export async function orSkipped(
  name: string,
  { endpointUrl }: Pick<Settings, 'endpointUrl'>,
  work: () => Promise<Check[]>,
): Promise<Check[]> {
  try {
    return await work();
  } catch (error) {
    if (statusOf(error) !== 403) throw error;
    return [skip(name, explain(error, endpointUrl))];
  }
}

/** Several checks as one: FAIL when any of them is, SKIP when nothing was checked. */
export function group(name: string, checks: Check[]): Check {
  const of = (outcome: CheckOutcome) => checks.some((check) => check.outcome === outcome);
  return { name, outcome: of('FAIL') ? 'FAIL' : of('OK') ? 'OK' : 'SKIP', checks };
}

/** The innermost checks. */
export function leaves(check: Check): Check[] {
  return check.checks?.flatMap(leaves) ?? [check];
}

/** The number of innermost checks by outcome. */
export function count(checks: Check[]): Record<CheckOutcome, number> {
  const counts = { OK: 0, FAIL: 0, SKIP: 0 };
  for (const { outcome } of checks.flatMap(leaves)) counts[outcome] += 1;
  return counts;
}
