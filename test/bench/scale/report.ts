/**
 * The simulator's figures as tables, at most 120 columns wide.
 */
import type { Burst, Day } from './cases.js';
import { type Comparison, difference, type Quantities } from './compare/compare.js';
import type { Usage } from './model/simulate.js';
import type { Outage } from './outages.js';
import type { PollingFigures } from './polling.js';

export interface ScaleFigures {
  days: Day[];
  bursts: Burst[];
  outages: Outage[];
  batches: Array<{ batches: number; repaired: number }>;
  pollings: PollingFigures[];
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
    ...bursts.map(({ variant, figures: { times, counts, cost, nearest } }) =>
      row(
        `  ${variant}`,
        36,
        [time(times.p50), 8],
        [time(times.p99), 8],
        [time(times.last), 9],
        [whole(counts.throttles), 12],
        [whole(counts.gets + counts.copies), 11],
        [dollars(cost), 8],
        [limit(nearest), 38],
      ),
    ),
  ];
}

function renderOutages(outages: Outage[]): string[] {
  return [
    'An hour in which something does not work: the messages of that hour, and what it adds',
    row(
      '  messages a day, and what fails',
      44,
      ['messages', 10],
      ['routed', 10],
      ['p50', 8],
      ['p99', 8],
      ['last, after it', 16],
      ['later p99', 11],
      ['left without', 14],
      ['S3 calls', 11],
      ['US$', 8],
    ),
    ...outages.map(({ name, perDay, affected, repaired, later, leftWithout, more }) =>
      row(
        `  ${whole(perDay).padStart(10)}  ${name}`,
        46,
        [whole(affected.mails), 10],
        [whole(affected.routed), 10],
        [time(affected.times.p50), 8],
        [time(affected.times.p99), 8],
        [time(repaired), 16],
        [time(later.p99), 11],
        [whole(leftWithout), 14],
        [`+${whole(more.s3)}`, 11],
        [more.cost.toFixed(2), 8],
      ),
    ),
    '  Last, after it: from the end of the hour until the last message was routed. Later: messages that came after the hour.',
    '  Left without: what would wait in inbound/ for a backfill if there were no retry queue.',
  ];
}

function renderBatches(batches: ScaleFigures['batches']): string[] {
  return [
    'The denied role at 10 million a day, by how many batches the event source mapping has at a time',
    ...batches.map(({ batches: number, repaired }) =>
      row(`  ${number}`, 8, [`last routed ${time(repaired)} after the hour`, 40]),
    ),
  ];
}

function renderPollings(pollings: PollingFigures[]): string[] {
  return [
    'Agents that wait, each with a listing every interval: simulated',
    row(
      '  agents',
      12,
      ['interval', 10],
      ['partitions', 12],
      ['LIST/s', 10],
      ['refused', 10],
      ['US$ an hour', 13],
      ['found p50', 11],
      ['p99', 9],
      ['not in 25 s', 13],
    ),
    ...pollings.map(({ agents, interval, partitions, perSecond, refused, perHour, found, missed }) =>
      row(
        `  ${whole(agents)}`,
        12,
        [`${interval} s`, 10],
        [String(partitions), 12],
        [whole(perSecond), 10],
        [refused === 0 ? '0 %' : percent(refused), 10],
        [dollars(perHour), 13],
        [time(found.p50), 11],
        [time(found.p99), 9],
        [missed === 0 ? '0 %' : percent(missed), 13],
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

/** Seconds of the clock that was moved, or of the real one. */
const clock = (seconds: number) =>
  `${seconds.toLocaleString('en-US', { maximumFractionDigits: seconds < 60 ? 2 : 0 })} s`;

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
  return ['p50', 'p99', 'last'].includes(quantity) ? clock(value) : whole(value);
}

export function renderScale(figures: ScaleFigures): string[] {
  return [
    ...renderDays(figures.days),
    '',
    ...renderBursts(figures.bursts),
    '',
    ...renderOutages(figures.outages),
    '',
    ...renderBatches(figures.batches),
    '',
    ...renderPollings(figures.pollings),
    '',
    ...renderComparisons(figures.comparisons),
  ];
}
