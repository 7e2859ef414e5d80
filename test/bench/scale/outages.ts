/**
 * What is simulated for docs/scaling.md: an hour in which something does not work.
 */
import { type Figures, figuresOf, type Times, timesOf } from './figures.js';
import { poisson } from './model/arrivals.js';
import type { FaultKind } from './model/faults.js';
import { onAws } from './model/setup.js';
import { simulate } from './model/simulate.js';

/** An hour in which something does not work. */
export interface Outage {
  name: string;
  perDay: number;
  /** Of the messages that arrived in that hour. */
  affected: { mails: number; routed: number; times: Times };
  /** From the end of the hour until the last of them was routed; seconds. */
  repaired: number;
  /** The messages that came later: how long they took at most. */
  later: Times;
  /** What would have been left in `inbound/` without the retry queue. */
  leftWithout: number;
  /** What the hour added: runs of the function, calls to S3 and SQS, US dollars. */
  more: { runs: number; s3: number; sqs: number; cost: number };
  figures: Figures;
}

const outageStart = 300;
const outageEnd = outageStart + 3_600;
/** Mail arrives until then; seconds. */
const outageMail = outageEnd + 600;

const outages: Array<{ name: string; kind: FaultKind }> = [
  { name: 'Lambda answers with 5xx', kind: 'lambda' },
  { name: 'EventBridge may not invoke', kind: 'permission' },
  { name: 'the role or the key denies (403)', kind: 'role' },
  { name: 'S3 or KMS answers with 503', kind: 's3' },
];

export function anHoursOutage(): Outage[] {
  return [10_000, 1_000_000, 10_000_000].flatMap((perDay) => {
    const calm = figuresOf(simulate(onAws(), poisson(perDay, outageMail)));
    return outages.map((outage) => outageOf(outage, perDay, calm));
  });
}

function outageOf(
  { name, kind }: { name: string; kind: FaultKind },
  perDay: number,
  calm: Figures,
  setup = onAws(),
): Outage {
  const mail = poisson(perDay, outageMail);
  const simulation = simulate(setup, mail, [{ kind, from: outageStart, to: outageEnd }]);
  const { retryQueue: _queue, ...without } = setup;
  const unaided = simulate(without, mail, [{ kind, from: outageStart, to: outageEnd }]);
  const figures = figuresOf(simulation);
  const during = (at: number) => at >= outageStart && at < outageEnd;
  const affected = simulation.arrived.flatMap((at, one) => (during(at) ? [simulation.routed[one] ?? Number.NaN] : []));
  const routed = affected.filter((at) => !Number.isNaN(at));
  const s3 = ({ counts }: Figures) => counts.gets + counts.copies + counts.lists;
  return {
    name,
    perDay,
    affected: { mails: affected.length, routed: routed.length, times: timesOf(simulation, during) },
    repaired: routed.reduce((most, at) => Math.max(most, at - outageEnd), 0),
    later: timesOf(simulation, (at) => at >= outageEnd),
    leftWithout: unaided.counts.left,
    more: {
      runs: figures.counts.runs - calm.counts.runs,
      s3: s3(figures) - s3(calm),
      sqs: figures.counts.sqs - calm.counts.sqs,
      cost: figures.cost - calm.cost,
    },
    figures,
  };
}

/** The longest of the repairs again, with more batches of the retry queue at a time. */
export function moreBatches(): Array<{ batches: number; repaired: number }> {
  return [2, 10, 50].map((batches) => {
    const setup = onAws();
    const retryQueue = setup.retryQueue && { ...setup.retryQueue, concurrency: batches };
    const fault = { kind: 'role' as const, from: outageStart, to: outageEnd };
    const { routed } = simulate({ ...setup, ...(retryQueue && { retryQueue }) }, poisson(10_000_000, outageEnd), [
      fault,
    ]);
    return { batches, repaired: routed.reduce((most, at) => Math.max(most, at - outageEnd), 0) };
  });
}
