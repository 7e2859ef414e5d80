/**
 * CloudWatch's metrics of the last day: invocations, routing outcomes, and dropped events. Dropped events are visible nowhere else.
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

/** Which of the events that Lambda or EventBridge gives up on go to the retry queue. */
export interface QueueUse {
  /** Whether those of EventBridge do. */
  ofTarget: boolean;
  /** Since when those of Lambda can have gone there, milliseconds since 1970; absent if they do not. */
  ofFunctionSince?: number;
}

export interface LastDay {
  /** The start of the period: the full hour, 24 to 25 hours ago. */
  since: Date;
  counts: Counts;
  /** Each hour of the period, the present one last. */
  hours: Hour[];
  /** The number of events that were given up on and are in the retry queue, or were. */
  queued: number;
  /** The events that were given up on and are in no retry queue, if there were any. */
  dropped?: Dropped;
}

/** What became of the mail in an hour. */
export interface Hour {
  /** Its start. */
  from: Date;
  /** Absent if it is unknown: the function ran, and CloudWatch has no outcome of it, or not all metrics are there. */
  mail?: Pick<Counts, 'routed' | 'stayed' | 'failed'>;
}

export interface Dropped {
  /** The number of events; a batch of `backfill --via lambda` is one. */
  events: number;
  /** The start of the first hour in which events were dropped. */
  firstHour: Date;
  /** No message whose event was dropped then or later was stored before this. */
  storedSince: Date;
}

const byFunction = ({ functionName }: Names) => ({ Name: 'FunctionName', Value: functionName });
/** On the default event bus the rule's name alone. */
const byRule = ({ ruleName }: Names) => ({ Name: 'RuleName', Value: ruleName });

/**
 * The metrics, by the names used here.
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
  sentByEventBridge: { of: 'AWS/Events', named: 'InvocationsSentToDlq', by: byRule },
  notSentByEventBridge: { of: 'AWS/Events', named: 'InvocationsFailedToBeSentToDlq', by: byRule },
  notSentByLambda: { of: 'AWS/Lambda', named: 'DestinationDeliveryFailures', by: byFunction },
};

const metricNames = Object.keys(metrics) as Array<keyof Counts>;

const hour = 3_600_000;

/**
 * The longest time from an event to its drop, milliseconds. EventBridge retries for a day, and Lambda for another six hours after
 * EventBridge's last delivery. A deploy configures the maximum of both services, so this holds for any earlier configuration too.
 */
const longestDelivery = {
  droppedByEventBridge: retryPolicy.MaximumEventAgeInSeconds * 1_000,
  droppedByLambda: (retryPolicy.MaximumEventAgeInSeconds + asynchronous.maximumEventAge) * 1_000,
};

/**
 * Requests all metrics at once, by the hour: CloudWatch returns full hours.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 *
 * @throws the SDK's errors, and OperatorError when CloudWatch can't return a metric.
 */
export async function lastDay({ aws, names, clock }: Scope, use: QueueUse): Promise<LastDay> {
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
  return { ...summary(results, since, use), hours: hoursOf(results, since.getTime(), thisHour) };
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
 * Sums up CloudWatch's results. A metric without data has no values. Pure.
 *
 * @param results from all pages; a metric may be on several.
 * @throws OperatorError when CloudWatch reports that a metric could not be read.
 */
export function summary(results: MetricDataResult[], since: Date, use: QueueUse): Omit<LastDay, 'hours'> {
  const refused = results.find(({ StatusCode }) => StatusCode === 'InternalError' || StatusCode === 'Forbidden');
  if (refused !== undefined)
    throw new OperatorError(`CloudWatch could not return the metric ${refused.Label} (${refused.StatusCode}).`);
  const total = Object.fromEntries(metricNames.map((id) => [id, 0])) as Counts;
  const hours = new Map<number, Counts>();
  for (const { Id, Values = [], Timestamps = [] } of results)
    for (const [index, value] of Values.entries()) {
      const start = Number(Timestamps[index]);
      const counts = hours.get(start) ?? (Object.fromEntries(metricNames.map((id) => [id, 0])) as Counts);
      counts[Id as keyof Counts] += value;
      total[Id as keyof Counts] += value;
      hours.set(start, counts);
    }
  const drops = [...hours].flatMap(([start, counts]) => dropsIn(start, counts, use));
  // At the turn of an hour an event may be given up on in one and sent to the queue in the next.
  const inQueue = use.ofTarget && total.sentByEventBridge >= total.droppedByEventBridge;
  const lost = drops.filter(
    ({ by }) => !(by === 'droppedByEventBridge' && inQueue && total.notSentByEventBridge === 0),
  );
  const events = lost.reduce((sum, drop) => sum + drop.events, 0);
  const queued = total.droppedByLambda + total.droppedByEventBridge - events;
  if (lost.length === 0) return { since, counts: total, queued };
  const firstHour = new Date(Math.min(...lost.map(({ start }) => start)));
  const storedSince = new Date(Math.min(...lost.map(({ start, by }) => start - longestDelivery[by])));
  return { since, counts: total, queued, dropped: { events, firstHour, storedSince } };
}

/** The events of an hour that were given up on and went to no retry queue. */
function dropsIn(start: number, counts: Counts, { ofTarget, ofFunctionSince }: QueueUse) {
  // FailedInvocations may or may not count what could not be sent to the queue.
  const byEventBridge = ofTarget
    ? Math.max(counts.droppedByEventBridge - counts.sentByEventBridge, counts.notSentByEventBridge)
    : counts.droppedByEventBridge;
  // Lambda does not count what it sends. Of the hour in which the queue was made, nothing is known.
  const byLambda =
    ofFunctionSince !== undefined && start >= ofFunctionSince
      ? Math.min(counts.droppedByLambda, counts.notSentByLambda)
      : counts.droppedByLambda;
  const drops = [
    { by: 'droppedByEventBridge', start, events: byEventBridge },
    { by: 'droppedByLambda', start, events: byLambda },
  ] as const;
  return drops.filter(({ events }) => events > 0);
}

const outcomes = ['routed', 'stayed', 'failed'] as const;

/**
 * The outcomes by the hour. The function logs all three for each message, and without invocations there is nothing to log: an hour in which
 * it ran without any is unknown. So is one without data where CloudWatch has not returned all of a metric. Pure.
 *
 * @param since the start of the first hour; `thisHour` of the present one; milliseconds since 1970.
 */
export function hoursOf(results: MetricDataResult[], since: number, thisHour: number): Hour[] {
  const values = new Map<string, number>();
  for (const { Id, Values = [], Timestamps = [] } of results)
    for (const [index, at] of Timestamps.entries()) values.set(`${Id} ${at.getTime()}`, Number(Values[index]));
  const needed = [...outcomes, 'invocations'];
  // The last page of a metric tells whether there is more.
  const partial = needed.some((id) => results.findLast(({ Id }) => Id === id)?.StatusCode === 'PartialData');
  const count = Math.round((thisHour - since) / hour) + 1;
  return Array.from({ length: count }, (_, index): Hour => {
    const at = since + index * hour;
    const from = new Date(at);
    const has = (id: string) => values.has(`${id} ${at}`);
    const ran = Number(values.get(`invocations ${at}`) ?? 0) > 0;
    const known = outcomes.every(has) || !(partial || ran || outcomes.some(has));
    if (!known) return { from };
    const [routed, stayed, failed] = outcomes.map((id) => values.get(`${id} ${at}`) ?? 0) as [number, number, number];
    return { from, mail: { routed, stayed, failed } };
  });
}
