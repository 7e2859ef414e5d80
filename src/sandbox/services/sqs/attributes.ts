/**
 * SQS: the attributes of a queue.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
 */
import { parsePolicy } from '../../../policy/document.js';
import type { Queue } from '../../account/queues.js';
import type { AccountState } from '../../account/state.js';
import { expire } from '../../delivery/queue.js';
import { AwsRefusal, type Operation } from '../../operation.js';
import { findQueue, type QueueInput, queueAccess } from './common.js';

/** The attributes that are numbers, with their ranges. */
const ranges: Record<string, [least: number, most: number]> = {
  DelaySeconds: [0, 900],
  MaximumMessageSize: [1024, 1_048_576],
  MessageRetentionPeriod: [60, 1_209_600],
  ReceiveMessageWaitTimeSeconds: [0, 20],
  VisibilityTimeout: [0, 43_200],
  KmsDataKeyReusePeriodSeconds: [60, 86_400],
};

const others = ['Policy', 'KmsMasterKeyId', 'SqsManagedSseEnabled'];

/** What a queue has unless it was created with other values. */
export const defaults: Record<string, string> = {
  DelaySeconds: '0',
  MaximumMessageSize: '1048576',
  MessageRetentionPeriod: '345600',
  ReceiveMessageWaitTimeSeconds: '0',
  VisibilityTimeout: '30',
  SqsManagedSseEnabled: 'true',
};

/** What can be read and not set. */
const readOnly = [
  ...['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesDelayed', 'ApproximateNumberOfMessagesNotVisible'],
  ...['CreatedTimestamp', 'LastModifiedTimestamp', 'QueueArn'],
];

const notEmulated = [
  ...['RedrivePolicy', 'RedriveAllowPolicy', 'FifoQueue', 'ContentBasedDeduplication', 'DeduplicationScope'],
  'FifoThroughputLimit',
];

const badName = (name: string) => new AwsRefusal('InvalidAttributeName', `Unknown Attribute ${name}.`);
const badValue = (name: string) => new AwsRefusal('InvalidAttributeValue', `Invalid value for the parameter ${name}.`);

/** @throws {AwsRefusal} InvalidAttributeName, InvalidAttributeValue */
export function checkAttributes(attributes: Record<string, string>): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (notEmulated.includes(name)) {
      throw new AwsRefusal('InvalidAttributeName', `The embedded AWS does not support ${name} of a queue.`);
    }
    const range = ranges[name];
    if (range === undefined && !others.includes(name)) throw badName(name);
    const outside = range && !(/^\d+$/.test(value) && Number(value) >= range[0] && Number(value) <= range[1]);
    if (outside || (name === 'SqsManagedSseEnabled' && !/^(true|false)$/.test(value))) throw badValue(name);
    if (name === 'Policy' && value !== '') checkPolicy(value);
  }
}

function checkPolicy(text: string): void {
  try {
    parsePolicy(text);
  } catch {
    throw badValue('Policy');
  }
}

/** Sets attributes. One kind of encryption at rest ends the other; an empty value removes an attribute. */
export function setAttributes(queue: Queue, attributes: Record<string, string>): void {
  if (attributes.KmsMasterKeyId) queue.attributes.set('SqsManagedSseEnabled', 'false');
  if (attributes.SqsManagedSseEnabled === 'true') queue.attributes.delete('KmsMasterKeyId');
  for (const [name, value] of Object.entries(attributes)) {
    if (value === '') queue.attributes.delete(name);
    else queue.attributes.set(name, value);
  }
}

const seconds = (time: Date) => String(Math.floor(time.getTime() / 1000));

/** All attributes of a queue, with the numbers of its messages. */
function attributesOf(state: AccountState, queue: Queue): Record<string, string> {
  expire(state, queue);
  const now = state.now();
  const waiting = queue.messages.filter(({ visibleAt }) => visibleAt > now);
  const delayed = waiting.filter(({ received }) => received === 0);
  return {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(queue.messages.length - waiting.length),
    ApproximateNumberOfMessagesNotVisible: String(waiting.length - delayed.length),
    ApproximateNumberOfMessagesDelayed: String(delayed.length),
    CreatedTimestamp: seconds(queue.created),
    LastModifiedTimestamp: seconds(queue.modified),
    ...Object.fromEntries(queue.attributes),
  };
}

const getQueueAttributes: Operation<QueueInput & { AttributeNames?: string[] }> = {
  service: 'sqs',
  name: 'GetQueueAttributes',
  mutates: false,
  access: queueAccess('GetQueueAttributes'),
  run({ input, state }) {
    const queue = findQueue(state, input);
    const { AttributeNames: names = [] } = input;
    const known = ['All', ...Object.keys(ranges), ...others, ...readOnly, ...notEmulated];
    const unknown = names.find((name) => !known.includes(name));
    if (unknown !== undefined) throw badName(unknown);
    const all = Object.entries(attributesOf(state, queue));
    const chosen = all.filter(([name]) => names.includes('All') || names.includes(name));
    return chosen.length === 0 ? {} : { Attributes: Object.fromEntries(chosen) };
  },
};

const setQueueAttributes: Operation<QueueInput & { Attributes: Record<string, string> }> = {
  service: 'sqs',
  name: 'SetQueueAttributes',
  mutates: true,
  access: queueAccess('SetQueueAttributes'),
  run({ input, state }) {
    const queue = findQueue(state, input);
    checkAttributes(input.Attributes);
    setAttributes(queue, input.Attributes);
    queue.modified = new Date(state.now());
    state.pollQueue(queue.arn);
  },
};

export const queueAttributeOperations: Operation[] = [getQueueAttributes, setQueueAttributes];
