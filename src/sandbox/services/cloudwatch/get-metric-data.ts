/**
 * CloudWatch: GetMetricData. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 */
import type { AccountState } from '../../account/state.js';
import { minute, type Statistics, together } from '../../metrics/metrics.js';
import { measureQueues } from '../../metrics/queues.js';
import { AwsRefusal, type Operation } from '../../operation.js';
import { type Dimension, dimensionsOf } from './put-metric-data.js';

const validation = (message: string): AwsRefusal => new AwsRefusal('ValidationError', message);

interface MetricStat {
  Metric: { Namespace: string; MetricName: string; Dimensions?: Dimension[] };
  /** Seconds. */
  Period: number;
  Stat: string;
  Unit?: string;
}

interface Query {
  Id: string;
  MetricStat?: MetricStat;
  Expression?: string;
  Label?: string;
  ReturnData?: boolean;
  AccountId?: string;
}

interface GetMetricDataInput {
  MetricDataQueries: Query[];
  StartTime: number;
  EndTime: number;
  ScanBy?: 'TimestampDescending' | 'TimestampAscending';
  MaxDatapoints?: number;
  NextToken?: string;
}

/** By their names in AWS. */
export const statistics: Record<string, (values: Statistics) => number> = {
  Sum: ({ sum }) => sum,
  Maximum: ({ maximum }) => maximum,
  Minimum: ({ minimum }) => minimum,
  SampleCount: ({ count }) => count,
  Average: ({ sum, count }) => sum / count,
};

/** Parses a query. @throws {AwsRefusal} ValidationError, for what AWS rejects and for what is not emulated */
function readQuery(query: Query, member: string): Query & { MetricStat: MetricStat } {
  const { Id, MetricStat, Expression, AccountId } = query;
  if (!/^[a-z]\w{0,254}$/.test(Id)) {
    const pattern = 'is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.';
    throw validation(`The value ${Id} for parameter ${member}.Id ${pattern}`);
  }
  const beyond = Object.entries({ Expression, AccountId, Unit: MetricStat?.Unit }).filter(([, value]) => value);
  if (beyond.length > 0) {
    throw validation(`The embedded AWS does not support ${beyond.map(([name]) => name).join(', ')} of ${member}.`);
  }
  if (MetricStat === undefined) throw validation(`The parameter ${member}.MetricStat is required.`);
  const { Period, Stat } = MetricStat;
  if (!(Period > 0 && Period % 60 === 0)) {
    throw validation(`The parameter ${member}.MetricStat.Period must be a multiple of 60.`);
  }
  if (!Object.hasOwn(statistics, Stat)) {
    throw validation(`The embedded AWS does not support the Stat ${Stat} of ${member}.`);
  }
  return { ...query, MetricStat };
}

/** @throws {AwsRefusal} ValidationError */
function readQueries(queries: Query[]): Array<ReturnType<typeof readQuery>> {
  if (new Set(queries.map(({ Id }) => Id)).size < queries.length) {
    throw validation('The values for parameter Id in MetricDataQueries are not unique.');
  }
  return queries.map((query, at) => readQuery(query, `MetricDataQueries.member.${at + 1}`));
}

/** The requested time span, milliseconds; the start is rounded down to the minute. @throws {AwsRefusal} ValidationError */
function spanOf({ StartTime, EndTime }: GetMetricDataInput): { start: number; end: number } {
  if (StartTime > EndTime) throw validation('The parameter EndTime must be greater than StartTime.');
  if (StartTime === EndTime) throw validation('The parameter StartTime must not equal parameter EndTime.');
  return { start: Math.floor((StartTime * 1000) / minute) * minute, end: EndTime * 1000 };
}

/** One point of a metric: the beginning of its period, and the statistic. */
type Point = [begin: number, value: number];

/** The points of a metric, by period from the start of the span; periods without values have no point. */
function pointsOf(state: AccountState, { Metric, Period, Stat }: MetricStat, start: number, end: number): Point[] {
  const metric = { namespace: Metric.Namespace, name: Metric.MetricName, dimensions: dimensionsOf(Metric.Dimensions) };
  const length = Period * 1000;
  const periods = new Map<number, Statistics>();
  for (const [begin, values] of state.metrics.between(metric, start, end)) {
    const period = start + Math.floor((begin - start) / length) * length;
    const before = periods.get(period);
    periods.set(period, before ? together(before, values) : values);
  }
  return [...periods].map(([begin, values]): Point => [begin, Number(statistics[Stat]?.(values))]);
}

/** How many points a request may have answered. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
const maxPoints = 100_800;

/** Where a page begins, counted in points. @throws {AwsRefusal} InvalidNextToken */
function firstPointOf(token: string | undefined): number {
  const begin = token === undefined ? 0 : Number(Buffer.from(token, 'base64url').toString() || 'none');
  if (!Number.isInteger(begin)) throw new AwsRefusal('InvalidNextToken', 'The next token specified is invalid.');
  return begin;
}

const getMetricData: Operation<GetMetricDataInput> = {
  service: 'cloudwatch',
  name: 'GetMetricData',
  mutates: false,
  access: () => [{ action: 'cloudwatch:GetMetricData', resource: '*' }],
  run({ state, input }) {
    const { MaxDatapoints = maxPoints, ScanBy = 'TimestampDescending' } = input;
    const queries = readQueries(input.MetricDataQueries);
    const { start, end } = spanOf(input);
    measureQueues(state);
    const first = firstPointOf(input.NextToken);
    const last = first + Math.min(MaxDatapoints, maxPoints);
    let passed = 0;
    const MetricDataResults = queries.flatMap(({ Id, Label, MetricStat, ReturnData = true }) => {
      if (!ReturnData) return [];
      const points = pointsOf(state, MetricStat, start, end);
      if (ScanBy === 'TimestampDescending') points.reverse();
      const [from, to] = [Math.max(first - passed, 0), Math.max(last - passed, 0)];
      passed += points.length;
      const page = points.slice(from, to);
      // A result without points, or without any left, appears on the first page only.
      if (page.length === 0 && first > 0) return [];
      return {
        Id,
        Label: Label ?? MetricStat.Metric.MetricName,
        Timestamps: page.map(([begin]) => new Date(begin)),
        Values: page.map(([, value]) => value),
        StatusCode: to >= points.length ? 'Complete' : 'PartialData',
      };
    });
    const NextToken = last < passed ? Buffer.from(String(last)).toString('base64url') : undefined;
    return { MetricDataResults, NextToken, Messages: [] };
  },
};

export const getMetricDataOperations: Operation[] = [getMetricData];
