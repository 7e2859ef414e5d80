/**
 * Checks as lines of text. Pure.
 */
import type { Paint, Tone } from '../../terminal/host.js';
import { wrap } from '../../terminal/text.js';
import { type Check, type CheckOutcome, count } from './check.js';

const tones: Record<CheckOutcome, Tone> = { OK: 'good', NG: 'bad', SKIP: 'notice' };

const outcomeWidth = 5;

/** One check with what it consists of, none of its lines longer than `width` where its words allow. */
export function renderCheck(check: Check, paint: Paint, width: number, indent = ''): string[] {
  const { name, outcome, reason, mend, checks = [] } = check;
  const head = `${indent}${paint(outcome.padEnd(outcomeWidth), tones[outcome])}${name}`;
  const under = `${indent}${' '.repeat(outcomeWidth + 2)}`;
  return [
    head,
    ...(reason === undefined ? [] : wrap(reason, width, under)),
    ...(mend === undefined ? [] : wrap(`-> ${mend}`, width, under, `${under}   `)),
    ...checks.flatMap((one) => renderCheck(one, paint, width, `${indent}  `)),
  ];
}

/** The last line: how much there is of what. */
export function renderCounts(checks: Check[]): string {
  const { OK, NG, SKIP } = count(checks);
  return `${OK} OK, ${NG} NG, ${SKIP} skipped.`;
}
