/**
 * A check and its outcome: OK, FAIL with how to fix it, or SKIP with the reason. Checks can be nested.
 */

import { explain, statusOf } from '../../aws/errors.js';
import type { Settings } from '../../settings/index.js';

export type CheckOutcome = 'OK' | 'FAIL' | 'SKIP';

/** A policy statement that allows what it should not. */
export interface Finding {
  /** The policy's name. */
  policy: string;
  /** The statement's Sid, or else its number in the policy, counted from 1. */
  statement: string;
  /** What is wrong with it. */
  reason: string;
  /** A request that the policies allow; absent if none was found for a statement that can't be shown to be safe. */
  witness?: Witness;
}

/** A request, in the terms of the policies. */
export interface Witness {
  /** The caller's ARN or service principal. */
  principal: string;
  action: string;
  resource: string;
  /** Condition keys and their values. */
  context: Record<string, string | string[]>;
}

export interface Check {
  /** The statement that holds when the check is OK; unique among its siblings. */
  name: string;
  outcome: CheckOutcome;
  /** What was found, or why the check was skipped. */
  reason?: string;
  /** How to fix a FAIL. */
  fix?: string;
  /** The statements that make it a FAIL, where the policies are at fault. */
  findings?: Finding[];
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

/** A check that the policies' statements decide: OK without findings, else one FAIL that lists them. */
export function judged(name: string, findings: Finding[], fix: string, reason?: string): Check {
  if (findings.length === 0) return ok(name, reason);
  return { ...fail(name, byStatement(findings).map(inWords).join('; '), fix), findings };
}

/** The findings with the same statement and reason. */
function byStatement(findings: Finding[]): Finding[][] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = [finding.policy, finding.statement, finding.reason].join('\n');
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()];
}

/** As many of a statement's requests are shown; the JSON has all. */
const SHOWN = 3;

function inWords(findings: Finding[]): string {
  const [{ policy, statement, reason } = { policy: '', statement: '', reason: '' }] = findings;
  const requests = findings.flatMap(({ witness }) => (witness === undefined ? [] : [requestInWords(witness)]));
  const more = requests.length > SHOWN ? [`${requests.length - SHOWN} more`] : [];
  const proof = requests.length === 0 ? '' : `; it allows ${[...requests.slice(0, SHOWN), ...more].join('; and ')}`;
  return `${policy}, statement ${statement}: ${reason}${proof}`;
}

function requestInWords({ principal, action, resource, context }: Witness): string {
  const values = Object.entries(context).map(([key, value]) => `${key}=${[value].flat().join(',')}`);
  return [`${action} on ${resource} by ${principal}`, ...values].join(', ');
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
