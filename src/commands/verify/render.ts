/**
 * Checks as lines of text. Pure.
 */
import type { Paint, Tone } from '../../terminal/host.js';
import { wrap } from '../../terminal/text.js';
import { type Check, type CheckOutcome, count } from './check.js';

const tones: Record<CheckOutcome, Tone> = { OK: 'good', FAIL: 'bad', SKIP: 'notice' };

const outcomeWidth = 5;

/** A check with its nested checks; no line is longer than `width` unless a single word is. */
export function renderCheck(check: Check, paint: Paint, width: number, indent = ''): string[] {
  const { name, outcome, reason, fix, checks = [] } = check;
  const head = `${indent}${paint(outcome.padEnd(outcomeWidth), tones[outcome])}${name}`;
  const under = `${indent}${' '.repeat(outcomeWidth + 2)}`;
  return [
    head,
    ...(reason === undefined ? [] : wrap(reason, width, under)),
    ...(fix === undefined ? [] : wrap(`-> ${fix}`, width, under, `${under}   `)),
    ...checks.flatMap((one) => renderCheck(one, paint, width, `${indent}  `)),
  ];
}

/** The last line: the number of checks by outcome. */
export function renderCounts(checks: Check[]): string {
  const { OK, FAIL, SKIP } = count(checks);
  return `${OK} OK, ${FAIL} FAIL, ${SKIP} skipped.`;
}
