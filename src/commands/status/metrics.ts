/**
 * What CloudWatch counted in the last day: how the function ran, what became of the mail, and what was dropped. It is the only place
 * that tells of dropped events.
 */
import {
  CloudWatchClient,
  type MetricDataQuery,
  type MetricDataResult,
  paginateGetMetricData,
} from '@aws-sdk/client-cloudwatch';
import { METRIC_NAMESPACE } from '../../../handler/metrics.js';
import { OperatorError } from '../../aws/errors.js';
import { asynchronous } from '../../stack/resources/function/changes.js';
import { retryPolicy } from '../../stack/resources/rule.js';
import type { Names, Scope } from '../../stack/scope.js';

/** The counts of a day. */
export type Counts = Record<keyof typeof metrics, number>;

export interface LastDay {
  /** Since when it was counted: the full hour, 24 to 25 hours ago. */
  since: Date;
  counts: Counts;
  /** Events that were dropped, where any were. */
  dropped?: Dropped;
}

export interface Dropped {
  /** How many; a batch that `backfill --via lambda` handed over is one. */
  events: number;
  /** The start of the first hour in which any were. */
  firstHour: Date;
  /** No message whose event was dropped then or later was stored before this. */
  storedSince: Date;
}

const byFunction = ({ functionName }: Names) => ({ Name: 'FunctionName', Value: functionName });
/** On the default event bus the rule's name alone. */
const byRule = ({ ruleName }: Names) => ({ Name: 'RuleName', Value: ruleName });

/**
 * The metrics, under the names that they go by here.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
 */
const metrics = {
  invocations: { of: 'AWS/Lambda', named: 'Invocations', by: byFunction },
  errors: { of: 'AWS/Lambda', named: 'Errors', by: byFunction },
  throttled: { of: 'AWS/Lambda', named: 'Throttles', by: byFunction },
  droppedByLambda: { of: 'AWS/Lambda', named: 'AsyncEventsDropped', by: byFunction },
  droppedByEventBridge: { of: 'AWS/Events', named: 'FailedInvocations', by: byRule },
  routed: { of: METRIC_NAMESPACE, named: 'Routed', by: byFunction },
  stayed: { of: METRIC_NAMESPACE, named: 'Skipped', by: byFunction },
  failed: { of: METRIC_NAMESPACE, named: 'Failed', by: byFunction },
};

const metricNames = Object.keys(metrics) as Array<keyof Counts>;

const hour = 3_600_000;

/**
 * The longest that an event may have been on its way until it was dropped, milliseconds. EventBridge tries for a day, and what it has
 * handed over at last is tried by Lambda for six hours more. Deploy wants the longest that either service allows, so that this holds
 * whatever the stack was like then.
 */
const onItsWay = {
  droppedByEventBridge: retryPolicy.MaximumEventAgeInSeconds * 1_000,
  droppedByLambda: (retryPolicy.MaximumEventAgeInSeconds + asynchronous.maximumEventAge) * 1_000,
};

/**
 * Asks for all of it at once, by the hour: CloudWatch answers what begins and ends with an hour.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 *
 * @throws the SDK's errors, and OperatorError when CloudWatch does not give a metric.
 */
export async function lastDay({ aws, names, clock }: Scope): Promise<LastDay> {
  const thisHour = Math.floor(clock.now() / hour) * hour;
  const since = new Date(thisHour - 24 * hour);
  const input = {
    StartTime: since,
    EndTime: new Date(thisHour + hour),
    MetricDataQueries: metricNames.map((id) => query(id, names)),
  };
  const results: MetricDataResult[] = [];
  for await (const { MetricDataResults = [] } of paginateGetMetricData({ client: aws.client(CloudWatchClient) }, input))
    results.push(...MetricDataResults);
  return summary(results, since);
}

function query(id: keyof Counts, names: Names): MetricDataQuery {
  const { of, named, by } = metrics[id];
  return {
    Id: id,
    MetricStat: {
      Metric: { Namespace: of, MetricName: named, Dimensions: [by(names)] },
      Period: hour / 1_000,
      Stat: 'Sum',
    },
  };
}

/**
 * Adds up what CloudWatch answered. A metric that nothing was counted for has no values. Pure.
 *
 * @param results of every page; a metric may be on several.
 * @throws OperatorError when CloudWatch says that a metric could not be read.
 */
export function summary(results: MetricDataResult[], since: Date): LastDay {
  const refused = results.find(({ StatusCode }) => StatusCode === 'InternalError' || StatusCode === 'Forbidden');
  if (refused !== undefined)
    throw new OperatorError(`CloudWatch could not give the metric ${refused.Label} (${refused.StatusCode}).`);
  const counts = Object.fromEntries(metricNames.map((id) => [id, 0])) as Counts;
  const drops: Array<Omit<Dropped, 'events'>> = [];
  for (const { Id, Values = [], Timestamps = [] } of results) {
    const id = Id as keyof Counts;
    counts[id] += Values.reduce((sum, value) => sum + value, 0);
    if (id !== 'droppedByLambda' && id !== 'droppedByEventBridge') continue;
    const hours = Timestamps.filter((_, index) => Number(Values[index]) > 0);
    drops.push(...hours.map((firstHour) => ({ firstHour, storedSince: new Date(firstHour.getTime() - onItsWay[id]) })));
  }
  if (drops.length === 0) return { since, counts };
  const first = (field: 'firstHour' | 'storedSince') =>
    new Date(Math.min(...drops.map((drop) => drop[field].getTime())));
  const events = counts.droppedByLambda + counts.droppedByEventBridge;
  return { since, counts, dropped: { events, firstHour: first('firstHour'), storedSince: first('storedSince') } };
}
