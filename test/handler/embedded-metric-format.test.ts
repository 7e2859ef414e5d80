import t from 'tap';
import { embeddedMetrics } from '../../handler/metrics.js';
import { faultsOfEmbeddedMetrics } from './embedded-metric-format.js';

const good = {
  FunctionName: 'f',
  Routed: 1,
  _aws: {
    Timestamp: 1756409049000,
    CloudWatchMetrics: [
      { Namespace: 'N', Dimensions: [['FunctionName']], Metrics: [{ Name: 'Routed', Unit: 'Count' }] },
    ],
  },
};
const [directive] = good._aws.CloudWatchMetrics;
const withDirective = (change: object) => ({
  ...good,
  _aws: { ...good._aws, CloudWatchMetrics: [{ ...directive, ...change }] },
});

t.test('the check finds what CloudWatch would reject', async (t) => {
  const cases: Record<string, [document: unknown, faults: string[]]> = {
    'a good one': [good, []],
    'no metadata': [{ Routed: 1 }, ['the root has no object _aws']],
    seconds: [{ ...good, _aws: { ...good._aws, Timestamp: 1756409049 } }, ['Timestamp is not milliseconds']],
    'no directives': [{ ...good, _aws: { Timestamp: 1756409049000 } }, ['CloudWatchMetrics is no array']],
    'a member of its own': [{ ...good, _aws: { ...good._aws, Level: 1 } }, ['_aws has another member']],
    'a directive that is text': [
      { ...good, _aws: { ...good._aws, CloudWatchMetrics: ['N'] } },
      ['a directive is no object'],
    ],
    "AWS's namespace": [withDirective({ Namespace: 'AWS/Lambda' }), ['Namespace is not allowed']],
    'a number as a dimension': [{ ...good, FunctionName: 7 }, ['the dimension FunctionName has no text as its value']],
    'a dimension that is not there': [
      withDirective({ Dimensions: [['Reason']] }),
      ['the dimension Reason has no text as its value'],
    ],
    '31 dimensions': [
      withDirective({ Dimensions: [Array(31).fill('FunctionName')] }),
      ['a set of dimensions is too large'],
    ],
    '101 metrics': [
      withDirective({ Metrics: Array(101).fill({ Name: 'Routed', Unit: 'Count' }) }),
      ['there are more than 100 metrics'],
    ],
    'no metrics': [withDirective({ Metrics: undefined }), ['Dimensions or Metrics is no array']],
    'a nameless metric': [withDirective({ Metrics: [{ Unit: 'Count' }] }), ['a metric has no name']],
    'a unit of its own': [withDirective({ Metrics: [{ Name: 'Routed', Unit: 'ms' }] }), ['Routed has the unit ms']],
    'a metric that is not there': [
      withDirective({ Metrics: [{ Name: 'Failed', Unit: 'Count' }] }),
      ['Failed has no number as its value'],
    ],
    'a line that is too long': [{ ...good, x: 'x'.repeat(262_144) }, ['the line is too long']],
  };
  for (const [name, [document, faults]] of Object.entries(cases))
    t.strictSame(faultsOfEmbeddedMetrics(JSON.stringify(document)), faults, name);
});

t.test('the number of metrics of a function is bounded', async (t) => {
  const metrics = { Routed: 0, Skipped: 1, Failed: 0, HeaderBytesRead: 1, Milliseconds: 1 } as const;
  const { _aws } = embeddedMetrics(metrics, 'f', 1756409049000, 'gone');
  t.strictSame(
    _aws.CloudWatchMetrics.map(({ Dimensions, Metrics }) => [Dimensions, Metrics.map(({ Name }) => Name)]),
    [
      [[['FunctionName']], ['Routed', 'Skipped', 'Failed', 'HeaderBytesRead', 'Milliseconds']],
      [[['FunctionName', 'Reason']], ['Skipped']],
    ],
  );
});
