import * as api from '@aws-sdk/client-cloudwatch';
import * as sqs from '@aws-sdk/client-sqs';
import t, { type Test } from 'tap';
import { single } from '../../../../src/sandbox/metrics/metrics.js';
import { addUser, clients, refusal, start } from '../../support.js';

const minutes = 60_000;
const topic = 'arn:aws:sns:us-east-1:111122223333:operators';
const AlarmName = 'router-errors';
const arn = `arn:aws:cloudwatch:us-east-1:111122223333:alarm:${AlarmName}`;
const dimensions = { FunctionName: 'router' };
const alarm: api.PutMetricAlarmCommandInput = {
  AlarmName,
  Namespace: 'AWS/Lambda',
  MetricName: 'Errors',
  Dimensions: [{ Name: 'FunctionName', Value: 'router' }],
  Statistic: 'Sum',
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 0,
  ComparisonOperator: 'GreaterThanThreshold',
  TreatMissingData: 'notBreaching',
  AlarmActions: [topic],
  OKActions: [topic],
};

/** An account with a clock, and what a test does with its alarms. */
async function open(t: Test) {
  let time = Date.parse('2026-05-04T10:00:30Z');
  const { sandbox } = await start(t, { now: () => time });
  const { cloudwatch, sqs } = clients(sandbox);
  const describe = async (input: api.DescribeAlarmsCommandInput = {}) =>
    (await cloudwatch.send(new api.DescribeAlarmsCommand(input))).MetricAlarms ?? [];
  return {
    sandbox,
    cloudwatch,
    sqs,
    describe,
    put: (more: Partial<api.PutMetricAlarmCommandInput> = {}) =>
      cloudwatch.send(new api.PutMetricAlarmCommand({ ...alarm, ...more })),
    pass(ms: number) {
      time += ms;
    },
    measure: (value: number, ago = 0) =>
      sandbox.state.metrics.record({ namespace: 'AWS/Lambda', name: 'Errors', dimensions }, single(value), time - ago),
    state: async () => (await describe({ AlarmNames: [AlarmName] }))[0]?.StateValue,
    /** The actions that were invoked since the last call. */
    invoked: () => sandbox.state.cloudwatch.alarmActions.splice(0).map(({ from, to }) => `${from} > ${to}`),
  };
}

t.test('an alarm follows its metric, and invokes its actions', async (t) => {
  const { put, pass, measure, state, sandbox, describe } = await open(t);
  await put();
  t.equal(await state(), 'INSUFFICIENT_DATA', 'until it is evaluated');
  pass(1 * minutes);
  t.equal(await state(), 'OK', 'missing data are not breaching');
  measure(2);
  pass(59_999);
  t.equal(await state(), 'OK', 'until the next evaluation');
  pass(1);
  t.equal(await state(), 'ALARM');
  measure(1);
  pass(1 * minutes);
  t.equal(await state(), 'ALARM');
  pass(3 * minutes);
  const [found] = await describe();
  t.match(found, { StateValue: 'OK', StateTransitionedTimestamp: new Date('2026-05-04T10:04:30Z') });
  const invoked = { alarm: AlarmName, action: topic };
  t.strictSame(sandbox.state.cloudwatch.alarmActions, [
    { ...invoked, from: 'INSUFFICIENT_DATA', to: 'OK', at: new Date('2026-05-04T10:01:30Z') },
    { ...invoked, from: 'OK', to: 'ALARM', at: new Date('2026-05-04T10:02:30Z') },
    { ...invoked, from: 'ALARM', to: 'OK', at: new Date('2026-05-04T10:04:30Z') },
  ]);
});

t.test('data that are missing', async (t) => {
  for (const [TreatMissingData, states] of Object.entries({
    missing: ['INSUFFICIENT_DATA', 'ALARM', 'INSUFFICIENT_DATA'],
    ignore: ['INSUFFICIENT_DATA', 'ALARM', 'ALARM'],
    breaching: ['ALARM', 'ALARM', 'ALARM'],
    notBreaching: ['OK', 'ALARM', 'OK'],
  })) {
    const { put, pass, measure, state } = await open(t);
    await put({ TreatMissingData });
    pass(1 * minutes);
    const before = await state();
    measure(1);
    pass(1 * minutes);
    const during = await state();
    pass(1 * minutes);
    t.strictSame([before, during, await state()], states, TreatMissingData);
  }
});

t.test('some of several periods, and each comparison', async (t) => {
  const { put, pass, measure, state } = await open(t);
  await put({ Period: 120, EvaluationPeriods: 4, DatapointsToAlarm: 2, Statistic: 'Maximum', Threshold: 5 });
  pass(9 * minutes);
  // Four periods of two minutes: 8 to 7, 6 to 5, 4 to 3, and 2 to 1 minutes ago.
  measure(9, 8 * minutes);
  measure(5, 4 * minutes);
  measure(6, 3 * minutes);
  t.equal(await state(), 'ALARM', 'two of four');
  pass(1 * minutes);
  t.equal(await state(), 'OK', 'the first has passed');

  for (const [ComparisonOperator, alarming] of Object.entries({
    GreaterThanOrEqualToThreshold: [5, 6],
    GreaterThanThreshold: [6],
    LessThanThreshold: [4],
    LessThanOrEqualToThreshold: [4, 5],
  })) {
    for (const value of [4, 5, 6]) {
      const one = await open(t);
      await one.put({ ComparisonOperator: ComparisonOperator as api.ComparisonOperator, Threshold: 5 });
      one.measure(value);
      one.pass(1 * minutes);
      t.equal(await one.state(), alarming.includes(value) ? 'ALARM' : 'OK', `${ComparisonOperator} ${value}`);
    }
  }
});

t.test('a state that is set lasts until the next evaluation', async (t) => {
  const { put, pass, state, cloudwatch, invoked, describe } = await open(t);
  const set = (input: Partial<api.SetAlarmStateCommandInput>) =>
    cloudwatch.send(new api.SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'a test', ...input }));
  await put({ ActionsEnabled: false });
  await set({ StateReasonData: '{}' });
  t.match(await describe({ StateValue: 'ALARM' }), [{ StateReason: 'a test', StateReasonData: '{}' }]);
  t.strictSame(invoked(), [], 'its actions are disabled');
  await put();
  t.equal(await state(), 'ALARM', 'putting it anew leaves its state');
  pass(1 * minutes);
  t.equal(await state(), 'OK');
  await set({});
  await set({ StateReason: 'again' });
  t.strictSame(invoked(), ['ALARM > OK', 'OK > ALARM']);
  await set({ StateValue: 'INSUFFICIENT_DATA' });
  t.strictSame(invoked(), [], 'there is none for this state');
  t.strictSame(await describe({ ActionPrefix: 'arn:aws:sns:us-east-1:' }), await describe());
  t.strictSame(await describe({ ActionPrefix: 'arn:aws:ec2' }), []);
  t.strictSame(await describe({ AlarmTypes: ['CompositeAlarm'] }), []);
  t.match(await refusal(set({ StateReasonData: 'a' })), /400 InvalidFormat/);
  t.match(await refusal(set({ AlarmName: 'other' })), /404 ResourceNotFound/);
  t.match(await refusal(set({ StateValue: 'FINE' as api.StateValue })), /400 Validation.*'FINE'/);
  const ResourceARN = arn.replace(AlarmName, 'other');
  t.match(
    await refusal(cloudwatch.send(new api.ListTagsForResourceCommand({ ResourceARN }))),
    /404 ResourceNotFoundException/,
  );
});

t.test('what AWS rejects, and what is not emulated', async (t) => {
  const { put, cloudwatch } = await open(t);
  const cases: Array<[wrong: Partial<api.PutMetricAlarmCommandInput>, message: RegExp]> = [
    [{ Threshold: undefined }, /Threshold is required/],
    [{ Statistic: 'Median' as api.Statistic }, /Median/],
    [{ ComparisonOperator: 'LessThanLowerThreshold' }, /LessThanLowerThreshold/],
    [{ TreatMissingData: 'never' }, /never/],
    [{ Period: 90 }, /Period must be/],
    [{ Period: 86_400, EvaluationPeriods: 8 }, /more than a week/],
    [{ DatapointsToAlarm: 2 }, /DatapointsToAlarm/],
    [{ Unit: 'Count' }, /does not support Unit/],
    [{ AlarmActions: ['operators'] }, /Invalid arn syntax: operators/],
    [{ OKActions: ['arn:aws:lambda:us-east-1:111122223333:function:f'] }, /Invalid arn syntax/],
    [
      { InsufficientDataActions: [topic.replace('us-east-1', 'eu-west-1')] },
      /Invalid region eu-west-1 specified. Only us-east-1 is supported/,
    ],
  ];
  for (const [wrong, message] of cases) t.match(await refusal(put(wrong)), message, String(message));
  const both = { AlarmNames: ['a'], AlarmNamePrefix: 'b' };
  t.match(await refusal(cloudwatch.send(new api.DescribeAlarmsCommand(both))), /400 Validation/);
});

t.test('they are listed in pages', async (t) => {
  const { put, cloudwatch } = await open(t);
  for (const name of ['b', 'c', 'a']) await put({ AlarmName: name });
  const pages = [];
  for await (const page of api.paginateDescribeAlarms({ client: cloudwatch, pageSize: 2 }, {}))
    pages.push(page.MetricAlarms?.map(({ AlarmName }) => AlarmName));
  t.strictSame(pages, [['a', 'b'], ['c']]);
});

t.test('permissions are those of each alarm; of describing, those of all', async (t) => {
  const { sandbox, put } = await open(t);
  const asUser = (name: string, ...statements: object[]) =>
    clients(sandbox, addUser(sandbox, name, statements)).cloudwatch;
  const allow = (actions: string[], Resource = arn) => ({
    Effect: 'Allow',
    Action: actions.map((action) => `cloudwatch:${action}`),
    Resource,
  });
  const writer = asUser('writer', allow(['PutMetricAlarm', 'DeleteAlarms', 'DescribeAlarms']));
  const Tags = [{ Key: 'a', Value: 'b' }];
  await writer.send(new api.PutMetricAlarmCommand(alarm));
  const denied = /403 AccessDenied/;
  t.match(await refusal(writer.send(new api.PutMetricAlarmCommand({ ...alarm, Tags }))), denied, 'no TagResource');
  t.match(await refusal(writer.send(new api.PutMetricAlarmCommand({ ...alarm, AlarmName: 'other' }))), denied);
  t.match(await refusal(writer.send(new api.DescribeAlarmsCommand({ AlarmNames: [AlarmName] }))), denied);
  t.match(await refusal(writer.send(new api.DeleteAlarmsCommand({ AlarmNames: [AlarmName, 'other'] }))), denied);
  await put({ AlarmName: 'other' });
  await writer.send(new api.DeleteAlarmsCommand({ AlarmNames: [AlarmName] }));
  const reader = asUser('reader', allow(['DescribeAlarms'], arn.replace(AlarmName, '*')));
  const { MetricAlarms = [] } = await reader.send(new api.DescribeAlarmsCommand({}));
  t.match(MetricAlarms, [{ AlarmName: 'other' }]);
  const setter = asUser('setter', allow(['SetAlarmState', 'TagResource', 'UntagResource', 'ListTagsForResource']));
  await put();
  await setter.send(new api.SetAlarmStateCommand({ AlarmName, StateValue: 'OK', StateReason: 'x' }));
  await setter.send(new api.TagResourceCommand({ ResourceARN: arn, Tags }));
  t.match(await setter.send(new api.ListTagsForResourceCommand({ ResourceARN: arn })), { Tags });
  await setter.send(new api.UntagResourceCommand({ ResourceARN: arn, TagKeys: ['a'] }));
  t.match(await setter.send(new api.ListTagsForResourceCommand({ ResourceARN: arn })), { Tags: [] });
  t.notMatch(JSON.stringify(sandbox.snapshot()), 'StateValue', 'its state is no part of the configuration');
});

t.test('the metrics of a queue', async (t) => {
  const { sandbox, sqs: queues, cloudwatch, pass, state, put } = await open(t);
  const { QueueUrl } = await queues.send(
    new sqs.CreateQueueCommand({ QueueName: 'retry', Attributes: { VisibilityTimeout: '180' } }),
  );
  const since = new Date(sandbox.state.now());
  /** A metric by the minute, the earliest first. */
  const values = async (MetricName: string) => {
    const Metric = { Namespace: 'AWS/SQS', MetricName, Dimensions: [{ Name: 'QueueName', Value: 'retry' }] };
    const { MetricDataResults = [] } = await cloudwatch.send(
      new api.GetMetricDataCommand({
        MetricDataQueries: [{ Id: 'a', MetricStat: { Metric, Period: 60, Stat: 'Maximum' } }],
        ScanBy: 'TimestampAscending',
        StartTime: since,
        EndTime: new Date(sandbox.state.now() + minutes),
      }),
    );
    return MetricDataResults[0]?.Values;
  };
  await put({
    Namespace: 'AWS/SQS',
    MetricName: 'ApproximateAgeOfOldestMessage',
    Dimensions: [{ Name: 'QueueName', Value: 'retry' }],
    Statistic: 'Maximum',
    Threshold: 60,
  });
  pass(1 * minutes);
  await queues.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'a' }));
  await queues.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'b', DelaySeconds: 60 }));
  pass(1 * minutes);
  const receive = () => queues.send(new sqs.ReceiveMessageCommand({ QueueUrl }));
  await receive();
  pass(3 * minutes);
  t.strictSame(await values('ApproximateNumberOfMessagesVisible'), [0, 1, 1, 1, 1]);
  t.strictSame(await values('ApproximateNumberOfMessagesDelayed'), [0, 1, 0, 0, 0]);
  t.strictSame(await values('ApproximateNumberOfMessagesNotVisible'), [0, 0, 1, 1, 1]);
  t.strictSame(await values('ApproximateAgeOfOldestMessage'), [30, 90, 150, 210], 'none while it was empty');
  t.equal(await state(), 'ALARM', 'alarms have them too');
  // Received three times, a message does not count any more.
  for (const _time of [1, 2, 3]) {
    await receive();
    await receive();
    pass(3 * minutes);
  }
  t.strictSame((await values('ApproximateAgeOfOldestMessage'))?.slice(4), [270, 330, 390, 450, 510, 570]);
  t.match(await values('ApproximateNumberOfMessagesNotVisible'), { length: 14, 13: 2 });
  t.equal(await state(), 'OK');
  await queues.send(new sqs.PurgeQueueCommand({ QueueUrl }));
  pass(7 * 60 * minutes);
  t.match(await values('ApproximateNumberOfMessagesVisible'), { length: 14 + 360 }, 'for six hours');
});
