/**
 * The alarms: what each watches, and when it tells somebody.
 */
import type { ComparisonOperator, Statistic } from '@aws-sdk/client-cloudwatch';
import type { Names, Scope } from '../../scope.js';

/** An alarm in CloudWatch's own words, without its topic and tags. */
export interface AlarmDefinition {
  AlarmName: string;
  AlarmDescription: string;
  Namespace: string;
  MetricName: string;
  Dimensions: Array<{ Name: string; Value: string }>;
  Statistic: Statistic;
  /** Seconds. */
  Period: number;
  EvaluationPeriods: number;
  DatapointsToAlarm: number;
  Threshold: number;
  ComparisonOperator: ComparisonOperator;
  TreatMissingData: 'notBreaching';
}

/** CloudWatch's prices differ little between regions. USD a month; https://aws.amazon.com/cloudwatch/pricing/ */
export const monthlyPrice = 0.1;

const above = { ComparisonOperator: 'GreaterThanThreshold', TreatMissingData: 'notBreaching' } as const;

/** Something that was counted once is told within minutes; all of these metrics are counted by the minute. */
const once = {
  ...above,
  Statistic: 'Sum',
  Threshold: 0,
  Period: 300,
  EvaluationPeriods: 1,
  DatapointsToAlarm: 1,
} as const;

/** Of the function and the rule, with or without a retry queue. */
function ofTheFunction({ functionName, ruleName }: Names): AlarmDefinition[] {
  const Dimensions = [{ Name: 'FunctionName', Value: functionName }];
  return [
    {
      ...once,
      AlarmName: `${functionName}-errors`,
      AlarmDescription: 'The function that routes mail failed; its log says why.',
      Namespace: 'AWS/Lambda',
      MetricName: 'Errors',
      Dimensions,
    },
    {
      ...once,
      AlarmName: `${functionName}-throttles`,
      AlarmDescription: 'Lambda throttled the function that routes mail: mail is late.',
      Namespace: 'AWS/Lambda',
      MetricName: 'Throttles',
      Dimensions,
    },
    {
      ...once,
      AlarmName: `${functionName}-undelivered`,
      AlarmDescription:
        'EventBridge could not deliver events for new mail to the function. Without a retry queue this mail stays in inbound/ until a backfill.',
      // With a retry queue, too: the mail is routed from there, but only a person can give EventBridge its access back. The metric
      // includes the events that EventBridge could not even put into the queue.
      Namespace: 'AWS/Events',
      MetricName: 'FailedInvocations',
      Dimensions: [{ Name: 'RuleName', Value: ruleName }],
    },
  ];
}

/**
 * Of the retry queue: a retry that is older than 15 minutes. It takes two alarms. "If a message is received three or more times and not
 * deleted, … the age … is excluded": of an event that fails at each retry, SQS stops counting the age after minutes, before it reaches
 * any limit. Such an event is in flight nearly all the time.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
function ofTheQueue({ functionName, retryQueueName }: Names): AlarmDefinition[] {
  const ofQueue = {
    ...above,
    Namespace: 'AWS/SQS',
    Dimensions: [{ Name: 'QueueName', Value: retryQueueName }],
    Statistic: 'Maximum' as const,
    Period: 60,
  };
  return [
    {
      ...ofQueue,
      AlarmName: `${functionName}-retries-waiting`,
      AlarmDescription: 'An event has waited in the retry queue for 15 minutes, and Lambda does not take it.',
      MetricName: 'ApproximateAgeOfOldestMessage',
      Threshold: 900,
      EvaluationPeriods: 1,
      DatapointsToAlarm: 1,
    },
    {
      ...ofQueue,
      AlarmName: `${functionName}-retries-failing`,
      AlarmDescription: 'Events have been failing for 15 minutes, at each retry; the log of the function says why.',
      MetricName: 'ApproximateNumberOfMessagesNotVisible',
      Threshold: 0,
      // Between two attempts an event is visible for a moment, and CloudWatch may miss a sample.
      EvaluationPeriods: 20,
      DatapointsToAlarm: 15,
    },
  ];
}

/** @param retries whether the stack uses a retry queue */
export function definitionsOf(names: Names, retries: boolean): AlarmDefinition[] {
  return [...ofTheFunction(names), ...(retries ? ofTheQueue(names) : [])];
}

/** The names of all alarms that a stack may have. */
export function alarmNames(names: Names): string[] {
  return definitionsOf(names, true).map(({ AlarmName }) => AlarmName);
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html */
export function alarmArn(name: string, { identity: { partition, region, account } }: Pick<Scope, 'identity'>): string {
  return `arn:${partition}:cloudwatch:${region}:${account}:alarm:${name}`;
}
