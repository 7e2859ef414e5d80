/**
 * SQS: ReceiveMessage, and what is done with messages that were received.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Queue, QueuedMessage } from '../../account/queues.js';
import type { AccountState } from '../../account/state.js';
import { milliseconds, receiveMessages } from '../../delivery/queue.js';
import { measureQueue } from '../../metrics/queues.js';
import { AwsRefusal, type Operation } from '../../operation.js';
import { runBatch } from './batch.js';
import { findQueue, invalidValue, type QueueInput, queueAccess } from './common.js';
import { md5, md5OfAttributes } from './digests.js';

interface ReceiveInput extends QueueInput {
  MaxNumberOfMessages?: number;
  VisibilityTimeout?: number;
  WaitTimeSeconds?: number;
  /** The former name of `MessageSystemAttributeNames`. */
  AttributeNames?: string[];
  MessageSystemAttributeNames?: string[];
  MessageAttributeNames?: string[];
}

/** How often a long poll looks; milliseconds. */
const look = 20;

function systemAttributesOf({ sender, sent, received, firstReceived }: QueuedMessage): Record<string, string> {
  return {
    SenderId: sender,
    SentTimestamp: String(sent),
    ApproximateReceiveCount: String(received),
    ApproximateFirstReceiveTimestamp: String(firstReceived),
  };
}

/** A record of a received message: all of its attributes, as Lambda reads it. */
export function allAttributes(message: QueuedMessage) {
  return { attributes: systemAttributesOf(message), md5OfBody: md5(message.body) };
}

/** Entries by their names: `All`, `.*` and `prefix.*` mean several. */
function chosen<Value>(entries: Record<string, Value>, names: string[]): Record<string, Value> | undefined {
  const fits = (name: string) =>
    names.some(
      (wanted) => wanted === 'All' || wanted === name || (/\.\*$/.test(wanted) && name.startsWith(wanted.slice(0, -2))),
    );
  const kept = Object.entries(entries).filter(([name]) => fits(name));
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function describe(message: QueuedMessage, input: ReceiveInput) {
  const attributes = chosen(message.attributes, input.MessageAttributeNames ?? []);
  return {
    MessageId: message.id,
    ReceiptHandle: message.receipt,
    MD5OfBody: md5(message.body),
    Body: message.body,
    Attributes: chosen(systemAttributesOf(message), [
      ...(input.AttributeNames ?? []),
      ...(input.MessageSystemAttributeNames ?? []),
    ]),
    MessageAttributes: attributes,
    MD5OfMessageAttributes: md5OfAttributes(attributes ?? {}),
  };
}

/** Receives what there is; if there is nothing, waits for a message for some time. */
async function wait(state: AccountState, queue: Queue, most: number, input: ReceiveInput): Promise<QueuedMessage[]> {
  const { VisibilityTimeout: visibility, WaitTimeSeconds: seconds } = input;
  const end =
    Date.now() + (seconds === undefined ? milliseconds(queue, 'ReceiveMessageWaitTimeSeconds') : seconds * 1000);
  for (;;) {
    const messages = receiveMessages(state, queue, most, visibility === undefined ? undefined : visibility * 1000);
    if (messages.length > 0 || Date.now() >= end || state.closing.aborted) return messages;
    await pause(look, undefined, { signal: state.closing }).catch(() => {});
  }
}

const receiveMessage: Operation<ReceiveInput> = {
  service: 'sqs',
  name: 'ReceiveMessage',
  mutates: true,
  access: queueAccess('ReceiveMessage'),
  async run({ input, state }) {
    const queue = findQueue(state, input);
    const { MaxNumberOfMessages: most = 1 } = input;
    if (!(most >= 1 && most <= 10)) {
      const message = `Value ${most} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.`;
      throw invalidValue(message);
    }
    const messages = await wait(state, queue, most, input);
    return messages.length === 0 ? {} : { Messages: messages.map((message) => describe(message, input)) };
  },
};

interface Handle {
  ReceiptHandle: string;
}

/** @throws {AwsRefusal} ReceiptHandleIsInvalid */
function checkHandle({ ReceiptHandle: handle }: Handle): void {
  if (/^[A-Za-z0-9+/]{80}$/.test(handle)) return;
  throw new AwsRefusal('ReceiptHandleIsInvalid', `The input receipt handle "${handle}" is not a valid receipt handle.`);
}

/** Deletes a message. One that was received by somebody else since, or was deleted, is no error. */
function remove(state: AccountState, queue: Queue, entry: Handle): object {
  checkHandle(entry);
  measureQueue(state, queue);
  queue.messages = queue.messages.filter(({ receipt }) => receipt !== entry.ReceiptHandle);
  return {};
}

const deleteMessage: Operation<QueueInput & Handle> = {
  service: 'sqs',
  name: 'DeleteMessage',
  mutates: true,
  access: queueAccess('DeleteMessage'),
  run({ input, state }) {
    remove(state, findQueue(state, input), input);
  },
};

const deleteMessageBatch: Operation<QueueInput & { Entries: Array<Handle & { Id: string }> }> = {
  service: 'sqs',
  name: 'DeleteMessageBatch',
  mutates: true,
  access: queueAccess('DeleteMessage'),
  run({ input, state }) {
    const queue = findQueue(state, input);
    return runBatch('Delete', input.Entries, (entry) => remove(state, queue, entry));
  },
};

const changeMessageVisibility: Operation<QueueInput & Handle & { VisibilityTimeout: number }> = {
  service: 'sqs',
  name: 'ChangeMessageVisibility',
  mutates: true,
  access: queueAccess('ChangeMessageVisibility'),
  run({ input, state }) {
    const queue = findQueue(state, input);
    const { ReceiptHandle: handle, VisibilityTimeout: seconds } = input;
    if (!(seconds >= 0 && seconds <= 43_200)) {
      const message = `Value ${seconds} for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200.`;
      throw invalidValue(message);
    }
    checkHandle(input);
    const message = queue.messages.find(({ receipt }) => receipt === handle);
    if (message === undefined || message.visibleAt <= state.now()) {
      throw new AwsRefusal('MessageNotInflight', 'The message referred to is not in flight.');
    }
    measureQueue(state, queue);
    message.visibleAt = state.now() + seconds * 1000;
    state.pollQueue(queue.arn);
  },
};

const purgeQueue: Operation<QueueInput> = {
  service: 'sqs',
  name: 'PurgeQueue',
  mutates: true,
  access: queueAccess('PurgeQueue'),
  run({ input, state }) {
    const queue = findQueue(state, input);
    measureQueue(state, queue);
    queue.messages = [];
  },
};

export const receiveOperations: Operation[] = [
  receiveMessage,
  deleteMessage,
  deleteMessageBatch,
  changeMessageVisibility,
  purgeQueue,
];
