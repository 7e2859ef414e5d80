/**
 * The simulator's figures as tables, at most 120 columns wide.
 */
import type { Burst, Day } from './cases.js';
import { type Comparison, difference, type Quantities } from './compare/compare.js';
import type { Usage } from './model/simulate.js';

export interface ScaleFigures {
  days: Day[];
  bursts: Burst[];
  comparisons: Comparison[];
}

/** Cells, each with its width; the first on the left, the others on the right. */
function row(first: string, width: number, ...cells: Array<[text: string, width: number]>): string {
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

const percent = (share: number) => `${(share * 100).toLocaleString('en-US', { maximumSignificantDigits: 2 })} %`;

export function limit({ name, share, fullAt }: Usage): string {
  return fullAt === undefined ? `${name} ${percent(share)}` : `${name}, after ${time(fullAt)}`;
}

function renderDays(days: Day[]): string[] {
  return [
    'A day of mail that comes at random (Poisson), on AWS with its default quotas: simulated',
    row(
      '  messages a day',
      18,
      ['p50', 8],
      ['p99', 8],
      ['slowest', 9],
      ['cold starts', 13],
      ['S3 calls', 13],
      ['US$', 10],
      ['  nearest its limit', 30],
    ),
    ...days.map(({ perDay, days: length, figures: { times, counts, cost, nearest } }) =>
      row(
        `  ${whole(perDay)}`,
        18,
        [time(times.p50), 8],
        [time(times.p99), 8],
        [time(times.last), 9],
        [percent(counts.coldStarts / counts.runs), 13],
        [whole((counts.gets + counts.copies) / length), 13],
        [dollars(cost / length), 10],
        [limit(nearest), 30],
      ),
    ),
  ];
}

function renderBursts(bursts: Burst[]): string[] {
  return [
    '100,000 messages in 10 seconds: simulated',
    row(
      '',
      36,
      ['p50', 8],
      ['p99', 8],
      ['last', 9],
      ['throttles', 12],
      ['S3 calls', 11],
      ['retried', 10],
      ['  first at its limit', 30],
    ),
    ...bursts.map(({ variant, figures: { times, counts, nearest } }) =>
      row(
        `  ${variant}`,
        36,
        [time(times.p50), 8],
        [time(times.p99), 8],
        [time(times.last), 9],
        [whole(counts.throttles), 12],
        [whole(counts.gets + counts.copies), 11],
        [whole(counts.queued), 10],
        [limit(nearest), 30],
      ),
    ),
  ];
}

const compared: Array<[name: string, quantity: keyof Quantities]> = [
  ['routed', 'routed'],
  ['left', 'left'],
  ['tried', 'attempts'],
  ['runs', 'runs'],
  ['GET', 'gets'],
  ['COPY', 'copies'],
  ['LIST', 'lists'],
  ['queued', 'queued'],
  ['p50', 'p50'],
  ['p99', 'p99'],
  ['last', 'last'],
];

/** The difference of two figures, in percent of the embedded AWS's: `0`, `+4.2`. */
function differenceText(simulated: number, embedded: number): string {
  const value = difference(simulated, embedded);
  if (value === 0) return '0';
  return Number.isFinite(value) ? `${value > 0 ? '+' : ''}${value.toFixed(1)}` : `${simulated} for ${embedded}`;
}

function renderComparisons(comparisons: Comparison[]): string[] {
  const cells = (texts: string[]): Array<[string, number]> => texts.map((text) => [text, 8]);
  return [
    'The simulator and the embedded AWS, on the same cases: what the embedded AWS has, and the difference in percent',
    row('', 36, ...cells(compared.map(([name]) => name))),
    ...comparisons.flatMap(({ scenario, simulated, embedded }) => [
      row(`  ${scenario}`, 36, ...cells(compared.map(([, quantity]) => quantityText(quantity, embedded)))),
      row(
        '    difference, %',
        36,
        ...cells(compared.map(([, quantity]) => differenceText(simulated[quantity], embedded[quantity]))),
      ),
    ]),
  ];
}

function quantityText(quantity: keyof Quantities, values: Quantities): string {
  const value = values[quantity];
  if (Number.isNaN(value)) return '-';
  return ['p50', 'p99', 'last'].includes(quantity) ? `${value} s` : whole(value);
}

export function renderScale({ days, bursts, comparisons }: ScaleFigures): string[] {
  return [...renderDays(days), '', ...renderBursts(bursts), '', ...renderComparisons(comparisons)];
}
