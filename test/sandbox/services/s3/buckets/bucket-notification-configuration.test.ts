import {
  GetBucketNotificationConfigurationCommand,
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
} from '@aws-sdk/client-s3';
import t, { type Test } from 'tap';
import type { Statement } from '../../../../../src/policy/document.js';
import type { AccountState, FunctionState } from '../../../../../src/sandbox/account/state.js';
import type { SandboxOptions } from '../../../../../src/sandbox/index.js';
import { addBucket, addRole, clients, policy, refusal, sessionOf, start } from '../../../support.js';

const Bucket = 'mail';
const topic = {
  Id: 'topic',
  TopicArn: 'arn:aws:sns:us-east-1:111122223333:t',
  Events: ['s3:ObjectCreated:*' as const],
};
const queue = {
  Id: 'queue',
  QueueArn: 'arn:aws:sqs:us-east-1:111122223333:q',
  Events: ['s3:ObjectCreated:Put' as const, 's3:ObjectRemoved:*' as const],
};
const lambdaArn = 'arn:aws:lambda:us-east-1:111122223333:function:router';
const fn = { Id: 'fn', LambdaFunctionArn: lambdaArn, Events: ['s3:ObjectCreated:*' as const] };
const rules = (...names: Array<'prefix' | 'suffix'>) => ({
  Key: { FilterRules: names.map((Name) => ({ Name, Value: `${Name} & <more>` })) },
});

async function open(t: Test, options: SandboxOptions = {}) {
  const account = await start(t, options);
  const bucket = addBucket(account.sandbox, Bucket);
  return {
    ...account,
    bucket,
    async put(NotificationConfiguration: NotificationConfiguration, SkipDestinationValidation?: boolean) {
      const input = { Bucket, NotificationConfiguration, SkipDestinationValidation };
      return await refusal(account.s3.send(new PutBucketNotificationConfigurationCommand(input)));
    },
    async get() {
      const { $metadata, ...found } = await account.s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
      return found;
    },
  };
}

t.test('a configuration is kept whole', async (t) => {
  const { bucket, put, get } = await open(t);
  t.strictSame(await get(), {});
  const whole = {
    TopicConfigurations: [topic, { ...topic, Id: 'topic2', Filter: rules('prefix') }],
    QueueConfigurations: [{ ...queue, Filter: rules('prefix', 'suffix') }],
    LambdaFunctionConfigurations: [fn],
    EventBridgeConfiguration: {},
  };
  t.equal(await put(whole, true), 'fine');
  t.strictSame(JSON.parse(JSON.stringify(bucket.notification)), whole);

  // S3 answers with capitals, whatever it was told.
  const answered = (filter: ReturnType<typeof rules>) => ({
    Key: {
      FilterRules: filter.Key.FilterRules.map(({ Name, Value }) => ({
        Name: Name === 'prefix' ? 'Prefix' : 'Suffix',
        Value,
      })),
    },
  });
  const found = await get();
  t.strictSame(found, {
    ...whole,
    TopicConfigurations: [topic, { ...topic, Id: 'topic2', Filter: answered(rules('prefix')) }],
    QueueConfigurations: [{ ...queue, Filter: answered(rules('prefix', 'suffix')) }],
  });
  t.equal(await put(found, true), 'fine', 'and takes them back');
  t.strictSame(JSON.parse(JSON.stringify(bucket.notification)), whole);
  t.equal(await put({}), 'fine');
  t.strictSame(await get(), {});
});

t.test('a configuration without an id gets one', async (t) => {
  const { put, get } = await open(t);
  await put({ TopicConfigurations: [{ ...topic, Id: undefined }] }, true);
  t.match((await get()).TopicConfigurations, [{ Id: /^[0-9a-f-]{36}$/ }]);
});

t.test('EventBridge is on from when it was first turned on', async (t) => {
  let now = 1000;
  const { bucket, put } = await open(t, { now: () => now });
  const on = { EventBridgeConfiguration: {} };
  await put(on);
  t.strictSame(bucket.eventBridgeSince, new Date(1000));
  now = 2000;
  await put(on);
  t.strictSame(bucket.eventBridgeSince, new Date(1000));
  await put({});
  t.equal(bucket.eventBridgeSince, undefined);
  now = 3000;
  await put(on);
  t.strictSame(bucket.eventBridgeSince, new Date(3000));
});

function addFunction(state: AccountState, policy: Statement[]): void {
  // Only what S3 looks at matters here.
  state.lambda.functions.set('router', { name: 'router', arn: lambdaArn, policy } as FunctionState);
}
const permission = (account: string): Statement => ({
  Effect: 'Allow',
  Principal: { Service: 's3.amazonaws.com' },
  Action: 'lambda:InvokeFunction',
  Resource: lambdaArn,
  Condition: { StringEquals: { 'AWS:SourceAccount': account }, ArnLike: { 'AWS:SourceArn': 'arn:aws:s3:::mail' } },
});
const unable = '400 InvalidArgument: Unable to validate the following destination configurations';

t.test('destinations are validated', async (t) => {
  const { sandbox, put, get } = await open(t);
  t.equal(await put({ LambdaFunctionConfigurations: [fn] }), unable, 'no such function');
  addFunction(sandbox.state, []);
  t.equal(await put({ LambdaFunctionConfigurations: [fn] }), unable, 'a function that does not let S3 invoke it');
  addFunction(sandbox.state, [permission('444455556666')]);
  t.equal(await put({ LambdaFunctionConfigurations: [fn] }), unable, 'a function that lets another’s S3 invoke it');
  addFunction(sandbox.state, [permission('111122223333')]);
  t.equal(await put({ TopicConfigurations: [topic] }), unable, 'a topic');
  t.equal(await put({ LambdaFunctionConfigurations: [fn], QueueConfigurations: [queue] }), unable, 'a queue');
  t.strictSame(await get(), {});
  t.equal(await put({ LambdaFunctionConfigurations: [fn] }), 'fine');
  t.strictSame(await get(), { LambdaFunctionConfigurations: [fn] });
});

const malformed: Array<[what: string, configuration: NotificationConfiguration, expected: string]> = [
  [
    'an event',
    { TopicConfigurations: [{ ...topic, Events: ['ObjectCreated' as 's3:ObjectCreated:*'] }] },
    '400 InvalidArgument: The event is not supported for notifications',
  ],
  [
    'a kind of event',
    { TopicConfigurations: [{ ...topic, Events: ['s3:Nothing' as 's3:ObjectCreated:*'] }] },
    '400 InvalidArgument: The event is not supported for notifications',
  ],
  [
    'a rule',
    { TopicConfigurations: [{ ...topic, Filter: rules('infix' as 'prefix') }] },
    '400 InvalidArgument: filter rule name must be either prefix or suffix',
  ],
];
t.test('refuses', async (t) => {
  const { sandbox, put } = await open(t);
  for (const [what, configuration, expected] of malformed) {
    await t.test(`${what} that is not supported`, async (t) => t.equal(await put(configuration, true), expected));
  }
  await t.test('destinations without permission', async (t) => {
    const { s3 } = clients(sandbox, sessionOf(sandbox, addRole(sandbox, 'nobody', policy())));
    const input = { Bucket, NotificationConfiguration: {} };
    t.match(
      await refusal(s3.send(new PutBucketNotificationConfigurationCommand(input))),
      's3:PutBucketNotification on',
    );
    t.match(
      await refusal(s3.send(new GetBucketNotificationConfigurationCommand(input))),
      's3:GetBucketNotification on',
    );
  });
});
