import t from 'tap';
import { embeddedMetrics } from '../../../src/sandbox/metrics/embedded-metric-format.js';

const line = (document: object, directive: object = {}) =>
  JSON.stringify({
    FunctionName: 'router',
    Reason: 'gone',
    Skipped: 1,
    Milliseconds: [5, 7.5],
    ...document,
    _aws: {
      Timestamp: 1_700_000_000_000,
      CloudWatchMetrics: [
        {
          Namespace: 'Ours',
          Dimensions: [['FunctionName']],
          Metrics: [{ Name: 'Skipped', Unit: 'Count' }],
          ...directive,
        },
      ],
    },
  });
const FunctionName = { FunctionName: 'router' };
const one = { sum: 1, minimum: 1, maximum: 1, count: 1 };
const skipped = (dimensions: Record<string, string> = FunctionName, values = one) => ({
  metric: { namespace: 'Ours', name: 'Skipped', dimensions },
  values,
  at: 1_700_000_000_000,
});

const cases: Array<[what: string, line: string, expected: unknown[]]> = [
  ['one metric', line({}), [skipped()]],
  [
    'several sets of dimensions',
    line({}, { Dimensions: [['FunctionName'], ['FunctionName', 'Reason'], []] }),
    [skipped(), skipped({ ...FunctionName, Reason: 'gone' }), skipped({})],
  ],
  [
    'several metrics',
    line({}, { Metrics: [{ Name: 'Skipped' }, { Name: 'Milliseconds', Unit: 'Milliseconds' }] }),
    [
      skipped(),
      {
        ...skipped(),
        metric: { ...skipped().metric, name: 'Milliseconds' },
        values: { sum: 12.5, minimum: 5, maximum: 7.5, count: 2 },
      },
    ],
  ],
  ['a metric without a value', line({ Skipped: undefined }), []],
  ['a metric that is no number', line({ Skipped: 'many' }), []],
  ['no values', line({ Skipped: [] }), []],
  ['a dimension without a value', line({ FunctionName: undefined }), []],
  ['a dimension that is no text', line({ FunctionName: 1 }), []],
  ['a set of dimensions that is no list', line({}, { Dimensions: ['FunctionName'] }), [skipped({})]],
  ['dimensions that are no list', line({}, { Dimensions: 'FunctionName' }), []],
  ['metrics that are no list', line({}, { Metrics: 'Skipped' }), []],
  ['no directives', JSON.stringify({ _aws: { Timestamp: 1 } }), []],
  ['no time', JSON.stringify({ _aws: { CloudWatchMetrics: [] } }), []],
  ['an _aws that is no object', JSON.stringify({ _aws: 1 }), []],
  ['no such line', '{"outcome":"routed"}', []],
  ['a line after a time', `2026-01-01T00:00:00Z\t${line({})}`, []],
  ['half a line', '{"_aws":', []],
];

t.test('the metrics of a log line', async (t) => {
  for (const [what, text, expected] of cases) t.strictSame(embeddedMetrics(text), expected, what);
});
