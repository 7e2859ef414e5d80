/**
 * The simulator's figures as tables, at most 120 columns wide.
 */
import type { Capacity } from './capacity.js';
import type { Burst, Day } from './cases.js';
import type { Comparison } from './compare/compare.js';
import { renderComparisons } from './compare/report.js';
import type { Outage } from './outages.js';
import type { PollingFigures } from './polling.js';
import { dollars, limit, percent, row, time, whole } from './text.js';

export interface ScaleFigures {
  capacities: Capacity[];
  days: Day[];
  bursts: Burst[];
  outages: Outage[];
  batches: Array<{ batches: number; repaired: number }>;
  pollings: PollingFigures[];
  comparisons: Comparison[];
}

export function renderCapacities(capacities: Capacity[]): string[] {
  return [
    'What each limit lets through, computed',
    row('', 44, ['messages a second', 19], ['a day, evenly', 16], ['raised by', 26]),
    ...capacities.map(({ limit: name, perSecond, raisedBy }) =>
      row(`  ${name}`, 44, [whole(perSecond), 19], [whole(perSecond * 86_400), 16], [raisedBy, 26]),
    ),
  ];
}

export function renderDays(days: Day[]): string[] {
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

export function renderBursts(bursts: Burst[]): string[] {
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
      ['US$', 8],
      ['first at its limit', 38],
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

/** Two digits; not `-0.00`. */
function cents(value: number): string {
  return (Math.round(value * 100) / 100 + 0).toFixed(2);
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
        [cents(more.cost), 8],
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

export function renderScale(figures: ScaleFigures): string[] {
  return [
    ...renderCapacities(figures.capacities),
    '',
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
