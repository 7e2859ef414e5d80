/**
 * The figures of `backfill` as a table, at most 100 columns wide.
 */
import type { BackfillFigures, BackfillRun } from './measure.js';

/** Messages a second at 40 ms a call. */
const leastRate = 400;
/** MiB between the smallest and the largest bucket at 0 ms. */
const mostMemory = 30;

export function renderBackfill({ runs }: BackfillFigures): string[] {
  const undisturbed = runs.filter(({ latency, killedAt }) => latency === 0 && killedAt === undefined);
  const [small, large] = [undisturbed[0]?.peakMiB ?? Number.NaN, undisturbed.at(-1)?.peakMiB ?? Number.NaN];
  const more = large - small;
  const slow = runs.find(({ latency }) => latency > 0);
  const rate = slow === undefined ? Number.NaN : rateOf(slow);
  return [
    'backfill, three messages in five for a wallet (two calls), the others staying (one)',
    '  messages   latency, ms   time, s   messages/s   memory, MiB',
    ...runs.map(line),
    `  at ${slow?.latency} ms: ${Math.round(rate)}/s; aim: >= ${leastRate}/s, ${met(rate >= leastRate)}`,
    `  memory of the largest over the smallest: ${more.toFixed(0)} MiB; aim: < ${mostMemory} MiB, ${met(more < mostMemory)}`,
  ];
}

function rateOf({ messages, seconds }: BackfillRun): number {
  return messages / seconds;
}

function line(run: BackfillRun): string {
  const { messages, latency, seconds, peakMiB, right, killedAt } = run;
  const cells = [
    messages.toLocaleString('en-US').padStart(10),
    String(latency).padStart(14),
    seconds.toFixed(1).padStart(10),
    Math.round(rateOf(run)).toString().padStart(13),
    (peakMiB?.toFixed(0) ?? '-').padStart(14),
  ];
  const after =
    killedAt === undefined ? '' : `, after one that was killed at ${killedAt.toLocaleString('en-US')} routed`;
  return `${cells.join('')}  ${right ? 'all routed right' : 'NOT ALL ROUTED RIGHT'}${after}`;
}

function met(yes: boolean): string {
  return yes ? 'met' : 'MISSED';
}
