/**
 * Figures as text.
 */
import type { Usage } from './model/simulate.js';

/** Cells, each with its width; the first on the left, the others on the right. */
export function row(first: string, width: number, ...cells: Array<[text: string, width: number]>): string {
  return [first.padEnd(width), ...cells.map(([text, columns]) => text.padStart(columns))].join('').trimEnd();
}

export const whole = (value: number) => Math.round(value).toLocaleString('en-US');

/** Seconds, in the unit that suits them. */
export function time(seconds: number): string {
  if (Number.isNaN(seconds)) return '-';
  if (seconds < 100) return `${seconds.toFixed(1)} s`;
  return seconds < 6_000 ? `${(seconds / 60).toFixed(0)} min` : `${(seconds / 3_600).toFixed(1)} h`;
}

export const dollars = (value: number) => value.toLocaleString('en-US', { maximumSignificantDigits: 3 });

export const percent = (share: number) => `${(share * 100).toLocaleString('en-US', { maximumSignificantDigits: 2 })} %`;

export function limit({ name, share, fullAt }: Usage): string {
  return fullAt === undefined ? `${name} ${percent(share)}` : `${name}, after ${time(fullAt)}`;
}
