/**
 * Lambda's pollers: they receive batches from queues, run functions with them, and delete what succeeded. What failed comes back after the
 * visibility timeout. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
import { decide } from '../access/authorize.js';
import { roleCaller } from '../access/callers.js';
import type { EventSourceMapping, Queue, QueuedMessage } from '../account/queues.js';
import type { AccountState, FunctionState } from '../account/state.js';
import { measureQueue } from '../metrics/queues.js';
import { mappingsOf } from '../services/lambda/event-source-mappings.js';
import { allAttributes } from '../services/sqs/receive.js';
import { queueOf, receiveMessages } from './queue.js';

/** How many batches of a queue run at a time unless the mapping limits them. "Lambda … starts with five concurrent batches". */
const atOnce = 5;

/** How soon an empty queue is polled again; milliseconds. */
const again = 1000;

/** A message as a function gets it. https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
function recordOf(state: AccountState, queue: Queue, message: QueuedMessage) {
  const attributes = Object.entries(message.attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
    name,
    {
      stringValue: StringValue,
      binaryValue: BinaryValue,
      stringListValues: [],
      binaryListValues: [],
      dataType: DataType,
    },
  ]);
  return {
    messageId: message.id,
    receiptHandle: message.receipt,
    body: message.body,
    ...allAttributes(message),
    messageAttributes: Object.fromEntries(attributes),
    eventSource: 'aws:sqs',
    eventSourceARN: queue.arn,
    awsRegion: state.region,
  };
}

/**
 * The messages that a response leaves in the queue. None, if it has no failures; all, if it can't be understood: "an invalid JSON
 * response, an empty or null itemIdentifier, an itemIdentifier with a bad key name".
 */
function failuresIn(payload: string, messages: QueuedMessage[]): QueuedMessage[] {
  const response: { batchItemFailures?: unknown } = Object(JSON.parse(payload));
  const failures = response.batchItemFailures ?? [];
  if (!Array.isArray(failures)) return messages;
  const ids = failures.map((failure: unknown) => Object(failure).itemIdentifier);
  const known = new Map(messages.map((message) => [message.id, message]));
  if (!ids.every((id) => known.has(id))) return messages;
  return messages.filter(({ id }) => ids.includes(id));
}

/** Runs a function with a batch. @returns the messages that stay in the queue */
async function runBatch(
  state: AccountState,
  fn: FunctionState,
  { responseTypes }: EventSourceMapping,
  queue: Queue,
  messages: QueuedMessage[],
): Promise<QueuedMessage[]> {
  const event = { Records: messages.map((message) => recordOf(state, queue, message)) };
  // A refusal (throttled, without its role, not ready) leaves the batch as a failure does.
  const result = await state.invoke(fn, event, 'RequestResponse').catch(() => undefined);
  if (result === undefined || result.functionError !== undefined) return messages;
  return responseTypes.length > 0 ? failuresIn(result.payload, messages) : [];
}

/** Whether the function's execution role may do something with the queue. */
function roleMay(state: AccountState, fn: FunctionState, queue: Queue, action: string): boolean {
  const role = [...state.iam.roles.values()].find(({ arn }) => arn === fn.roleArn);
  const access = { action: `sqs:${action}`, resource: queue.arn };
  return role !== undefined && decide(state, roleCaller(state, role), access).allowed;
}

/** Whether there still is something to poll: both may be deleted, or the mapping disabled, while a batch is at work. */
function isActive(state: AccountState, mapping: EventSourceMapping, queue: Queue): boolean {
  const exists = state.lambda.mappings.has(mapping.id) && state.sqs.queues.get(queue.name) === queue;
  return exists && mapping.enabled && mapping.change === undefined && !state.closing.aborted;
}

/** One batch after the other, until nothing can be received. */
async function poll(state: AccountState, mapping: EventSourceMapping, queue: Queue): Promise<void> {
  while (isActive(state, mapping, queue)) {
    const fn = state.lambda.functions.get(mapping.functionName);
    if (fn === undefined || !roleMay(state, fn, queue, 'ReceiveMessage')) return;
    const messages = receiveMessages(state, queue, mapping.batchSize);
    if (messages.length === 0) return;
    const kept = await runBatch(state, fn, mapping, queue, messages);
    measureQueue(state, queue);
    const mayDelete = roleMay(state, fn, queue, 'DeleteMessage');
    queue.messages = queue.messages.filter(
      (message) => !(mayDelete && messages.includes(message) && !kept.includes(message)),
    );
  }
}

/** Creates `AccountState.pollQueue`. */
export function createPollers(state: AccountState): AccountState['pollQueue'] {
  /** The pollers of each mapping that are at work. */
  const working = new Map<string, number>();
  const atWork = ({ id }: EventSourceMapping) => working.get(id) ?? 0;
  const timers = new Map<string, NodeJS.Timeout>();
  state.closing.addEventListener('abort', () => timers.forEach(clearTimeout));

  /** Looks again when the next message becomes visible. */
  function wait(queue: Queue): void {
    if (queue.messages.length === 0 || state.closing.aborted) return;
    const next = Math.min(...queue.messages.map(({ visibleAt }) => visibleAt)) - state.now();
    clearTimeout(timers.get(queue.arn));
    const timer = setTimeout(() => pollQueue(queue.arn), next > 0 ? next : again);
    timers.set(queue.arn, timer.unref());
  }

  async function work(mapping: EventSourceMapping, queue: Queue): Promise<void> {
    working.set(mapping.id, atWork(mapping) + 1);
    await state.activity.track(`polling of ${queue.arn}`, poll(state, mapping, queue));
    working.set(mapping.id, atWork(mapping) - 1);
    wait(queue);
  }

  function pollQueue(arn: string): void {
    const queue = queueOf(state, arn);
    if (queue === undefined) return;
    for (const mapping of mappingsOf(state)) {
      if (mapping.queueArn !== arn || mapping.change !== undefined) continue;
      const free = Math.min(mapping.maximumConcurrency ?? atOnce, atOnce) - atWork(mapping);
      for (let poller = 0; poller < free; poller += 1) void work(mapping, queue);
    }
  }
  return pollQueue;
}
