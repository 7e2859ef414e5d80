/**
 * SQS's metrics of a queue's content: a sample a minute, as long as the queue is in use. Nothing happens in a queue between two calls, so
 * the samples since the last one are taken when the next call, or a reader of the metrics, comes.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
import type { Queue } from '../account/queues.js';
import type { AccountState } from '../account/state.js';
import { minute, single } from './metrics.js';

/** "A queue is active when it contains messages, or when it was accessed in the last six hours." */
const activeFor = 6 * 60 * minute;

/** Samples older than this are not kept by CloudWatch. */
const kept = 15 * 24 * 60 * minute;

/** "If a message is received three or more times and not deleted, … the age … is excluded from this metric." */
const poisonAfter = 3;

function sampleOf({ messages }: Queue, at: number): Record<string, number> {
  const there = messages.filter(({ sent }) => sent <= at);
  const waiting = there.filter(({ visibleAt }) => visibleAt <= at).length;
  const delayed = there.filter(({ visibleAt, received }) => visibleAt > at && received === 0).length;
  const aged = there.filter(({ received }) => received < poisonAfter);
  return {
    ApproximateNumberOfMessagesVisible: waiting,
    ApproximateNumberOfMessagesDelayed: delayed,
    ApproximateNumberOfMessagesNotVisible: there.length - waiting - delayed,
    // Reported where a message counts.
    ...(aged.length === 0
      ? {}
      : { ApproximateAgeOfOldestMessage: (at - Math.min(...aged.map(({ sent }) => sent))) / 1000 }),
  };
}

/** Takes the samples that are due. Called before a queue's messages change, and before metrics are read. */
export function measureQueue(state: AccountState, queue: Queue): void {
  const now = state.now();
  const since = Math.max(queue.measuredAt, now - kept);
  const end = queue.messages.length > 0 ? now : Math.min(now, queue.measuredAt + activeFor);
  for (let at = Math.floor(since / minute) * minute + minute; at <= end; at += minute) {
    for (const [name, value] of Object.entries(sampleOf(queue, at)))
      state.metrics.record({ namespace: 'AWS/SQS', name, dimensions: { QueueName: queue.name } }, single(value), at);
  }
  queue.measuredAt = now;
}

/** Takes the samples of all queues. */
export function measureQueues(state: AccountState): void {
  for (const queue of state.sqs.queues.values()) measureQueue(state, queue);
}
