/**
 * What SQS's operations share: finding a queue, its errors, and what a caller must be allowed to do.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
 */
import type { Queue } from '../../account/queues.js';
import type { AccountState } from '../../account/state.js';
import { type Access, AwsRefusal, type OperationCall } from '../../operation.js';

export interface QueueInput {
  QueueUrl: string;
}

export const queueArn = (state: AccountState, name: string): string =>
  `arn:${state.partition}:sqs:${state.region}:${state.account}:${name}`;

export const queueUrl = (state: AccountState, name: string): string => `${state.endpoint}/${state.account}/${name}`;

/** The name in a queue's URL. */
function nameIn({ QueueUrl }: QueueInput): string {
  return String(`${QueueUrl}`.split('/').at(-1));
}

export const missingQueue = (): AwsRefusal =>
  new AwsRefusal('QueueDoesNotExist', 'The specified queue does not exist.');

export const invalidValue = (message: string): AwsRefusal => new AwsRefusal('InvalidParameterValue', message);

/** @throws {AwsRefusal} QueueDoesNotExist */
export function findQueue(state: AccountState, input: QueueInput): Queue {
  const queue = state.sqs.queues.get(nameIn(input));
  if (queue === undefined || !`${input.QueueUrl}`.endsWith(`/${state.account}/${queue.name}`)) throw missingQueue();
  return queue;
}

/** The permission that an operation on a queue needs. A batch needs that of its single operation. */
export const queueAccess =
  (action: string) =>
  ({ input, state }: OperationCall<QueueInput>): Access[] => [
    { action: `sqs:${action}`, resource: queueArn(state, nameIn(input)) },
  ];

/** @throws {AwsRefusal} for parameters that are not emulated: they are never ignored */
export function refuseMembers(input: object, members: string[]): void {
  const unknown = Object.keys(input).filter((member) => members.includes(member));
  if (unknown.length > 0) throw invalidValue(`The embedded AWS does not support ${unknown.join(', ')} of a message.`);
}
