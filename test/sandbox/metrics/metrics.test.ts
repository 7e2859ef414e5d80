import { PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import {
  AddPermissionCommand,
  DeleteFunctionCommand,
  InvokeCommand,
  PutFunctionConcurrencyCommand,
} from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutBucketNotificationConfigurationCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import t from 'tap';
import type { Sandbox } from '../../../src/sandbox/index.js';
import { type Metric, Metrics, minute, single } from '../../../src/sandbox/metrics/metrics.js';
import { addExecutionRole, createFunction, invoke, logging, pid, until } from '../functions.js';
import { clients, start } from '../support.js';

const now = Date.parse('2026-05-04T10:00:30Z');
const begin = Math.floor(now / minute) * minute;
const metric: Metric = { namespace: 'Ours', name: 'Routed', dimensions: { a: '1', b: '2' } };

t.test('values are added up by the minute', async (t) => {
  const metrics = new Metrics(() => now);
  metrics.record(metric, single(3));
  metrics.record({ ...metric, dimensions: { b: '2', a: '1' } }, single(5, 2), now + 29_999);
  metrics.record(metric, single(1), now - minute);
  for (const other of [
    { ...metric, name: 'Skipped' },
    { ...metric, namespace: 'Theirs' },
    { ...metric, dimensions: { a: '1' } },
  ]) {
    metrics.record(other, single(100));
  }
  const earlier = [begin - minute, { sum: 1, minimum: 1, maximum: 1, count: 1 }];
  t.strictSame(metrics.between(metric, 0, now), [earlier, [begin, { sum: 13, minimum: 3, maximum: 5, count: 3 }]]);
  t.strictSame(metrics.between(metric, 0, begin), [earlier], 'the end is not in it');
  t.strictSame(metrics.between({ ...metric, dimensions: {} }, 0, now), []);
});

t.test('they are kept for fifteen days', async (t) => {
  let time = now;
  const metrics = new Metrics(() => time);
  const minutes = () => metrics.between(metric, 0, Number.POSITIVE_INFINITY).map(([at]) => (at - begin) / minute);
  metrics.record(metric, single(1));
  time += 15 * 24 * 60 * minute - minute;
  metrics.record(metric, single(1));
  t.strictSame(minutes(), [0, 21_599]);
  time += 2 * minute;
  metrics.record(metric, single(1));
  t.strictSame(minutes(), [21_599, 21_601]);
});

/** What the account's services have counted, by name. */
function counts(sandbox: Sandbox, namespace: string, dimensions: Record<string, string>) {
  const names =
    namespace === 'AWS/Lambda'
      ? ['Invocations', 'Errors', 'Throttles', 'AsyncEventsReceived', 'AsyncEventsDropped']
      : ['MatchedEvents', 'TriggeredRules', 'Invocations', 'FailedInvocations'];
  const sums = names.flatMap((name) => {
    const minutes = sandbox.state.metrics.between({ namespace, name, dimensions }, 0, Number.POSITIVE_INFINITY);
    return minutes.length === 0 ? [] : [[name, minutes.reduce((total, [, { sum }]) => total + sum, 0)] as const];
  });
  return Object.fromEntries(sums);
}

t.test('Lambda’s metrics', async (t) => {
  let time = now;
  const { sandbox } = await start(t, { now: () => time });
  const { lambda } = clients(sandbox);
  const code = `export const handler = async ({ fail, wait }) => {
    if (fail) throw new Error('as told');
    if (wait) await new Promise((resolve) => setTimeout(resolve, wait));
  };`;
  const send = (event: object, InvocationType?: 'Event') =>
    lambda.send(
      new InvokeCommand({ FunctionName: 'counted', InvocationType, Payload: Buffer.from(JSON.stringify(event)) }),
    );
  addExecutionRole(sandbox, 'counted');
  await createFunction(sandbox, 'counted', code);
  const counted = () => counts(sandbox, 'AWS/Lambda', { FunctionName: 'counted' });
  t.strictSame(counted(), {});
  await send({});
  t.strictSame(counted(), { Invocations: 1, Errors: 0, Throttles: 0 });
  await send({ fail: true });
  t.strictSame(counted(), { Invocations: 2, Errors: 1, Throttles: 0 });
  await send({}, 'Event');
  await sandbox.settled();
  t.strictSame(counted(), { Invocations: 3, Errors: 1, Throttles: 0, AsyncEventsReceived: 1 });
  await send({ fail: true }, 'Event');
  await sandbox.settled();
  const dropped = { Invocations: 6, Errors: 4, Throttles: 0, AsyncEventsReceived: 2, AsyncEventsDropped: 1 };
  t.strictSame(counted(), dropped, 'three attempts, then it is dropped');

  await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'counted', ReservedConcurrentExecutions: 0 }));
  await t.rejects(send({}), { name: 'TooManyRequestsException' });
  t.strictSame(counted(), { ...dropped, Throttles: 1 });

  await send({}, 'Event');
  await sandbox.settled();
  t.strictSame(
    counted(),
    { ...dropped, Throttles: 2, AsyncEventsReceived: 3, AsyncEventsDropped: 2 },
    'a reserved concurrency of 0: one attempt',
  );

  // An event that is throttled is tried again until it is too old, or its function is deleted.
  sandbox.state.delays.invocationRetry = 20;
  await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName: 'counted', ReservedConcurrentExecutions: 1 }));
  await send({ wait: 1500 }, 'Event');
  await send({}, 'Event');
  await until(t, () => Number(counted().Throttles) > 2, 'it is throttled');
  time += 6 * 3600 * 1000;
  await until(t, () => counted().AsyncEventsDropped === 3, 'it is too old');
  await send({}, 'Event');
  const throttles = Number(counted().Throttles);
  await until(t, () => Number(counted().Throttles) > throttles, 'the next one is throttled');
  await lambda.send(new DeleteFunctionCommand({ FunctionName: 'counted' }));
  await sandbox.settled();
  t.match(counted(), { AsyncEventsReceived: 6, AsyncEventsDropped: 4 }, 'its function is deleted');
  const durations = sandbox.state.metrics.between(
    { namespace: 'AWS/Lambda', name: 'Duration', dimensions: { FunctionName: 'counted' } },
    0,
    now,
  );
  t.match(durations, [[begin, { count: 7 }]]);
  t.ok(Number(durations[0]?.[1].minimum) > 0);
});

t.test('EventBridge’s metrics', async (t) => {
  const { sandbox } = await start(t);
  const { s3, events, lambda } = clients(sandbox);
  const Rule = 'inbound';
  const arn = (name: string) => `arn:aws:lambda:us-east-1:111122223333:function:${name}`;
  await s3.send(new CreateBucketCommand({ Bucket: 'mail' }));
  await s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: 'mail',
      SkipDestinationValidation: true,
      NotificationConfiguration: {
        EventBridgeConfiguration: {},
        LambdaFunctionConfigurations: [{ LambdaFunctionArn: arn('gone'), Events: ['s3:ObjectCreated:*'] }],
      },
    }),
  );
  const EventPattern = JSON.stringify({ detail: { object: { key: [{ prefix: 'inbound/' }] } } });
  await events.send(new PutRuleCommand({ Name: Rule, EventPattern }));
  addExecutionRole(sandbox, 'router');
  await createFunction(sandbox, 'router', pid);
  const target = (name: string) =>
    events.send(new PutTargetsCommand({ Rule, Targets: [{ Id: 'the only', Arn: arn(name) }] }));
  const counted = async () => {
    await s3.send(new PutObjectCommand({ Bucket: 'mail', Key: 'inbound/1', Body: 'x' }));
    await s3.send(new PutObjectCommand({ Bucket: 'mail', Key: 'elsewhere/1', Body: 'x' }));
    await sandbox.settled();
    return counts(sandbox, 'AWS/Events', { RuleName: Rule });
  };
  t.strictSame(await counted(), { MatchedEvents: 1, TriggeredRules: 1 }, 'without a target');
  await target('router');
  t.strictSame(
    await counted(),
    { MatchedEvents: 2, TriggeredRules: 2, Invocations: 1, FailedInvocations: 1 },
    'not permitted',
  );
  await lambda.send(
    new AddPermissionCommand({
      FunctionName: 'router',
      StatementId: 'rule',
      Action: 'lambda:InvokeFunction',
      Principal: 'events.amazonaws.com',
    }),
  );
  t.strictSame(await counted(), { MatchedEvents: 3, TriggeredRules: 3, Invocations: 2, FailedInvocations: 1 });
  await target('gone');
  t.strictSame(
    await counted(),
    { MatchedEvents: 4, TriggeredRules: 4, Invocations: 3, FailedInvocations: 2 },
    'no such function',
  );
});

t.test('metrics from a function’s log', async (t) => {
  const { sandbox } = await start(t, { now: () => now });
  const code = `export const handler = async ({ ago }) => {
    const _aws = {
      Timestamp: Date.now() - ago,
      CloudWatchMetrics: [{ Namespace: 'Ours', Dimensions: [['a', 'b']], Metrics: [{ Name: 'Routed' }] }],
    };
    process.stdout.write(JSON.stringify({ a: '1', b: '2', Routed: 1, _aws }) + '\\n');
  };`;
  addExecutionRole(sandbox, 'talks', [logging]);
  addExecutionRole(sandbox, 'silent');
  for (const name of ['talks', 'silent']) await createFunction(sandbox, name, code);
  const say = (name: string, ago: number) => invoke(sandbox, name, { Payload: Buffer.from(JSON.stringify({ ago })) });
  await say('silent', 0);
  const routed = () => {
    const found = sandbox.state.metrics.between(metric, 0, Number.POSITIVE_INFINITY);
    return found.map(([at, { sum }]) => [Math.round((at - begin) / minute), sum]);
  };
  t.strictSame(routed(), [], 'what may not be logged counts for nothing');
  await say('talks', 10);
  await say('talks', 10);
  await say('talks', 60 * minute);
  t.strictSame(routed(), [
    [-60, 1],
    [0, 2],
  ]);
  t.notMatch(JSON.stringify(sandbox.snapshot()), 'Routed', 'metrics are no part of the account’s configuration');
});
