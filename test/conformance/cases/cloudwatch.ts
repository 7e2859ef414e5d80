/**
 * CloudWatch's metrics. The points are put for the last hour: the two accounts have the machine's clock.
 */
import * as api from '@aws-sdk/client-cloudwatch';
import type { Case } from '../account.js';

const minute = 60_000;
const hour = Math.floor(Date.now() / minute) * minute - 60 * minute;
const at = (minutes: number) => new Date(hour + minutes * minute);
const Namespace = 'Conformance';
const Dimensions = [{ Name: 'FunctionName', Value: 'router' }];
const span = { StartTime: at(0), EndTime: at(60) };

const put = (title: string, ...MetricData: api.MetricDatum[]): Case => ({
  title,
  send: ({ cloudwatch }) => cloudwatch.send(new api.PutMetricDataCommand({ Namespace, MetricData })),
});

const get = (
  title: string,
  input: Partial<api.GetMetricDataCommandInput> & Pick<api.GetMetricDataCommandInput, 'MetricDataQueries'>,
): Case => ({
  title,
  send: ({ cloudwatch }) => cloudwatch.send(new api.GetMetricDataCommand({ ...span, ...input })),
});

const query = (Id: string, Stat: string, Period: number, MetricName = 'Routed'): api.MetricDataQuery => ({
  Id,
  MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period, Stat },
});

export const cloudwatchCases: Case[] = [
  put(
    'values',
    { MetricName: 'Routed', Dimensions, Timestamp: at(1), Value: 2 },
    { MetricName: 'Routed', Dimensions, Timestamp: at(2), Value: 4 },
    { MetricName: 'Routed', Dimensions, Timestamp: at(20), Value: 1 },
  ),
  put('a list of values', { MetricName: 'Skipped', Dimensions, Timestamp: at(1), Values: [1, 2], Counts: [2, 1] }),
  put('statistics', {
    MetricName: 'Milliseconds',
    Dimensions,
    Timestamp: at(1),
    StatisticValues: { SampleCount: 3, Sum: 30, Minimum: 5, Maximum: 15 },
  }),
  {
    title: "in AWS's name",
    send: ({ cloudwatch }) =>
      cloudwatch.send(
        new api.PutMetricDataCommand({ Namespace: 'AWS/Lambda', MetricData: [{ MetricName: 'Errors', Value: 1 }] }),
      ),
  },
  get('by the minute', { MetricDataQueries: [query('sum', 'Sum', 60)] }),
  get('from the earliest', { MetricDataQueries: [query('sum', 'Sum', 60)], ScanBy: 'TimestampAscending' }),
  get('by ten minutes, every statistic', {
    MetricDataQueries: ['Sum', 'Minimum', 'Maximum', 'Average', 'SampleCount'].map((stat) => ({
      ...query(stat.toLowerCase(), stat, 600),
      Label: stat,
    })),
  }),
  get('a list of values', { MetricDataQueries: [query('sum', 'Sum', 60, 'Skipped')] }),
  get('none', { MetricDataQueries: [query('sum', 'Sum', 60, 'Failed')] }),
  get('with a label', { MetricDataQueries: [{ ...query('sum', 'Sum', 60), Label: 'Mail' }] }),
  get('an end before the beginning', { MetricDataQueries: [query('sum', 'Sum', 60)], EndTime: at(-1) }),
  get('no span', { MetricDataQueries: [query('sum', 'Sum', 60)], EndTime: at(0) }),
  get('nothing to get', { MetricDataQueries: [{ Id: 'a' }] }),
];

const topic = 'arn:aws:sns:us-east-1:123456789012:operators';
const arn = (name: string) => `arn:aws:cloudwatch:us-east-1:123456789012:alarm:${name}`;
const AlarmName = 'router-errors';
const alarm: api.PutMetricAlarmCommandInput = {
  AlarmName,
  Namespace: 'AWS/Lambda',
  MetricName: 'Errors',
  Dimensions,
  Statistic: 'Sum',
  Period: 300,
  EvaluationPeriods: 1,
  Threshold: 0,
  ComparisonOperator: 'GreaterThanThreshold',
  TreatMissingData: 'notBreaching',
};

const one = (title: string, send: Case['send']): Case => ({ title, send });
const describe = (title: string, input: api.DescribeAlarmsCommandInput) =>
  one(title, ({ cloudwatch }) => cloudwatch.send(new api.DescribeAlarmsCommand(input)));
const setState = (title: string, input: Partial<api.SetAlarmStateCommandInput>) =>
  one(title, ({ cloudwatch }) =>
    cloudwatch.send(new api.SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'a test', ...input })),
  );

export const alarmCases: Case[] = [
  one('with actions and tags', ({ cloudwatch }) =>
    cloudwatch.send(
      new api.PutMetricAlarmCommand({
        ...alarm,
        AlarmDescription: 'The function failed.',
        DatapointsToAlarm: 1,
        AlarmActions: [topic],
        OKActions: [topic],
        Tags: [{ Key: 'team', Value: 'mail' }],
      }),
    ),
  ),
  one('with little', ({ cloudwatch }) =>
    cloudwatch.send(new api.PutMetricAlarmCommand({ ...alarm, AlarmName: 'plain', ActionsEnabled: false })),
  ),
  describe('by names', { AlarmNames: [AlarmName, 'not-there'] }),
  describe('by a prefix', { AlarmNamePrefix: 'pl' }),
  describe('by an action', { ActionPrefix: topic }),
  describe('none', { AlarmNames: ['not-there'] }),
  setState('to ALARM', { StateReasonData: '{"a":1}' }),
  describe('in ALARM', { StateValue: 'ALARM' }),
  setState('no alarm', { AlarmName: 'not-there' }),
  setState('data that are not JSON', { StateReasonData: 'a' }),
  setState('no such state', { StateValue: 'FINE' as api.StateValue }),
  one('of an alarm', ({ cloudwatch }) =>
    cloudwatch.send(new api.ListTagsForResourceCommand({ ResourceARN: arn(AlarmName) })),
  ),
  one('one more', ({ cloudwatch }) =>
    cloudwatch.send(new api.TagResourceCommand({ ResourceARN: arn(AlarmName), Tags: [{ Key: 'a', Value: 'b' }] })),
  ),
  one('of no alarm', ({ cloudwatch }) =>
    cloudwatch.send(new api.TagResourceCommand({ ResourceARN: arn('not-there'), Tags: [{ Key: 'a', Value: 'b' }] })),
  ),
  one('one', ({ cloudwatch }) =>
    cloudwatch.send(new api.UntagResourceCommand({ ResourceARN: arn(AlarmName), TagKeys: ['team'] })),
  ),
  one('what is left', ({ cloudwatch }) =>
    cloudwatch.send(new api.ListTagsForResourceCommand({ ResourceARN: arn(AlarmName) })),
  ),
  one('one of two names', ({ cloudwatch }) =>
    cloudwatch.send(new api.DeleteAlarmsCommand({ AlarmNames: ['not-there', AlarmName] })),
  ),
  describe('one deleted', { AlarmNames: [AlarmName, 'plain'] }),
];
