import t from 'tap';
import { describeProgress, perSecond } from '../../../src/commands/backfill/progress.js';
import { duration, number } from '../../../src/terminal/text.js';

t.test('count, rate and remaining time', async (t) => {
  const cases: Array<[looked: number, counted: number, complete: boolean, milliseconds: number, text: string]> = [
    [12_340, 50_000, true, 15_200, '12,340 of 50,000 (812/s, 47 s left)'],
    [12_340, 30_000, false, 15_200, '12,340 of more than 30,000 (812/s)'],
    [1_000, 1_000, false, 1_000, '1,000 (1,000/s)'],
    [64, 0, false, 0, '64 (64,000/s)'],
    [50_000, 50_000, true, 60_000, '50,000 of 50,000 (833/s, 0 s left)'],
    // Mail that arrived after the count.
    [50_001, 50_000, true, 60_000, '50,001 (833/s)'],
    [1, 50_000, true, 60_000, '1 of 50,000 (0/s)'],
  ];
  for (const [looked, counted, complete, milliseconds, text] of cases)
    t.equal(describeProgress(looked, { counted, complete }, milliseconds), text);
});

t.test('durations and numbers as text', async (t) => {
  const spans: Array<[seconds: number, text: string]> = [
    [0, '0 s'],
    [0.2, '1 s'],
    [99, '99 s'],
    [100, '2 min'],
    [3_600, '60 min'],
    [7_500, '2 h 5 min'],
    [3 * 24 * 3_600, '3 days'],
  ];
  for (const [seconds, text] of spans) t.equal(duration(seconds), text);
  t.equal(number(1_234_567), '1,234,567');
  t.equal(perSecond(10, 0), 10_000, 'no division by nothing');
});
