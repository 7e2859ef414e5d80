/**
 * SQS: SendMessage and SendMessageBatch.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
import type { MessageAttribute, Queue } from '../../account/queues.js';
import { addMessage } from '../../delivery/queue.js';
import { AwsRefusal, type Operation, type OperationCall } from '../../operation.js';
import { runBatch } from './batch.js';
import { findQueue, invalidValue, type QueueInput, queueAccess, refuseMembers } from './common.js';
import { md5, md5OfAttributes } from './digests.js';

interface Entry {
  MessageBody: string;
  DelaySeconds?: number;
  MessageAttributes?: Record<string, MessageAttribute>;
}

const notEmulated = ['MessageSystemAttributes', 'MessageDeduplicationId', 'MessageGroupId'];

/** What SQS does not accept in a message: most control characters, and what is no Unicode. */
const forbidden = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;

/** Adds one message. @throws {AwsRefusal} */
function send({ state, caller }: OperationCall<never>, queue: Queue, entry: Entry) {
  const { MessageBody: body, DelaySeconds: delay, MessageAttributes: attributes = {} } = entry;
  refuseMembers(entry, notEmulated);
  if (typeof body !== 'string')
    throw new AwsRefusal('MissingParameter', 'The request must contain the parameter MessageBody.');
  if (body === '') throw invalidValue('The request must contain a message body of at least one character.');
  if (forbidden.test(body)) {
    throw new AwsRefusal('InvalidMessageContents', 'The message contains characters outside the allowed set.');
  }
  const most = Number(queue.attributes.get('MaximumMessageSize'));
  if (Buffer.byteLength(body) > most) {
    throw invalidValue(`One or more parameters are invalid. Reason: Message must be shorter than ${most} bytes.`);
  }
  if (delay !== undefined && !(delay >= 0 && delay <= 900)) {
    throw invalidValue(
      `Value ${delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.`,
    );
  }
  const { id } = addMessage(
    state,
    queue,
    { body, attributes, sender: caller.userId },
    delay === undefined ? undefined : delay * 1000,
  );
  return { MessageId: id, MD5OfMessageBody: md5(body), MD5OfMessageAttributes: md5OfAttributes(attributes) };
}

const sendMessage: Operation<QueueInput & Entry> = {
  service: 'sqs',
  name: 'SendMessage',
  mutates: true,
  access: queueAccess('SendMessage'),
  run: (call) => send(call as OperationCall<never>, findQueue(call.state, call.input), call.input),
};

const sendMessageBatch: Operation<QueueInput & { Entries: Array<Entry & { Id: string }> }> = {
  service: 'sqs',
  name: 'SendMessageBatch',
  mutates: true,
  access: queueAccess('SendMessage'),
  run(call) {
    const queue = findQueue(call.state, call.input);
    return runBatch('Send', call.input.Entries, (entry) => send(call as OperationCall<never>, queue, entry));
  },
};

export const sendOperations: Operation[] = [sendMessage, sendMessageBatch];
