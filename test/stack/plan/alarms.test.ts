import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';
import t from 'tap';
import { entriesOf, functionName, linesOf } from './support.js';

const topic = 'arn:aws:sns:us-east-1:111122223333:operators';
const settings = { alarmTopic: topic };
const name = `${functionName}-errors`;

/** What a plan says of an alarm with the name of the stack's own. */
const shownFor = (alarm: MetricAlarm) =>
  linesOf(
    entriesOf({
      settings,
      observed: () => ({ alarms: { found: { [name]: { alarm, tags: { 'managed-by': 'agentkeys-ses-routing' } } } } }),
    }).filter(({ name: one }) => one === name),
  )
    .join(' ')
    .replaceAll(/\s+/g, ' ');

t.test('alarms of other kinds are shown for what they are', async (t) => {
  const own = 'Sum of AWS/Lambda Errors \\(FunctionName [a-z-]+\\)';
  const cases: Array<[alarm: MetricAlarm, shown: RegExp]> = [
    [{}, new RegExp(`metric: an expression -> ${own}`)],
    [{ MetricName: 'M', Namespace: 'N', ExtendedStatistic: 'p90' }, /metric: p90 of N M \(\) ->/],
    [{ MetricName: 'M', Namespace: 'N', Statistic: 'Sum', Unit: 'Count' }, /metric: Sum of N M in Count \(\) ->/],
    [
      { ComparisonOperator: 'GreaterThanUpperThreshold', Threshold: 1, EvaluationPeriods: 2, Period: 60 },
      /condition: GreaterThanUpperThreshold 1 in 2 of 2 periods of 60 s -> > 0 in 1 of 1 periods of 300 s/,
    ],
  ];
  for (const [alarm, shown] of cases) t.match(shownFor(alarm), shown);
});

t.test('a stack without a topic has no entries of alarms it has not', async (t) => {
  const kinds = (given: Parameters<typeof entriesOf>[0]) =>
    entriesOf(given).filter(({ resource }) => resource === 'alarm' || resource === 'alarms');
  t.strictSame(kinds({}), []);
  t.strictSame(kinds({ observed: () => ({ alarms: { unknown: 'denied' } }) }), []);
  t.match(kinds({ settings, observed: () => ({ alarms: { unknown: 'denied' } }) }), [{ blocks: true }]);
});
