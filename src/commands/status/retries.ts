/**
 * The retry queue: how many events wait in it, for how long, and why they failed. No message is received: that would count as an attempt.
 */
import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { OperatorError } from '../../aws/errors.js';
import type { Observed } from '../../stack/index.js';
import type { Permission } from '../../stack/resource.js';
import { usesRetryQueue } from '../../stack/resources/retry/names.js';
import { messagesIn, visibilityTimeout } from '../../stack/resources/retry/queue.js';
import type { Scope, StackContext } from '../../stack/scope.js';
import { type Entry, readEntry } from '../logs/entry.js';
import { readLog } from '../logs/events.js';
import { logsPermission } from '../logs/permissions.js';
import { type Attempt, attempt } from './attempt.js';

export interface Retries {
  /** How many events wait, as SQS counts them. */
  waiting: Attempt<number>;
  /** Absent when none waits. */
  why?: {
    /** The age of the oldest, seconds. */
    oldest: Attempt<number>;
    /** The last failure in the function's log; its value is undefined if there is none. */
    lastFailure: Attempt<Failure | undefined>;
  };
}

export interface Failure {
  at: Date;
  reason: string;
}

/**
 * @returns undefined if the stack has no retry queue.
 */
export async function readRetries(
  { retryQueue, rule }: Pick<Observed, 'retryQueue' | 'rule'>,
  scope: Scope,
): Promise<Retries | undefined> {
  const { settings } = scope;
  if (!settings.retryQueue)
    return usesRetryQueue(rule, scope) ? { waiting: { unknown: 'not read with --no-retry-queue' } } : undefined;
  if (retryQueue === undefined) return undefined;
  const waiting = messagesIn(retryQueue);
  if (waiting === 0) return { waiting: { value: 0 } };
  const [oldest, lastFailure] = await Promise.all([
    attempt(ageOfOldest(scope), settings),
    attempt(failureOf(scope), settings),
  ]);
  return { waiting: { value: waiting }, why: { oldest, lastFailure } };
}

/** CloudWatch gets SQS's metrics every minute, some minutes late. Milliseconds. */
const recent = 15 * 60_000;

/**
 * SQS leaves out what was received three times or more, and a new queue's first value takes up to fifteen minutes.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 *
 * @throws the SDK's errors, and OperatorError when CloudWatch has no value.
 */
async function ageOfOldest({ aws, names, clock }: Scope): Promise<number> {
  const { MetricDataResults: [result] = [] } = await aws.client(CloudWatchClient).send(
    new GetMetricDataCommand({
      StartTime: new Date(clock.now() - recent),
      EndTime: new Date(clock.now()),
      ScanBy: 'TimestampDescending',
      MetricDataQueries: [
        {
          Id: 'oldest',
          MetricStat: {
            Metric: {
              Namespace: 'AWS/SQS',
              MetricName: 'ApproximateAgeOfOldestMessage',
              Dimensions: [{ Name: 'QueueName', Value: names.retryQueueName }],
            },
            Period: 60,
            Stat: 'Maximum',
          },
        },
      ],
    }),
  );
  const age = result?.Values?.[0];
  if (age === undefined)
    throw new OperatorError(
      'CloudWatch has no value. It leaves out events that were tried three times or more, and is some minutes late.',
    );
  return age;
}

/** The last failure since every event that waits was tried, twice. */
async function failureOf(scope: Scope): Promise<Failure | undefined> {
  const start = scope.clock.now() - Math.max(recent, 2_000 * visibilityTimeout(scope));
  let last: Failure | undefined;
  for await (const page of readLog(scope, { start }))
    for (const line of page) {
      const entry = readEntry(line);
      const reason = typeof entry === 'string' ? undefined : reasonOf(entry);
      if (reason !== undefined) last = { at: new Date(line.at), reason };
    }
  return last;
}

function reasonOf(entry: Entry): string | undefined {
  if (entry.kind === 'runtime') return entry.failure;
  return entry.error && `${entry.error.name}: ${entry.error.message}`;
}

/** Besides reading the stack and the metrics. */
export function retriesPermissions(stack: StackContext): Permission[] {
  return stack.settings.retryQueue ? [logsPermission(stack)] : [];
}
