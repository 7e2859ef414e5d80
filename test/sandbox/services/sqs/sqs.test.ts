import * as api from '@aws-sdk/client-sqs';
import t from 'tap';
import { addUser, clients, policy, refusal, start } from '../../support.js';

const account = '111122223333';
const arn = (name: string) => `arn:aws:sqs:us-east-1:${account}:${name}`;

t.test('attributes', async (t) => {
  const { sandbox, sqs } = await start(t);
  const { QueueUrl } = await sqs.send(new api.CreateQueueCommand({ QueueName: 'retry' }));
  const get = async (...AttributeNames: api.QueueAttributeName[]) =>
    (await sqs.send(new api.GetQueueAttributesCommand({ QueueUrl, AttributeNames }))).Attributes;
  const set = (Attributes: Record<string, string>) =>
    sqs.send(new api.SetQueueAttributesCommand({ QueueUrl, Attributes }));
  t.equal(QueueUrl, `${sandbox.endpoint}/${account}/retry`);
  t.match(await get('All'), { SqsManagedSseEnabled: 'true', VisibilityTimeout: '30', QueueArn: arn('retry') });

  await set({ KmsMasterKeyId: 'alias/aws/sqs' });
  t.strictSame(await get('SqsManagedSseEnabled', 'KmsMasterKeyId'), {
    SqsManagedSseEnabled: 'false',
    KmsMasterKeyId: 'alias/aws/sqs',
  });
  await set({ SqsManagedSseEnabled: 'true', Policy: policy() });
  t.strictSame(await get('KmsMasterKeyId', 'Policy'), { Policy: policy() });
  await set({ Policy: '' });
  t.equal(await get('Policy'), undefined);

  const refused: Array<[attributes: Record<string, string>, message: string]> = [
    [{ Policy: '{' }, 'InvalidAttributeValue: Invalid value for the parameter Policy.'],
    [{ VisibilityTimeout: '43201' }, 'InvalidAttributeValue: Invalid value for the parameter VisibilityTimeout.'],
    [{ SqsManagedSseEnabled: 'yes' }, 'InvalidAttributeValue: Invalid value for the parameter SqsManagedSseEnabled.'],
    [{ QueueArn: 'x' }, 'InvalidAttributeName: Unknown Attribute QueueArn.'],
    [{ FifoQueue: 'true' }, 'InvalidAttributeName: The embedded AWS does not support FifoQueue of a queue.'],
  ];
  for (const [attributes, message] of refused) t.equal(await refusal(set(attributes)), `400 ${message}`);
  t.equal(await refusal(get('Colour' as never)), '400 InvalidAttributeName: Unknown Attribute Colour.');
});

t.test('a deleted queue frees its name after a while', async (t) => {
  let now = Date.now();
  const { sqs } = await start(t, { now: () => now, delays: { queueNameReuse: 60_000 } });
  const create = () => sqs.send(new api.CreateQueueCommand({ QueueName: 'retry' }));
  const { QueueUrl } = await create();
  await sqs.send(new api.DeleteQueueCommand({ QueueUrl }));
  t.match(await refusal(create()), /^400 QueueDeletedRecently: You must wait 60 seconds/);
  now += 60_000;
  await create();
  const other = String(QueueUrl).replace(account, '444455556666');
  t.match(await refusal(sqs.send(new api.DeleteQueueCommand({ QueueUrl: other }))), /QueueDoesNotExist/);
  const QueueOwnerAWSAccountId = '444455556666';
  t.match(
    await refusal(sqs.send(new api.GetQueueUrlCommand({ QueueName: 'retry', QueueOwnerAWSAccountId }))),
    /QueueDoesNotExist/,
  );
});

t.test('messages', async (t) => {
  let now = Date.now();
  const { sandbox, sqs } = await start(t, { now: () => now });
  const { QueueUrl } = await sqs.send(
    new api.CreateQueueCommand({ QueueName: 'retry', Attributes: { MessageRetentionPeriod: '600' }, tags: { a: 'b' } }),
  );
  const send = (MessageBody: string, more: Partial<api.SendMessageCommandInput> = {}) =>
    sqs.send(new api.SendMessageCommand({ QueueUrl, MessageBody, ...more }));
  const receive = async (more: Partial<api.ReceiveMessageCommandInput> = {}) => {
    const answer = await sqs.send(new api.ReceiveMessageCommand({ QueueUrl, ...more }));
    return answer.Messages ?? [];
  };
  const counts = async () => {
    const AttributeNames: api.QueueAttributeName[] = [
      'ApproximateNumberOfMessages',
      'ApproximateNumberOfMessagesNotVisible',
      'ApproximateNumberOfMessagesDelayed',
    ];
    const { Attributes } = await sqs.send(new api.GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
    return AttributeNames.map((name) => Number(Attributes?.[name]));
  };

  // The client compares the digests of body and attributes with its own.
  await send('one', {
    MessageAttributes: {
      'error.code': { DataType: 'String', StringValue: 'NO_PERMISSIONS' },
      'error.bytes': { DataType: 'Binary', BinaryValue: Buffer.from([0, 255]) },
      other: { DataType: 'Number', StringValue: '1' },
    },
  });
  await send('two', { DelaySeconds: 60 });
  t.strictSame(await counts(), [1, 0, 1]);
  const [first] = await receive({
    MaxNumberOfMessages: 10,
    MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp', 'SenderId'],
    MessageAttributeNames: ['error.*'],
  });
  t.match(first, {
    Body: 'one',
    Attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(now), SenderId: String },
    MessageAttributes: { 'error.bytes': { BinaryValue: Buffer.from([0, 255]) } },
  });
  t.notOk(first?.MessageAttributes?.other);
  t.strictSame(await counts(), [0, 1, 1]);
  t.strictSame(await receive(), []);

  now += 30_000;
  const [again] = await receive({ AttributeNames: ['All'] });
  t.match(again?.Attributes, { ApproximateReceiveCount: '2' });
  const change = (ReceiptHandle: string | undefined, VisibilityTimeout: number) =>
    sqs.send(new api.ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }));
  t.match(await refusal(change(first?.ReceiptHandle, 0)), /^400 MessageNotInflight/);
  t.match(await refusal(change(again?.ReceiptHandle, 43_201)), /^400 InvalidParameterValue/);
  await change(again?.ReceiptHandle, 0);
  t.strictSame(await counts(), [1, 0, 1]);
  t.match(await refusal(change(again?.ReceiptHandle, 0)), /^400 MessageNotInflight/);

  // The handle of a message that was received again since deletes nothing.
  const [last] = await receive();
  await sqs.send(new api.DeleteMessageCommand({ QueueUrl, ReceiptHandle: again?.ReceiptHandle }));
  t.strictSame(await counts(), [0, 1, 1]);
  await sqs.send(
    new api.DeleteMessageBatchCommand({ QueueUrl, Entries: [{ Id: 'a', ReceiptHandle: last?.ReceiptHandle }] }),
  );
  t.strictSame(await counts(), [0, 0, 1]);

  const waiting = receive({ WaitTimeSeconds: 20 });
  await send('three');
  t.match(await waiting, [{ Body: 'three' }], 'a long poll');
  now += 600_000;
  t.strictSame(await receive(), [], 'what is older than the queue keeps it is gone');

  const refused: Array<[send: () => Promise<unknown>, message: RegExp]> = [
    [() => send('\u0000'), /InvalidMessageContents/],
    [() => send('x'.repeat(1_048_577)), /InvalidParameterValue: .*shorter than 1048576 bytes/],
    [() => send('x', { DelaySeconds: 901 }), /InvalidParameterValue: .*DelaySeconds/],
    [() => send('x', { MessageGroupId: 'a' }), /The embedded AWS does not support MessageGroupId of a message/],
    [() => sqs.send(new api.SendMessageCommand({ QueueUrl, MessageBody: undefined })), /MissingParameter/],
    [() => sqs.send(new api.DeleteMessageBatchCommand({ QueueUrl, Entries: undefined })), /EmptyBatchRequest/],
  ];
  for (const [call, message] of refused) t.match(await refusal(call()), message);
  const batch = await sqs.send(
    new api.SendMessageBatchCommand({
      QueueUrl,
      Entries: [
        { Id: 'good', MessageBody: 'a' },
        { Id: 'bad', MessageBody: '' },
      ],
    }),
  );
  t.match(batch, { Successful: [{ Id: 'good' }], Failed: [{ Id: 'bad', Code: 'InvalidParameterValue' }] });
  sandbox.state.sqs.queues.get('retry')?.messages.splice(0);
  const polling = refusal(receive({ WaitTimeSeconds: 20 }));
  await sandbox.close();
  t.match(await polling, /./, 'closing ends a long poll');
});

t.test('who may do what', async (t) => {
  const { sandbox, sqs } = await start(t);
  const { QueueUrl } = await sqs.send(new api.CreateQueueCommand({ QueueName: 'retry' }));
  const key = addUser(sandbox, 'sender', [{ Effect: 'Allow', Action: 'sqs:CreateQueue', Resource: arn('other') }]);
  const sender = clients(sandbox, key).sqs;
  const send = () =>
    sender.send(new api.SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: 'a', MessageBody: 'a' }] }));
  const user = `User: arn:aws:iam::${account}:user/sender is not authorized to perform: sqs:`;
  t.equal(
    await refusal(send()),
    `403 AccessDenied: ${user}sendmessage on resource: ${arn('retry')} because no identity-based policy allows the sqs:sendmessage action`,
  );
  const Policy = policy({
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${account}:user/sender` },
    Action: 'SQS:SendMessage',
    Resource: arn('retry'),
  });
  await sqs.send(new api.SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  t.equal(await refusal(send()), 'fine', "by the queue's policy");
  await sender.send(new api.CreateQueueCommand({ QueueName: 'other' }));
  t.match(
    await refusal(sender.send(new api.CreateQueueCommand({ QueueName: 'other', tags: { a: 'b' } }))),
    /sqs:tagqueue/,
  );
  t.match(await refusal(sender.send(new api.ListQueuesCommand({}))), /sqs:listqueues on resource: \*/);

  const missing = await sqs.send(new api.GetQueueUrlCommand({ QueueName: 'none' })).catch((error) => error);
  t.match(missing, { name: 'QueueDoesNotExist', Code: 'AWS.SimpleQueueService.NonExistentQueue' }, 'both error codes');
});
