import {
  GetMetricDataCommand,
  type GetMetricDataCommandInput,
  type MetricDataQuery,
  type MetricDatum,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import t, { type Test } from 'tap';
import { addUser, clients, refusal, start } from '../../support.js';

const now = Date.parse('2026-05-04T10:00:30Z');
const at = (time: string) => new Date(`2026-05-04T${time}Z`);
const Dimensions = [{ Name: 'FunctionName', Value: 'router' }];
const query = (Id: string, Stat = 'Sum', Period = 60, more: Partial<MetricDataQuery> = {}): MetricDataQuery => ({
  Id,
  MetricStat: { Metric: { Namespace: 'Ours', MetricName: 'Routed', Dimensions }, Period, Stat },
  ...more,
});

async function open(t: Test) {
  const { sandbox } = await start(t, { now: () => now });
  const { cloudwatch } = clients(sandbox);
  const ask = (input: Partial<GetMetricDataCommandInput>) =>
    cloudwatch.send(
      new GetMetricDataCommand({
        MetricDataQueries: [query('a')],
        StartTime: at('09:00:00'),
        EndTime: at('10:30:00'),
        ...input,
      }),
    );
  return {
    sandbox,
    cloudwatch,
    ask,
    put: (...MetricData: MetricDatum[]) => cloudwatch.send(new PutMetricDataCommand({ Namespace: 'Ours', MetricData })),
    /** The points of each result, as lines. */
    async get(input: Partial<GetMetricDataCommandInput>) {
      const { MetricDataResults = [] } = await ask(input);
      return MetricDataResults.map(({ Id, Timestamps = [], Values = [] }) => {
        const points = Timestamps.map((time, index) => `${time.toISOString().slice(11, 19)} ${Values[index]}`);
        return [Id, ...points].join(', ');
      });
    },
  };
}

const datum = (time: string, more: Partial<MetricDatum> = { Value: 1 }): MetricDatum => ({
  MetricName: 'Routed',
  Dimensions,
  Timestamp: at(time),
  ...more,
});

t.test('returns what was put, by period', async (t) => {
  const { ask, put, get } = await open(t);
  await put(
    datum('09:10:00'),
    datum('09:10:59', { Value: 4 }),
    datum('09:12:00', { Values: [2, 3], Counts: [3, 1] }),
    datum('09:13:00', { Values: [7, 1] }),
    datum('09:20:00', { StatisticValues: { SampleCount: 4, Sum: 10, Minimum: 1, Maximum: 6 } }),
  );
  await put({ MetricName: 'Routed', Dimensions, Value: 9 });
  t.match(await ask({}), {
    MetricDataResults: [
      {
        Id: 'a',
        Label: 'Routed',
        Timestamps: [at('10:00:00'), at('09:20:00'), at('09:13:00'), at('09:12:00'), at('09:10:00')],
        Values: [9, 10, 8, 9, 5],
        StatusCode: 'Complete',
      },
    ],
    NextToken: undefined,
  });
  const MetricDataQueries = ['Sum', 'Minimum', 'Maximum', 'SampleCount', 'Average'].map((stat) =>
    query(stat.toLowerCase(), stat, 600),
  );
  t.strictSame(await get({ MetricDataQueries, ScanBy: 'TimestampAscending', EndTime: at('09:30:00') }), [
    'sum, 09:10:00 22, 09:20:00 10',
    'minimum, 09:10:00 1, 09:20:00 1',
    'maximum, 09:10:00 7, 09:20:00 6',
    'samplecount, 09:10:00 8, 09:20:00 4',
    'average, 09:10:00 2.75, 09:20:00 2.5',
  ]);
  const ascending = { ScanBy: 'TimestampAscending' as const };
  t.strictSame(
    await get({ ...ascending, MetricDataQueries: [query('a', 'Sum', 3600)], StartTime: at('08:12:40') }),
    ['a, 08:12:00 5, 09:12:00 36'],
    'periods are counted from the minute that the span begins in',
  );
  t.strictSame(
    await get({ ...ascending, StartTime: at('09:12:00'), EndTime: at('09:13:00') }),
    ['a, 09:12:00 9'],
    'the end is not in it',
  );
});

t.test('another metric is another metric', async (t) => {
  const { put, get } = await open(t);
  await put(
    datum('09:00:00'),
    datum('09:00:00', { MetricName: 'Skipped', Value: 2 }),
    datum('09:00:00', { Dimensions: undefined, Value: 3 }),
  );
  const of = (MetricName: string, dimensions: typeof Dimensions | undefined, Namespace = 'Ours') =>
    query('a', 'Sum', 60, {
      MetricStat: { Metric: { Namespace, MetricName, Dimensions: dimensions }, Period: 60, Stat: 'Sum' },
    });
  const value = async (one: MetricDataQuery) => await get({ MetricDataQueries: [one] });
  t.strictSame(await value(of('Routed', Dimensions)), ['a, 09:00:00 1']);
  t.strictSame(await value(of('Skipped', Dimensions)), ['a, 09:00:00 2']);
  t.strictSame(await value(of('Routed', undefined)), ['a, 09:00:00 3']);
  t.strictSame(await value(of('Routed', Dimensions, 'Theirs')), ['a']);
  t.strictSame(await value(of('Routed', [{ Name: 'FunctionName', Value: 'other' }])), ['a']);
});

t.test('labels, and queries that return no data', async (t) => {
  const { ask } = await open(t);
  const MetricDataQueries = [query('a', 'Sum', 60, { Label: 'Mail' }), query('b', 'Sum', 60, { ReturnData: false })];
  t.match((await ask({ MetricDataQueries })).MetricDataResults, [{ Id: 'a', Label: 'Mail', Values: [] }]);
});

t.test('in pages', async (t) => {
  const { ask, put } = await open(t);
  await put(...['09:00:00', '09:01:00', '09:02:00'].map((time) => datum(time)));
  const MetricDataQueries = [
    query('a'),
    query('none', 'Sum', 60, {
      MetricStat: { Metric: { Namespace: 'Ours', MetricName: 'Failed' }, Period: 60, Stat: 'Sum' },
    }),
    query('b', 'SampleCount'),
  ];
  const pages: unknown[] = [];
  let NextToken: string | undefined;
  do {
    const page = await ask({ MetricDataQueries, MaxDatapoints: 2, NextToken });
    pages.push(page.MetricDataResults?.map(({ Id, Values, StatusCode }) => `${Id} ${Values?.length} ${StatusCode}`));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  t.strictSame(pages, [
    ['a 2 PartialData', 'none 0 Complete', 'b 0 PartialData'],
    ['a 1 Complete', 'b 1 PartialData'],
    ['b 2 Complete'],
  ]);
  for (const token of ['bogus', '?']) {
    t.equal(await refusal(ask({ NextToken: token })), '400 InvalidNextToken: The next token specified is invalid.');
  }
});

t.test('refusals', async (t) => {
  const { cloudwatch, ask, put } = await open(t);
  const first = 'MetricDataQueries.member.1';
  const asked: Array<[input: Partial<GetMetricDataCommandInput>, message: string]> = [
    [
      { MetricDataQueries: [{ Id: 'rate', Expression: 'a / b' }] },
      `The embedded AWS does not support Expression of ${first}.`,
    ],
    [
      { MetricDataQueries: [query('a', 'Sum', 60, { AccountId: '444455556666' })] },
      `The embedded AWS does not support AccountId of ${first}.`,
    ],
    [
      {
        MetricDataQueries: [
          query('a', 'Sum', 60, {
            MetricStat: { Metric: { Namespace: 'Ours', MetricName: 'x' }, Period: 60, Stat: 'Sum', Unit: 'Count' },
          }),
        ],
      },
      `The embedded AWS does not support Unit of ${first}.`,
    ],
    [{ MetricDataQueries: [{ Id: 'a' }] }, `The parameter ${first}.MetricStat is required.`],
    [{ MetricDataQueries: [query('a', 'p99')] }, `The embedded AWS does not support the Stat p99 of ${first}.`],
    [
      { MetricDataQueries: [query('a', 'Sum', 90)] },
      `The parameter ${first}.MetricStat.Period must be a multiple of 60.`,
    ],
    [
      { MetricDataQueries: [query('a', 'Sum', 0)] },
      `The parameter ${first}.MetricStat.Period must be a multiple of 60.`,
    ],
    [
      { MetricDataQueries: [query('A')] },
      `The value A for parameter ${first}.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.`,
    ],
    [
      { MetricDataQueries: [query('a'), query('a')] },
      'The values for parameter Id in MetricDataQueries are not unique.',
    ],
    [{ EndTime: at('08:00:00') }, 'The parameter EndTime must be greater than StartTime.'],
    [{ EndTime: at('09:00:00') }, 'The parameter StartTime must not equal parameter EndTime.'],
  ];
  for (const [input, message] of asked) t.equal(await refusal(ask(input)), `400 ValidationException: ${message}`);

  const time =
    '400 InvalidParameterValueException: The parameter Timestamp must specify a time within the past two weeks, or the next two hours.';
  t.equal(await refusal(put(datum('09:00:00', { Value: 1, Timestamp: new Date('2026-04-20T00:00:00Z') }))), time);
  t.equal(await refusal(put(datum('12:01:00'))), time);
  t.equal(
    await refusal(put(datum('09:00:00', {}))),
    '400 MissingRequiredParameterException: The metric Routed has no value: Value, Values or StatisticValues.',
  );
  t.equal(
    await refusal(cloudwatch.send(new PutMetricDataCommand({ Namespace: 'AWS/Lambda', MetricData: [] }))),
    '400 InvalidParameterValueException: The value AWS/ for parameter Namespace is invalid.',
  );
  t.equal(await refusal(cloudwatch.send(new PutMetricDataCommand({ Namespace: 'Ours' }))), 'fine', 'nothing to put');
});

t.test('a large request comes compressed', async (t) => {
  const { sandbox, put, get } = await open(t);
  await put(...Array.from({ length: 300 }, () => datum('09:00:00')));
  t.strictSame(await get({}), ['a, 09:00:00 300']);
  t.match(sandbox.calls.at(0), { service: 'cloudwatch', operation: 'PutMetricData', mutates: true, status: 200 });
});

t.test('permissions', async (t) => {
  const { sandbox } = await open(t);
  const { cloudwatch } = clients(sandbox, addUser(sandbox, 'nobody', []));
  const get = new GetMetricDataCommand({ MetricDataQueries: [], StartTime: at('09:00:00'), EndTime: at('10:00:00') });
  const put = (Namespace: string) => new PutMetricDataCommand({ Namespace, MetricData: [] });
  t.match(
    await refusal(cloudwatch.send(get)),
    /^403 AccessDenied: .* perform: cloudwatch:GetMetricData on resource: \*/,
  );
  t.match(
    await refusal(cloudwatch.send(put('Ours'))),
    /^403 AccessDenied: .* perform: cloudwatch:PutMetricData on resource: \*/,
  );
  const writer = addUser(sandbox, 'writer', [
    {
      Effect: 'Allow',
      Action: 'cloudwatch:PutMetricData',
      Resource: '*',
      Condition: { StringEquals: { 'cloudwatch:namespace': 'Ours' } },
    },
  ]);
  const own = clients(sandbox, writer).cloudwatch;
  t.equal(await refusal(own.send(put('Ours'))), 'fine');
  t.match(await refusal(own.send(put('Theirs'))), /^403 AccessDenied/);
});
