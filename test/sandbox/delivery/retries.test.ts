/** What becomes of events that are not delivered, or fail: dead-letter queues, destinations, and event sources. */
import { PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import * as lambda from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutBucketNotificationConfigurationCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import * as api from '@aws-sdk/client-sqs';
import t, { type Test } from 'tap';
import type { Sandbox } from '../../../src/sandbox/index.js';
import { addExecutionRole, createFunction, logging } from '../functions.js';
import { clients, policy, refusal, start } from '../support.js';

const ruleArn = 'arn:aws:events:us-east-1:111122223333:rule/inbound';
const queueArn = 'arn:aws:sqs:us-east-1:111122223333:retry';
const functionArn = 'arn:aws:lambda:us-east-1:111122223333:function:router';

/** Records whose body is `fail` fail; so does everything when `broken`. Other values are the response itself. */
const code = `
  export const handler = async (event) => {
    process.stdout.write(JSON.stringify(event) + "\\n");
    if (!event.Records) throw new Error('broken');
    const bodies = event.Records.map(({ body }) => body);
    if (bodies.includes('throw')) throw new Error('broken');
    const response = bodies.find((body) => body.startsWith('{"batch'));
    if (response) return JSON.parse(response);
    const failed = event.Records.filter(({ body }) => body === 'fail');
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };`;

const onQueue = { Effect: 'Allow' as const, Action: 'sqs:*', Resource: queueArn };

/** A queue and a function, on a clock of the test's own. */
async function prepared(t: Test, delays = {}) {
  const clock = { now: Date.now() };
  const { sandbox } = await start(t, { now: () => clock.now, delays });
  const all = clients(sandbox);
  addExecutionRole(sandbox, 'router', [logging, onQueue]);
  await createFunction(sandbox, 'router', code, { Timeout: 30 });
  const { QueueUrl } = await all.sqs.send(
    new api.CreateQueueCommand({ QueueName: 'retry', Attributes: { VisibilityTimeout: '180' } }),
  );
  const map = (input: Partial<lambda.CreateEventSourceMappingCommandInput> = {}) =>
    all.lambda.send(
      new lambda.CreateEventSourceMappingCommand({
        FunctionName: 'router',
        EventSourceArn: queueArn,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ...input,
      }),
    );
  const send = (MessageBody: string, MessageAttributes?: Record<string, api.MessageAttributeValue>) =>
    all.sqs.send(new api.SendMessageCommand({ QueueUrl, MessageBody, MessageAttributes }));
  return { ...all, sandbox, clock, QueueUrl, map, send };
}

const bodiesIn = (sandbox: Sandbox) => sandbox.state.sqs.queues.get('retry')?.messages.map(({ body }) => body);

/** The events that the function logged. */
function received(sandbox: Sandbox) {
  const streams = sandbox.state.logs.groups.get('/aws/lambda/router')?.streams.values() ?? [];
  const lines = [...streams].flat().map(({ message }) => message);
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
}

const sum = (sandbox: Sandbox, namespace: string, name: string, dimensions: Record<string, string>) =>
  sandbox.state.metrics
    .between({ namespace, name, dimensions }, 0, Number.POSITIVE_INFINITY)
    .reduce((total, [, statistics]) => total + statistics.sum, 0);

t.test('a batch: what succeeded is deleted, what failed comes back after the visibility timeout', async (t) => {
  const { sandbox, clock, map, send, lambda: client } = await prepared(t);
  await send('fail', { code: { DataType: 'String', StringValue: 'x' } });
  await send('good');
  t.match(await map({ ScalingConfig: { MaximumConcurrency: 2 } }), { State: 'Creating' });
  await sandbox.settled();
  t.strictSame(bodiesIn(sandbox), ['fail']);
  const [first, ...others] = received(sandbox).flatMap(({ Records }) => Records);
  t.match(first, {
    body: 'fail',
    attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(clock.now) },
    messageAttributes: { code: { stringValue: 'x', dataType: 'String' } },
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: 'us-east-1',
    messageId: String,
    md5OfBody: String,
  });
  t.equal(others.length, 1);

  clock.now += 179_000;
  await sandbox.settled();
  t.equal(received(sandbox).length, 1, 'not before');
  clock.now += 1_000;
  await sandbox.settled();
  const again = received(sandbox).at(-1).Records;
  t.match(again, [{ body: 'fail', attributes: { ApproximateReceiveCount: '2' } }]);

  // Responses that Lambda does not understand leave the batch, as errors do.
  sandbox.state.sqs.queues.get('retry')?.messages.splice(0);
  for (const body of ['{"batchItemFailures":[{"itemIdentifier":"x"}]}', '{"batchItemFailures":[{}]}', 'throw'])
    await send(body);
  await sandbox.settled();
  t.equal(bodiesIn(sandbox)?.length, 3);
  for (const body of ['{"batchItemFailures":null}', '{"batchOther":1}']) await send(body);
  await sandbox.settled();
  t.equal(bodiesIn(sandbox)?.length, 3, 'a response without failures');
  await send('{"batchItemFailures":"x"}');
  await sandbox.settled();
  t.equal(bodiesIn(sandbox)?.length, 4);

  const queue = sandbox.state.sqs.queues.get('retry');
  queue?.messages.splice(0, queue.messages.length, ...queue.messages.filter(({ body }) => body !== 'throw'));
  const [{ UUID } = {}] = (await client.send(new lambda.ListEventSourceMappingsCommand({}))).EventSourceMappings ?? [];
  await client.send(new lambda.UpdateEventSourceMappingCommand({ UUID, FunctionResponseTypes: [] }));
  clock.now += 180_000;
  await sandbox.settled();
  t.strictSame(bodiesIn(sandbox), [], 'without ReportBatchItemFailures, no error is success');
});

t.test('what keeps Lambda from a batch', async (t) => {
  const { sandbox, clock, map, send, lambda: client, sqs, QueueUrl } = await prepared(t);
  const { UUID } = await map();
  const role = (...actions: string[]) =>
    addExecutionRole(sandbox, 'router', [logging, { ...onQueue, Action: actions.map((action) => `sqs:${action}`) }]);
  const settle = async () => {
    await sandbox.settled();
    return [received(sandbox).length, bodiesIn(sandbox)?.length];
  };
  const pass = () => {
    clock.now += 180_000;
    return settle();
  };
  role('DeleteMessage');
  await send('good');
  t.strictSame(await pass(), [0, 1], 'it may not receive');
  role('ReceiveMessage');
  t.strictSame(await pass(), [1, 1], 'it may not delete');
  role('ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes');
  const throttle = (ReservedConcurrentExecutions: number) =>
    client.send(new lambda.PutFunctionConcurrencyCommand({ FunctionName: 'router', ReservedConcurrentExecutions }));
  await throttle(0);
  t.strictSame(await pass(), [1, 1], 'throttled');
  await throttle(5);
  await client.send(new lambda.UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
  t.strictSame(await pass(), [1, 1], 'disabled');
  await client.send(new lambda.UpdateEventSourceMappingCommand({ UUID, Enabled: true }));
  // The clock stays: in the middle of a batch, its message would become visible again.
  t.strictSame(await settle(), [2, 0]);
  await send('good');
  sandbox.state.lambda.functions.delete('router');
  await sandbox.settled();
  await send('again');
  t.strictSame(await pass(), [3, 1], 'no function');
  await client.send(new lambda.DeleteEventSourceMappingCommand({ UUID }));
  await sqs.send(new api.DeleteQueueCommand({ QueueUrl }));
  sandbox.state.pollQueue(queueArn);
  await sandbox.settled();
});

t.test('a message that becomes visible is received without anybody asking', async (t) => {
  const { sandbox } = await start(t);
  const { sqs } = clients(sandbox);
  addExecutionRole(sandbox, 'router', [logging, onQueue]);
  await createFunction(sandbox, 'router', code, { Timeout: 1 });
  const Attributes = { VisibilityTimeout: '1' };
  const { QueueUrl } = await sqs.send(new api.CreateQueueCommand({ QueueName: 'retry', Attributes }));
  await clients(sandbox).lambda.send(
    new lambda.CreateEventSourceMappingCommand({ FunctionName: 'router', EventSourceArn: queueArn }),
  );
  await sqs.send(new api.SendMessageCommand({ QueueUrl, MessageBody: 'throw' }));
  const deadline = Date.now() + 20_000;
  while (received(sandbox).length < 2 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
  t.ok(received(sandbox).length >= 2);
});

t.test('event source mappings', async (t) => {
  const { sandbox, clock, map, sqs, lambda: client } = await prepared(t, { eventSourceMapping: 5_000 });
  const { UUID } = await map({ BatchSize: 20, MaximumBatchingWindowInSeconds: 1, Enabled: false });
  const get = () => client.send(new lambda.GetEventSourceMappingCommand({ UUID }));
  const update = (input: Partial<lambda.UpdateEventSourceMappingCommandInput>) =>
    client.send(new lambda.UpdateEventSourceMappingCommand({ UUID, ...input }));
  await sqs.send(new api.CreateQueueCommand({ QueueName: 'other' }));
  await sandbox.settled();
  t.match(await get(), { State: 'Creating' });
  t.match(await refusal(update({ BatchSize: 1 })), /^400 ResourceInUseException: Cannot update/);
  clock.now += 5_000;
  t.match(await get(), { State: 'Disabled', BatchSize: 20, FunctionArn: functionArn });
  t.match(
    await refusal(map()),
    `409 ResourceConflictException: An event source mapping with SQS arn (" ${queueArn} ") and function (" router ") already exists. Please update or delete the existing mapping with UUID ${UUID}`,
  );
  t.match(await update({ ScalingConfig: { MaximumConcurrency: 2 } }), { ScalingConfig: { MaximumConcurrency: 2 } });
  clock.now += 5_000;
  t.notOk((await update({ ScalingConfig: {}, FunctionName: functionArn })).ScalingConfig);
  clock.now += 5_000;

  const refused: Array<[input: Partial<lambda.CreateEventSourceMappingCommandInput>, message: RegExp]> = [
    [{ BatchSize: 0 }, /Batch size/],
    [{ BatchSize: 11 }, /Maximum batch window in seconds must be greater than 0/],
    [{ MaximumBatchingWindowInSeconds: 301 }, /Maximum batch window/],
    [{ ScalingConfig: { MaximumConcurrency: 1 } }, /MaximumConcurrency must be between 2 and 1000/],
    [{ FunctionResponseTypes: ['Other' as never] }, /FunctionResponseTypes/],
    [{ StartingPosition: 'LATEST' }, /The embedded AWS does not support StartingPosition of an event source mapping/],
    [{ EventSourceArn: 'arn:aws:kinesis:us-east-1:111122223333:stream/a' }, /queues of SQS as event sources only/],
    [{ EventSourceArn: undefined }, /queues of SQS as event sources only/],
  ];
  for (const [input, message] of refused) t.match(await refusal(map(input)), message);
  sandbox.state.sqs.queues.get('retry')?.attributes.set('VisibilityTimeout', '29');
  t.match(
    await refusal(update({ Enabled: true })),
    /InvalidParameterValueException: Queue visibility timeout: 29 seconds is less than Function timeout: 30 seconds/,
  );
  addExecutionRole(sandbox, 'router', [{ ...onQueue, Resource: '*' }]);
  t.match(await refusal(map({ EventSourceArn: `${queueArn}-other` })), /AWS.SimpleQueueService.NonExistentQueue/);
  addExecutionRole(sandbox, 'router', [{ ...onQueue, Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage'] }]);
  t.match(
    await refusal(update({ Enabled: true })),
    /The function execution role does not have permissions to call GetQueueAttributes on SQS/,
  );
  const list = async (input: lambda.ListEventSourceMappingsCommandInput) =>
    (await client.send(new lambda.ListEventSourceMappingsCommand(input))).EventSourceMappings?.length;
  t.equal(await list({ FunctionName: 'other' }), 0);
  t.equal(await list({ FunctionName: functionArn, EventSourceArn: queueArn }), 1);
  t.match(await client.send(new lambda.DeleteEventSourceMappingCommand({ UUID })), { State: 'Deleting' });
  clock.now += 5_000;
  t.match(await refusal(get()), /^404 ResourceNotFoundException/);
});

t.test('an event that fails goes to the destination', async (t) => {
  const { sandbox, lambda: client } = await prepared(t);
  const destination = (Destination: string) =>
    client.send(
      new lambda.PutFunctionEventInvokeConfigCommand({
        FunctionName: 'router',
        DestinationConfig: { OnFailure: { Destination } },
      }),
    );
  const other = queueArn.replace('retry', 'other');
  t.equal(
    await refusal(destination(other)),
    `400 InvalidParameterValueException: The function's execution role does not have permissions to call SendMessage on ${other}`,
  );
  await destination(queueArn);
  const invoke = async () => {
    await client.send(
      new lambda.InvokeCommand({ FunctionName: 'router', InvocationType: 'Event', Payload: Buffer.from('{"a":1}') }),
    );
    await sandbox.settled();
    return (bodiesIn(sandbox) ?? []).map((body) => JSON.parse(body));
  };
  t.match(await invoke(), [
    {
      version: '1.0',
      requestContext: {
        functionArn: `${functionArn}:$LATEST`,
        condition: 'RetriesExhausted',
        approximateInvokeCount: 3,
      },
      requestPayload: { a: 1 },
      responseContext: { statusCode: 200, functionError: 'Unhandled' },
      responsePayload: { errorMessage: 'broken' },
    },
  ]);
  const limits = (MaximumEventAgeInSeconds: number) =>
    client.send(
      new lambda.UpdateFunctionEventInvokeConfigCommand({ FunctionName: 'router', MaximumEventAgeInSeconds }),
    );
  await limits(60);
  t.match(sandbox.state.lambda.functions.get('router')?.eventInvoke, { onFailure: queueArn }, 'kept by an update');
  const reserve = new lambda.PutFunctionConcurrencyCommand({
    FunctionName: 'router',
    ReservedConcurrentExecutions: 0,
  });
  await client.send(reserve);
  const [, second] = await invoke();
  t.match(second, { requestContext: { condition: 'ZeroReservedConcurrency', approximateInvokeCount: 0 } });
  t.notOk('responsePayload' in second);

  const failures = () => sum(sandbox, 'AWS/Lambda', 'DestinationDeliveryFailures', { FunctionName: 'router' });
  t.equal(failures(), 0);
  addExecutionRole(sandbox, 'router', [logging]);
  t.equal((await invoke()).length, 2, 'its role may not send');
  sandbox.state.iam.roles.delete('router');
  t.equal((await invoke()).length, 2, 'it has no role');
  t.equal(failures(), 2);
  t.match(await refusal(destination(queueArn)), /does not have permissions to call SendMessage/);
  await destination('arn:aws:sns:us-east-1:111122223333:topic');
  t.equal((await invoke()).length, 2, 'topics are not emulated');
  t.equal(failures(), 2);
  t.equal(sum(sandbox, 'AWS/Lambda', 'AsyncEventsDropped', { FunctionName: 'router' }), 5);
  await client.send(
    new lambda.UpdateFunctionEventInvokeConfigCommand({ FunctionName: 'router', DestinationConfig: { OnFailure: {} } }),
  );
  t.equal(sandbox.state.lambda.functions.get('router')?.eventInvoke?.onFailure, undefined);
});

t.test('an event that is not delivered goes to the dead-letter queue of its target', async (t) => {
  const { sandbox, s3, events, sqs, QueueUrl } = await prepared(t);
  await s3.send(new CreateBucketCommand({ Bucket: 'mail' }));
  const NotificationConfiguration = { EventBridgeConfiguration: {} };
  await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket: 'mail', NotificationConfiguration }));
  await events.send(new PutRuleCommand({ Name: 'inbound', EventPattern: '{"source":["aws.s3"]}' }));
  const target = { Id: 'router', Arn: functionArn };
  const put = async (Key: string) => {
    await s3.send(new PutObjectCommand({ Bucket: 'mail', Key, Body: 'letter' }));
    await sandbox.settled();
    const { Messages = [] } = await sqs.send(
      new api.ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }),
    );
    return Messages;
  };
  await events.send(new PutTargetsCommand({ Rule: 'inbound', Targets: [target] }));
  t.strictSame(await put('a'), [], 'it has none');
  const DeadLetterConfig = { Arn: queueArn };
  await events.send(new PutTargetsCommand({ Rule: 'inbound', Targets: [{ ...target, DeadLetterConfig }] }));
  t.strictSame(await put('b'), [], "the queue's policy does not allow it");
  const Policy = policy({
    Effect: 'Allow',
    Principal: { Service: 'events.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: queueArn,
    Condition: { ArnEquals: { 'aws:SourceArn': ruleArn } },
  });
  await sqs.send(new api.SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  const attribute = (StringValue: string) => ({ DataType: 'String', StringValue });
  const [message] = await put('c');
  t.match(message?.MessageAttributes, {
    RULE_ARN: attribute(ruleArn),
    TARGET_ARN: attribute(functionArn),
    ERROR_CODE: attribute('NO_PERMISSIONS'),
    ERROR_MESSAGE: attribute('is not authorized'),
  });
  t.match(JSON.parse(String(message?.Body)), { source: 'aws.s3', detail: { object: { key: 'c' } } });
  sandbox.state.lambda.functions.delete('router');
  t.match(await put('d'), [{ MessageAttributes: { ERROR_CODE: attribute('NO_RESOURCE') } }]);
  const count = (name: string) => sum(sandbox, 'AWS/Events', name, { RuleName: 'inbound' });
  t.strictSame([count('InvocationsSentToDlq'), count('InvocationsFailedToBeSentToDlq')], [2, 1]);
  t.equal(count('FailedInvocations'), 4);
});
