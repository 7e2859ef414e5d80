/**
 * Changes by others while the confirmation is pending, and runs that end at a bad moment: the old path is removed only while the new one
 * is up to date.
 */
import type { PassThrough } from 'node:stream';
import { DisableRuleCommand } from '@aws-sdk/client-eventbridge';
import { TagResourceCommand } from '@aws-sdk/client-lambda';
import {
  GetBucketNotificationConfigurationCommand,
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
} from '@aws-sdk/client-s3';
import t, { type Test } from 'tap';
import type { Run } from '../../support/operator.js';
import { afterDeploySh, isOfCommand, type Migration, minutes } from './account.js';

async function due(t: Test): Promise<Migration> {
  const migration = await afterDeploySh(t);
  await migration.run(['deploy']);
  await migration.pass(minutes(10));
  return migration;
}

/** Deploys; at the question about the old path, something happens before the yes. */
function answering(migration: Migration, happens: (migration: Migration) => Promise<unknown>): Promise<Run> {
  const yes = (stdin: PassThrough) => void happens(migration).then(() => stdin.write('y\n'));
  return migration.run(['deploy'], { answers: ['n', yes] });
}

async function changeNotifications(
  { aws, bucket }: Migration,
  change: (configuration: NotificationConfiguration) => NotificationConfiguration,
): Promise<void> {
  const { $metadata, ...now } = await aws.s3.send(new GetBucketNotificationConfigurationCommand({ Bucket: bucket }));
  await aws.s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: bucket,
      SkipDestinationValidation: true,
      NotificationConfiguration: change(now),
    }),
  );
}

const withoutEventBridge = ({ EventBridgeConfiguration, ...rest }: NotificationConfiguration) => rest;

const stillThere = ({ sandbox, bucket }: Migration) => [
  sandbox.state.s3.buckets.get(bucket)?.notification.LambdaFunctionConfigurations?.[0]?.Id,
  ...sandbox.state.lambda.functions.keys(),
];

const everything = ['agentkeys-ses-router-inbound', 'agentkeys-ses-router', 'agentkeys-ses-routing'];

t.test('the rule is disabled meanwhile: nothing is removed', async (t) => {
  const migration = await due(t);
  const run = await answering(migration, ({ aws }) =>
    aws.events.send(new DisableRuleCommand({ Name: 'agentkeys-ses-routing-inbound' })),
  );
  t.equal(run.status, 1);
  t.strictSame(run.writes, ['events:DisableRule'], 'only their own');
  t.match(
    run.stderr,
    "Failed: deploy.sh's router was not removed, because something changed after the plan was made: it is now kept for now: rule of the new path must be up to date first; deploy again.\n",
  );
  t.strictSame(stillThere(migration), everything);
});

t.test('the old function is changed meanwhile: nothing is removed', async (t) => {
  const migration = await due(t);
  const Resource = 'arn:aws:lambda:us-east-1:111122223333:function:agentkeys-ses-router';
  const run = await answering(migration, ({ aws }) =>
    aws.lambda.send(new TagResourceCommand({ Resource, Tags: { keep: 'me' } })),
  );
  t.equal(run.status, 1);
  t.strictSame(run.writes, ['lambda:TagResource'], 'only their own');
  t.match(run.stderr, 'it is now left alone: it is not as deploy.sh makes it: the function has the tag keep.\n');
  t.strictSame(stillThere(migration), everything);
});

t.test('EventBridge is turned off meanwhile, as deploy.sh does: it is turned on, and nothing is removed', async (t) => {
  const migration = await due(t);
  const run = await answering(migration, (one) => changeNotifications(one, withoutEventBridge));
  t.equal(run.status, 0, run.stderr);
  const [theirs, ...ours] = run.writes;
  t.equal(theirs, 's3:PutBucketNotificationConfiguration');
  t.strictSame(ours, ['events:TagResource', 's3:PutBucketNotificationConfiguration', 'events:TagResource']);
  t.strictSame(stillThere(migration), everything);
  const next = await migration.run(['deploy', '--yes']);
  t.strictSame(next.writes, [], 'from then on it is ten minutes again');
  await migration.pass(minutes(10));
  t.equal((await migration.run(['deploy', '--yes'])).writes.length, 5);
});

t.test('notifications are added meanwhile: they are kept, and the old one is removed', async (t) => {
  const migration = await due(t);
  const Events = ['s3:ObjectRemoved:*' as const];
  const topic = { Id: 'theirs', TopicArn: 'arn:aws:sns:us-east-1:111122223333:theirs', Events };
  const other = { Id: 'other', LambdaFunctionArn: 'arn:aws:lambda:us-east-1:111122223333:function:other', Events };
  const run = await answering(migration, (one) =>
    changeNotifications(one, ({ LambdaFunctionConfigurations = [], ...now }) => ({
      ...now,
      TopicConfigurations: [topic],
      LambdaFunctionConfigurations: [other, ...LambdaFunctionConfigurations],
    })),
  );
  t.equal(run.status, 0, run.stderr);
  const { $metadata, ...left } = await migration.aws.s3.send(
    new GetBucketNotificationConfigurationCommand({ Bucket: migration.bucket }),
  );
  t.match(left, {
    EventBridgeConfiguration: {},
    TopicConfigurations: [{ Id: 'theirs' }],
    QueueConfigurations: [{ Id: 'reports-to-finance' }],
  });
  t.strictSame(left.LambdaFunctionConfigurations, [other]);
});

t.test('the time is read again with the notifications: one that was removed no longer counts', async (t) => {
  const migration = await due(t);
  await changeNotifications(migration, withoutEventBridge);
  const topic = {
    Id: 'theirs',
    TopicArn: 'arn:aws:sns:us-east-1:111122223333:theirs',
    Events: ['s3:ObjectRemoved:*' as const],
  };
  let ours = false;
  let theirs = false;
  migration.sandbox.intercept(async ({ operation }) => {
    // Directly after our change, and before we look at it.
    if (ours && !theirs && operation === 'GetBucketNotificationConfiguration') {
      theirs = true;
      await changeNotifications(migration, (now) => ({ ...now, TopicConfigurations: [topic] }));
    }
    ours ||= operation === 'PutBucketNotificationConfiguration';
    return undefined;
  });
  const run = await migration.run(['deploy']);
  t.equal(run.status, 0, run.stderr);
  t.ok(theirs);
  t.strictSame(stillThere(migration), everything);
  t.strictSame((await migration.run(['deploy', '--yes'])).writes, [], 'from then on it is ten minutes again');
});

t.test('deploy.sh is run again between two removals: the run stops there, and the next one starts again', async (t) => {
  const migration = await due(t);
  const before = migration.sandbox.state.s3.buckets.get(migration.bucket)?.notification ?? {};
  let again = false;
  migration.sandbox.intercept(async ({ operation }) => {
    if (operation === 'RemovePermission' && !again) {
      again = true;
      await changeNotifications(migration, () => withoutEventBridge(before));
    }
    return undefined;
  });
  const run = await migration.run(['deploy', '--yes']);
  t.equal(run.status, 1);
  t.match(run.stderr, 'it is now kept for now: it routes the mail until EventBridge does;');
  t.ok(migration.sandbox.state.lambda.functions.has('agentkeys-ses-router'));
  const next = await migration.run(['deploy', '--yes']);
  t.equal(next.status, 0, next.stderr);
  t.match(next.stdout, /^! old router/m);
  t.strictSame(stillThere(migration), everything);
});

t.test('a run that ends between turning EventBridge on and recording the time leaves no valid time', async (t) => {
  const migration = await due(t);
  const { mail, pass, run, sandbox, routedBy } = migration;
  await changeNotifications(migration, withoutEventBridge);
  const interrupt = new AbortController();
  const release = sandbox.intercept(({ operation }) => {
    if (operation === 'PutBucketNotificationConfiguration') interrupt.abort();
    return undefined;
  });
  t.equal((await run(['deploy'], { signal: interrupt.signal })).status, 130);
  release();
  const next = await run(['deploy', '--yes']);
  t.equal(next.status, 0, next.stderr);
  t.strictSame(next.writes, ['events:TagResource']);
  await mail();
  t.strictSame(await routedBy(), ['old']);
  await pass(minutes(10));
  t.equal((await run(['deploy', '--yes'])).writes.length, 5);
});

t.test("in an account without deploy.sh's router, two more reads are made, concurrently", async (t) => {
  const migration = await due(t);
  await migration.run(['deploy', '--yes']);
  const without = await migration.run(['deploy', '--keep-legacy']);
  const asked = await migration.run(['deploy']);
  const operations = ({ calls }: Run) => calls.filter(isOfCommand).map(({ operation }) => operation);
  const more = operations(asked);
  for (const operation of operations(without)) more.splice(more.indexOf(operation), 1);
  t.strictSame(more.sort(), ['GetFunction', 'GetRole']);
});
