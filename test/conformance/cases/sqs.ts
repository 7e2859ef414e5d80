/**
 * SQS, and Lambda's event source mappings of its queues. The role and the function `plain` are those of the Lambda cases.
 */
import { PutRolePolicyCommand } from '@aws-sdk/client-iam';
import * as lambda from '@aws-sdk/client-lambda';
import * as api from '@aws-sdk/client-sqs';
import type { Account, Case } from '../account.js';

const QueueName = 'conformance';
const arn = (name: string) => `arn:aws:sqs:us-east-1:123456789012:${name}`;
const url = ({ kept }: Account) => ({ QueueUrl: kept.get('queue url') });
const notThere = (account: Account) => ({ QueueUrl: `${account.kept.get('queue url')}-not-there` });
const Attributes = { VisibilityTimeout: '180', MessageRetentionPeriod: '1209600' };
const Policy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: arn(QueueName),
    },
  ],
});
const MessageAttributes = {
  RULE_ARN: { DataType: 'String', StringValue: 'arn:aws:events:us-east-1:123456789012:rule/inbound' },
  ERROR_CODE: { DataType: 'String', StringValue: 'NO_PERMISSIONS' },
};

const one = (title: string, send: (account: Account) => Promise<object>): Case => ({ title, send });

const queues: Case[] = [
  one('with attributes and tags', async ({ sqs, kept }) => {
    const answer = await sqs.send(new api.CreateQueueCommand({ QueueName, Attributes, tags: { team: 'mail' } }));
    kept.set('queue url', String(answer.QueueUrl));
    return answer;
  }),
  one('the same', ({ sqs }) => sqs.send(new api.CreateQueueCommand({ QueueName, Attributes }))),
  one('with another value', ({ sqs }) =>
    sqs.send(new api.CreateQueueCommand({ QueueName, Attributes: { VisibilityTimeout: '30' } })),
  ),
  one('with nothing', ({ sqs }) => sqs.send(new api.CreateQueueCommand({ QueueName: 'plain' }))),
  one('a name SQS does not take', ({ sqs }) => sqs.send(new api.CreateQueueCommand({ QueueName: 'a b' }))),
  one('there', ({ sqs }) => sqs.send(new api.GetQueueUrlCommand({ QueueName }))),
  one('not there', ({ sqs }) => sqs.send(new api.GetQueueUrlCommand({ QueueName: 'not-there' }))),
  one('all', ({ sqs }) => sqs.send(new api.ListQueuesCommand({}))),
  one('by a prefix', ({ sqs }) => sqs.send(new api.ListQueuesCommand({ QueueNamePrefix: 'conf' }))),
  one('none', ({ sqs }) => sqs.send(new api.ListQueuesCommand({ QueueNamePrefix: 'none' }))),
  one('a page', ({ sqs }) => sqs.send(new api.ListQueuesCommand({ MaxResults: 1 }))),
  one('with a policy', (account) =>
    account.sqs.send(new api.SetQueueAttributesCommand({ ...url(account), Attributes: { Policy, DelaySeconds: '0' } })),
  ),
  one('no queue', (account) =>
    account.sqs.send(new api.SetQueueAttributesCommand({ ...notThere(account), Attributes })),
  ),
  one('all', (account) =>
    account.sqs.send(new api.GetQueueAttributesCommand({ ...url(account), AttributeNames: ['All'] })),
  ),
  one('two', (account) =>
    account.sqs.send(
      new api.GetQueueAttributesCommand({ ...url(account), AttributeNames: ['VisibilityTimeout', 'QueueArn'] }),
    ),
  ),
  one('none named', (account) => account.sqs.send(new api.GetQueueAttributesCommand(url(account)))),
  one('no queue', (account) =>
    account.sqs.send(new api.GetQueueAttributesCommand({ ...notThere(account), AttributeNames: ['All'] })),
  ),
  one('one new, one changed', (account) =>
    account.sqs.send(new api.TagQueueCommand({ ...url(account), Tags: { team: 'other', more: '' } })),
  ),
  one('no queue', (account) => account.sqs.send(new api.TagQueueCommand({ ...notThere(account), Tags: { a: 'b' } }))),
  one('two', (account) => account.sqs.send(new api.ListQueueTagsCommand(url(account)))),
  one('no queue', (account) => account.sqs.send(new api.ListQueueTagsCommand(notThere(account)))),
  one('one there, one not', (account) =>
    account.sqs.send(new api.UntagQueueCommand({ ...url(account), TagKeys: ['more', 'unknown'] })),
  ),
  one('no queue', (account) => account.sqs.send(new api.UntagQueueCommand({ ...notThere(account), TagKeys: ['a'] }))),
  one('an attribute SQS does not have', ({ sqs }) =>
    sqs.send(new api.CreateQueueCommand({ QueueName: 'odd', Attributes: { Colour: 'blue' } as object })),
  ),
];

/** A call with the handle that was received last. */
const withHandle = (account: Account) => ({ ...url(account), ReceiptHandle: account.kept.get('handle') });
const entries = (...ids: string[]) => ids.map((Id) => ({ Id, MessageBody: Id }));

const messages: Case[] = [
  one('with attributes', (account) =>
    account.sqs.send(new api.SendMessageCommand({ ...url(account), MessageBody: 'one', MessageAttributes })),
  ),
  one('no queue', (account) =>
    account.sqs.send(new api.SendMessageCommand({ ...notThere(account), MessageBody: 'one' })),
  ),
  one('one, with everything', async (account) => {
    const answer = await account.sqs.send(
      new api.ReceiveMessageCommand({
        ...url(account),
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
        VisibilityTimeout: 300,
      }),
    );
    account.kept.set('handle', String(answer.Messages?.[0]?.ReceiptHandle));
    return answer;
  }),
  one('in flight', (account) => account.sqs.send(new api.ReceiveMessageCommand(url(account)))),
  one('too many', (account) =>
    account.sqs.send(new api.ReceiveMessageCommand({ ...url(account), MaxNumberOfMessages: 11 })),
  ),
  one('no queue', (account) => account.sqs.send(new api.ReceiveMessageCommand(notThere(account)))),
  one('in flight', (account) =>
    account.sqs.send(new api.ChangeMessageVisibilityCommand({ ...withHandle(account), VisibilityTimeout: 60 })),
  ),
  one('no handle', (account) =>
    account.sqs.send(
      new api.ChangeMessageVisibilityCommand({ ...url(account), ReceiptHandle: 'x', VisibilityTimeout: 60 }),
    ),
  ),
  one('in flight', (account) => account.sqs.send(new api.DeleteMessageCommand(withHandle(account)))),
  one('no handle', (account) =>
    account.sqs.send(new api.DeleteMessageCommand({ ...url(account), ReceiptHandle: 'x' })),
  ),
  one('two', (account) =>
    account.sqs.send(new api.SendMessageBatchCommand({ ...url(account), Entries: entries('a', 'b') })),
  ),
  one('none', (account) => account.sqs.send(new api.SendMessageBatchCommand({ ...url(account), Entries: [] }))),
  one('an id twice', (account) =>
    account.sqs.send(new api.SendMessageBatchCommand({ ...url(account), Entries: entries('a', 'a') })),
  ),
  one('an id SQS does not take', (account) =>
    account.sqs.send(new api.SendMessageBatchCommand({ ...url(account), Entries: entries('a b') })),
  ),
  one('eleven', (account) =>
    account.sqs.send(
      new api.SendMessageBatchCommand({ ...url(account), Entries: entries(...Array.from('abcdefghijk')) }),
    ),
  ),
  one('of no handles', (account) =>
    account.sqs.send(
      new api.DeleteMessageBatchCommand({ ...url(account), Entries: [{ Id: 'a', ReceiptHandle: 'x' }] }),
    ),
  ),
  one('no queue', (account) =>
    account.sqs.send(
      new api.DeleteMessageBatchCommand({ ...notThere(account), Entries: [{ Id: 'a', ReceiptHandle: 'x' }] }),
    ),
  ),
  one('empty', (account) => account.sqs.send(new api.SendMessageCommand({ ...url(account), MessageBody: '' }))),
  one('out of range', (account) =>
    account.sqs.send(new api.SetQueueAttributesCommand({ ...url(account), Attributes: { MaximumMessageSize: '1' } })),
  ),
  one('with messages', (account) => account.sqs.send(new api.PurgeQueueCommand(url(account)))),
  one('no queue', (account) => account.sqs.send(new api.PurgeQueueCommand(notThere(account)))),
];

const mapping = { FunctionName: 'plain', EventSourceArn: arn(QueueName) };
const id = ({ kept }: Account) => ({ UUID: kept.get('mapping') });
const none = { UUID: '00000000-0000-4000-8000-000000000000' };

const mappings: Case[] = [
  one('for a queue', ({ iam }) =>
    iam.send(
      new PutRolePolicyCommand({
        RoleName: 'of-the-function',
        PolicyName: 'queue',
        PolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: 'sqs:*', Resource: arn(QueueName) }],
        }),
      }),
    ),
  ),
  one('with everything', async (account) => {
    const answer = await account.lambda.send(
      new lambda.CreateEventSourceMappingCommand({
        ...mapping,
        BatchSize: 10,
        Enabled: false,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: 2 },
      }),
    );
    account.kept.set('mapping', String(answer.UUID));
    return answer;
  }),
  one('no function', ({ lambda: client }) =>
    client.send(new lambda.CreateEventSourceMappingCommand({ ...mapping, FunctionName: 'not-there' })),
  ),
  one('no queue', ({ lambda: client }) =>
    client.send(new lambda.CreateEventSourceMappingCommand({ ...mapping, EventSourceArn: arn('not-there') })),
  ),
  one('too large a batch', ({ lambda: client }) =>
    client.send(new lambda.CreateEventSourceMappingCommand({ ...mapping, BatchSize: 10_001 })),
  ),
  one('there', (account) => account.lambda.send(new lambda.GetEventSourceMappingCommand(id(account)))),
  one('not there', (account) => account.lambda.send(new lambda.GetEventSourceMappingCommand(none))),
  one('of a function', (account) =>
    account.lambda.send(new lambda.ListEventSourceMappingsCommand({ FunctionName: 'plain' })),
  ),
  one('of another queue', (account) =>
    account.lambda.send(new lambda.ListEventSourceMappingsCommand({ EventSourceArn: arn('plain') })),
  ),
  one('the size of a batch', (account) =>
    account.lambda.send(new lambda.UpdateEventSourceMappingCommand({ ...id(account), BatchSize: 5 })),
  ),
  one('not there', (account) => account.lambda.send(new lambda.UpdateEventSourceMappingCommand(none))),
  one('there', (account) => account.lambda.send(new lambda.DeleteEventSourceMappingCommand(id(account)))),
  one('not there', (account) => account.lambda.send(new lambda.DeleteEventSourceMappingCommand(none))),
  one('a queue', ({ lambda: client }) =>
    client.send(
      new lambda.PutFunctionEventInvokeConfigCommand({
        FunctionName: 'plain',
        DestinationConfig: { OnFailure: { Destination: arn(QueueName) } },
      }),
    ),
  ),
  one('a queue', ({ lambda: client }) =>
    client.send(new lambda.GetFunctionEventInvokeConfigCommand({ FunctionName: 'plain' })),
  ),
  one('there', (account) => account.sqs.send(new api.DeleteQueueCommand(url(account)))),
  one('not there', (account) => account.sqs.send(new api.DeleteQueueCommand(notThere(account)))),
];

export const sqsCases: Case[] = [...queues, ...messages, ...mappings];
