/**
 * What happens in a queue: messages arrive, are received for a while, and are deleted or come back.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { decide } from '../access/authorize.js';
import type { MessageAttribute, Queue, QueuedMessage } from '../account/queues.js';
import type { AccountState } from '../account/state.js';
import { measureQueue } from '../metrics/queues.js';
import type { Caller } from '../operation.js';

/** An attribute of the queue that is a number of seconds, in milliseconds. */
export function milliseconds(queue: Queue, attribute: string): number {
  return Number(queue.attributes.get(attribute)) * 1000;
}

/** Deletes what is older than the queue keeps it. */
export function expire(state: AccountState, queue: Queue): void {
  measureQueue(state, queue);
  const oldest = state.now() - milliseconds(queue, 'MessageRetentionPeriod');
  queue.messages = queue.messages.filter(({ sent }) => sent > oldest);
}

/** Adds a message, and has Lambda look at the queue. @param delay milliseconds until it can be received */
export function addMessage(
  state: AccountState,
  queue: Queue,
  message: { body: string; attributes: Record<string, MessageAttribute>; sender: string },
  delay = milliseconds(queue, 'DelaySeconds'),
): QueuedMessage {
  measureQueue(state, queue);
  const sent = state.now();
  const queued = { ...message, id: randomUUID(), sent, received: 0, visibleAt: sent + delay };
  queue.messages.push(queued);
  state.pollQueue(queue.arn);
  return queued;
}

/**
 * Receives messages: nobody else receives them until the visibility timeout ends.
 * @param most how many at most
 * @param visibility milliseconds
 */
export function receiveMessages(
  state: AccountState,
  queue: Queue,
  most: number,
  visibility = milliseconds(queue, 'VisibilityTimeout'),
): QueuedMessage[] {
  expire(state, queue);
  const now = state.now();
  const messages = queue.messages.filter(({ visibleAt }) => visibleAt <= now).slice(0, most);
  for (const message of messages) {
    message.received += 1;
    message.firstReceived ??= now;
    message.visibleAt = now + visibility;
    message.receipt = randomBytes(60).toString('base64');
  }
  return messages;
}

/** The queue of an ARN; undefined for a resource of another kind, and for one that does not exist. */
export function queueOf(state: AccountState, arn: string): Queue | undefined {
  return [...state.sqs.queues.values()].find((queue) => queue.arn === arn);
}

/**
 * Sends a message on behalf of a service, if the queue exists and the policies allow it.
 * @param context the condition keys of the request: `aws:SourceArn`
 * @returns whether it was sent
 */
export function sendAs(
  state: AccountState,
  caller: Caller,
  arn: string,
  message: { body: string; attributes?: Record<string, string> },
  context: Record<string, string> = {},
): boolean {
  const queue = queueOf(state, arn);
  if (queue === undefined || !decide(state, caller, { action: 'sqs:SendMessage', resource: arn, context }).allowed) {
    return false;
  }
  const attributes = Object.entries(message.attributes ?? {}).map(([name, StringValue]) => [
    name,
    { DataType: 'String', StringValue },
  ]);
  addMessage(state, queue, {
    body: message.body,
    attributes: Object.fromEntries(attributes),
    sender: caller.userId,
  });
  return true;
}
