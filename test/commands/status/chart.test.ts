/** The chart of the last day, line by line. */
import t from 'tap';
import { renderChart } from '../../../src/commands/status/chart.js';
import type { Hour } from '../../../src/commands/status/metrics.js';

const start = Date.parse('2026-11-24T22:00:00Z');
const hours = Array.from({ length: 25 }, (_, index): Hour => {
  const from = new Date(start + index * 3_600_000);
  if (index === 3 || index === 4) return { from };
  return { from, mail: { routed: index < 8 ? index * 200 : 0, stayed: index === 24 ? 1 : 0, failed: 0 } };
});
const paint = (text: string) => text;

t.test('at 80 columns, two cells an hour', async (t) => {
  const lines = renderChart(hours, { width: 80, unicode: true, paint });
  t.strictSame(lines, [
    `  routed ··▂▂▃▃????▆▆▇▇██${'·'.repeat(34)} 1,400/h`,
    `  stayed ······????${'·'.repeat(38)}██ 1/h`,
    `  failed ······????${'·'.repeat(40)}`,
    `         22:00Z${' '.repeat(41)}now`,
    '  ? unknown: no metrics of that hour',
  ]);
});

t.test('at 40 columns, one cell an hour; a scale that does not fit is left out', async (t) => {
  const lines = renderChart(hours, { width: 40, unicode: false, paint });
  t.strictSame(lines, [
    `  routed .23??789${'.'.repeat(17)}`,
    `  stayed ...??${'.'.repeat(19)}9 1/h`,
    `  failed ...??${'.'.repeat(20)}`,
    `         22:00Z${' '.repeat(16)}now`,
    '  ? unknown: no metrics of that hour',
  ]);
  for (const width of [40, 60, 80, 200])
    for (const line of renderChart(hours, { width, unicode: true, paint })) t.ok(line.length <= width, line);
});

t.test('nothing unknown, and no hours', async (t) => {
  const known = hours.filter(({ mail }) => mail !== undefined);
  t.equal(renderChart(known, { width: 80, unicode: true, paint }).length, 4);
  t.strictSame(renderChart([], { width: 80, unicode: true, paint }), []);
});

t.test('each outcome has its tone', async (t) => {
  const tones: string[] = [];
  renderChart(hours, { width: 80, unicode: true, paint: (text, tone) => `${tones.push(tone)}${text}` });
  t.strictSame(tones, ['good', 'notice', 'bad']);
});
