/**
 * CloudWatch: PutMetricData. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
 */
import type { AccountState } from '../../account/state.js';
import { type Metric, minute, type Statistics, single, together } from '../../metrics/metrics.js';
import { AwsRefusal, type Operation } from '../../operation.js';

export interface Dimension {
  Name: string;
  Value: string;
}

/** Times are seconds since 1970. */
interface Datum {
  MetricName: string;
  Dimensions?: Dimension[];
  Timestamp?: number;
  Value?: number;
  Values?: number[];
  Counts?: number[];
  StatisticValues?: { SampleCount: number; Sum: number; Minimum: number; Maximum: number };
}

interface PutMetricDataInput {
  Namespace: string;
  MetricData?: Datum[];
}

const invalidValue = (message: string): AwsRefusal => new AwsRefusal('InvalidParameterValue', message);

export const dimensionsOf = (dimensions: Dimension[] = []): Metric['dimensions'] =>
  Object.fromEntries(dimensions.map(({ Name, Value }) => [Name, Value]));

/** A datum's values, in any of the three forms that the API accepts. @throws {AwsRefusal} MissingParameter */
function valuesOf({ Value, Values, Counts = [], StatisticValues, MetricName }: Datum): Statistics {
  if (StatisticValues) {
    const { SampleCount: count, Sum: sum, Minimum: minimum, Maximum: maximum } = StatisticValues;
    return { sum, minimum, maximum, count };
  }
  const all = (Values ?? [Value].filter((value) => value !== undefined)).map((value, at) => single(value, Counts[at]));
  if (all.length > 0) return all.reduce(together);
  throw new AwsRefusal('MissingParameter', `The metric ${MetricName} has no value: Value, Values or StatisticValues.`);
}

/** "Metric data with a timestamp … no more than two weeks in the past, and up to 2 hours into the future." */
function checkTime(state: AccountState, at: number): void {
  const past = state.now() - at;
  if (past > 14 * 24 * 60 * minute || past < -120 * minute) {
    throw invalidValue('The parameter Timestamp must specify a time within the past two weeks, or the next two hours.');
  }
}

const putMetricData: Operation<PutMetricDataInput> = {
  service: 'cloudwatch',
  name: 'PutMetricData',
  mutates: true,
  access: ({ input }) => [
    { action: 'cloudwatch:PutMetricData', resource: '*', context: { 'cloudwatch:namespace': input.Namespace } },
  ],
  run({ state, input: { Namespace: namespace, MetricData = [] } }) {
    if (namespace.startsWith('AWS/')) throw invalidValue('The value AWS/ for parameter Namespace is invalid.');
    const all = MetricData.map((datum) => {
      const at = datum.Timestamp === undefined ? state.now() : datum.Timestamp * 1000;
      checkTime(state, at);
      const metric = { namespace, name: datum.MetricName, dimensions: dimensionsOf(datum.Dimensions) };
      return { metric, values: valuesOf(datum), at };
    });
    for (const { metric, values, at } of all) state.metrics.record(metric, values, at);
    return {};
  },
};

export const putMetricDataOperations: Operation[] = [putMetricData];
