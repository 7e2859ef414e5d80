import { PutRuleCommand, type PutRuleCommandInput, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { AddPermissionCommand } from '@aws-sdk/client-lambda';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import t, { type Test } from 'tap';
import type { Sandbox, SandboxOptions } from '../../../src/sandbox/index.js';
import { addExecutionRole, createFunction, logging } from '../functions.js';
import { clients, start } from '../support.js';

const ruleArn = 'arn:aws:events:us-east-1:111122223333:rule/inbound';
const functionArn = (name: string) => `arn:aws:lambda:us-east-1:111122223333:function:${name}`;
const now = Date.UTC(2026, 0, 2, 3, 4, 5, 6);

/** A bucket, and a function `router` that logs the events it gets. */
async function prepared(t: Test, options: SandboxOptions = {}) {
  const { sandbox } = await start(t, { now: () => now, ...options });
  const { s3, lambda, events } = clients(sandbox);
  await s3.send(new CreateBucketCommand({ Bucket: 'mail' }));
  addExecutionRole(sandbox, 'router', [logging]);
  await createFunction(
    sandbox,
    'router',
    'export const handler = async (event) => void process.stdout.write(JSON.stringify(event) + "\\n");',
  );
  const notify = (NotificationConfiguration: NotificationConfiguration) =>
    s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: 'mail',
        NotificationConfiguration,
        SkipDestinationValidation: true,
      }),
    );
  const permit = (Principal: string, SourceArn: string, FunctionName = 'router') =>
    lambda.send(
      new AddPermissionCommand({
        FunctionName,
        StatementId: Principal.replaceAll('.', '-'),
        Action: 'lambda:InvokeFunction',
        Principal,
        SourceArn,
      }),
    );
  const rule = async (Name: string, input: Partial<PutRuleCommandInput> = {}, targets = [functionArn('router')]) => {
    await events.send(new PutRuleCommand({ Name, EventPattern: '{"source":["aws.s3"]}', ...input }));
    const Targets = targets.map((Arn, index) => ({ Id: String(index), Arn }));
    await events.send(new PutTargetsCommand({ Rule: Name, Targets }));
  };
  const put = (Key: string, Body = 'letter') => s3.send(new PutObjectCommand({ Bucket: 'mail', Key, Body }));
  return { sandbox, s3, notify, permit, rule, put };
}

/** The events that the function logged. */
function received(sandbox: Sandbox) {
  const streams = sandbox.state.logs.groups.get('/aws/lambda/router')?.streams.values() ?? [];
  const lines = [...streams].flat().map(({ message }) => message);
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
}

t.test('through EventBridge', async (t) => {
  const { sandbox, s3, notify, permit, rule, put } = await prepared(t);
  await rule('inbound', {
    EventPattern: JSON.stringify({
      source: ['aws.s3'],
      'detail-type': ['Object Created'],
      detail: { bucket: { name: ['mail'] }, object: { key: [{ prefix: 'inbound/' }] } },
    }),
  });
  await permit('events.amazonaws.com', ruleArn);
  await put('inbound/before');
  await notify({ EventBridgeConfiguration: {} });
  await put('inbound/a b+c');
  await s3.send(new CopyObjectCommand({ Bucket: 'mail', Key: 'inbound/copy', CopySource: 'mail/inbound/before' }));
  await put('elsewhere/a');
  await sandbox.settled();
  const delivered = { rule: 'inbound', function: 'router', outcome: 'invoked', attempts: 1 };
  const byKey = (a: { key: string }, b: { key: string }) => a.key.localeCompare(b.key);
  t.same(sandbox.state.deliveries.toSorted(byKey), [
    { key: 'inbound/a b+c', ...delivered },
    { key: 'inbound/copy', ...delivered },
  ]);
  const events = received(sandbox).sort((a, b) => byKey(a.detail.object, b.detail.object));
  const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
  t.match(events[0], {
    version: '0',
    id: uuid,
    'detail-type': 'Object Created',
    source: 'aws.s3',
    account: '111122223333',
    time: '2026-01-02T03:04:05Z',
    region: 'us-east-1',
    resources: ['arn:aws:s3:::mail'],
    detail: {
      version: '0',
      bucket: { name: 'mail' },
      object: { key: 'inbound/a b+c', size: 6, etag: /^[0-9a-f]{32}$/, sequencer: /^[0-9A-F]{17}$/ },
      'request-id': uuid,
      requester: '111122223333',
      'source-ip-address': '127.0.0.1',
      reason: 'PutObject',
    },
  });
  t.match(events[1]?.detail, { object: { key: 'inbound/copy' }, reason: 'CopyObject' });
  t.ok(events[0]?.detail.object.sequencer < events[1]?.detail.object.sequencer, 'in the order of the writes');
});

t.test('both name the version, in a bucket that keeps versions', async (t) => {
  const { sandbox, s3, notify, permit, rule, put } = await prepared(t);
  await rule('inbound');
  await permit('events.amazonaws.com', ruleArn);
  await permit('s3.amazonaws.com', 'arn:aws:s3:::mail');
  const LambdaFunctionArn = functionArn('router');
  await notify({
    EventBridgeConfiguration: {},
    LambdaFunctionConfigurations: [{ Id: 'put', LambdaFunctionArn, Events: ['s3:ObjectCreated:*'] }],
  });
  const versions: Array<string | undefined> = [];
  for (const Status of ['Enabled', 'Suspended'] as const) {
    await s3.send(new PutBucketVersioningCommand({ Bucket: 'mail', VersioningConfiguration: { Status } }));
    versions.push((await put(Status)).VersionId);
    await sandbox.settled();
  }
  const events = received(sandbox);
  const told = (key: string) =>
    events
      .flatMap(({ detail, Records }) => (detail ? [detail.object] : [Records[0].s3.object]))
      .filter((object) => object.key === key)
      .map((object) => object['version-id'] ?? object.versionId);
  t.strictSame(told('Enabled'), [versions[0], versions[0]]);
  t.strictSame(told('Suspended'), [undefined, undefined]);
});

t.test('EventBridge delivers only some time after it is enabled', async (t) => {
  let clock = now;
  const { sandbox, notify, permit, rule, put } = await prepared(t, {
    now: () => clock,
    delays: { eventBridgeDelivery: 300_000 },
  });
  await rule('inbound');
  await permit('events.amazonaws.com', ruleArn);
  await notify({ EventBridgeConfiguration: {} });
  clock += 299_999;
  await put('early');
  clock += 1;
  await put('in-time');
  await notify({});
  await put('off');
  await sandbox.settled();
  t.match(sandbox.state.deliveries, [{ key: 'in-time', outcome: 'invoked' }]);
  t.equal(sandbox.state.deliveries.length, 1);
});

t.test('events that are not delivered', async (t) => {
  const { sandbox, notify, permit, rule, put } = await prepared(t);
  await notify({ EventBridgeConfiguration: {} });
  await rule('disabled', { State: 'DISABLED' });
  await rule('unpermitted');
  await rule('absent', {}, [functionArn('absent'), 'arn:aws:sqs:us-east-1:111122223333:queue']);
  await rule('failing', {}, [functionArn('failing')]);
  addExecutionRole(sandbox, 'failing');
  await createFunction(sandbox, 'failing', 'export const handler = async () => { throw new Error("no"); };');
  await permit('events.amazonaws.com', ruleArn);
  await permit('events.amazonaws.com', 'arn:aws:events:us-east-1:111122223333:rule/failing', 'failing');
  await put('a');
  await sandbox.settled();
  t.same(
    sandbox.state.deliveries.toSorted((a, b) => String(a.rule).localeCompare(String(b.rule))),
    [
      { key: 'a', rule: 'absent', function: 'absent', outcome: 'function missing', attempts: 0 },
      { key: 'a', rule: 'failing', function: 'failing', outcome: 'failed', attempts: 3 },
      { key: 'a', rule: 'unpermitted', function: 'router', outcome: 'not permitted', attempts: 0 },
    ],
  );
});

t.test("through the bucket's own notifications", async (t) => {
  const { sandbox, s3, notify, permit, put } = await prepared(t);
  const LambdaFunctionArn = functionArn('router');
  const filter = (...FilterRules: Array<{ Name: 'prefix' | 'suffix'; Value?: string }>) => ({ Key: { FilterRules } });
  await notify({
    LambdaFunctionConfigurations: [
      {
        Id: 'put',
        LambdaFunctionArn,
        Events: ['s3:ObjectCreated:Put'],
        Filter: filter({ Name: 'prefix', Value: 'inbound/' }, { Name: 'suffix', Value: '.eml' }),
      },
      {
        Id: 'any',
        LambdaFunctionArn,
        Events: ['s3:ObjectRemoved:*', 's3:ObjectCreated:*'],
        Filter: filter({ Name: 'prefix', Value: 'copies/' }),
      },
      { Id: 'removed', LambdaFunctionArn, Events: ['s3:ObjectRemoved:*'] },
      { Id: 'absent', LambdaFunctionArn: functionArn('absent'), Events: ['s3:ObjectCreated:Copy'] },
    ],
  });
  await put('inbound/unpermitted.eml');
  await sandbox.settled();
  await permit('s3.amazonaws.com', 'arn:aws:s3:::mail');
  await put('inbound/a b+ü.eml');
  await put('inbound/other.txt');
  await put('else/a.eml');
  await s3.send(new CopyObjectCommand({ Bucket: 'mail', Key: 'copies/a.eml', CopySource: 'mail/else/a.eml' }));
  await sandbox.settled();
  const done = { function: 'router', outcome: 'invoked', attempts: 1 };
  t.same(
    sandbox.state.deliveries.toSorted((a, b) => `${a.key}${a.notification}`.localeCompare(`${b.key}${b.notification}`)),
    [
      { key: 'copies/a.eml', notification: 'absent', function: 'absent', outcome: 'function missing', attempts: 0 },
      { key: 'copies/a.eml', notification: 'any', ...done },
      { key: 'inbound/a b+ü.eml', notification: 'put', ...done },
      {
        key: 'inbound/unpermitted.eml',
        notification: 'put',
        function: 'router',
        outcome: 'not permitted',
        attempts: 0,
      },
    ],
  );
  const [record, copied] = received(sandbox)
    .map(({ Records }) => Records[0])
    .sort((a, b) => b.s3.object.key.localeCompare(a.s3.object.key));
  t.match(record, {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'us-east-1',
    eventTime: '2026-01-02T03:04:05.006Z',
    eventName: 'ObjectCreated:Put',
    userIdentity: { principalId: String },
    requestParameters: { sourceIPAddress: '127.0.0.1' },
    responseElements: { 'x-amz-request-id': String, 'x-amz-id-2': String },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: 'put',
      bucket: { name: 'mail', ownerIdentity: { principalId: String }, arn: 'arn:aws:s3:::mail' },
      object: { key: 'inbound/a+b%2B%C3%BC.eml', size: 6, eTag: /^[0-9a-f]{32}$/, sequencer: String },
    },
  });
  t.match(copied, { eventName: 'ObjectCreated:Copy', s3: { configurationId: 'any', object: { key: 'copies/a.eml' } } });
});

t.test('S3 tells of objects that are there', async (t) => {
  const { sandbox } = await prepared(t);
  const bucket = sandbox.state.s3.buckets.get('mail');
  if (bucket === undefined) throw new Error('no bucket');
  const tell = () => sandbox.state.objectCreated(bucket, 'absent', 'PutObject', '111122223333', '127.0.0.1');
  t.throws(tell, { message: 'S3 tells of absent, which is not in mail.' });
});
