/**
 * The bucket's events to EventBridge: turned on beside whatever other notifications there are, which stay as they are.
 */
import {
  GetBucketNotificationConfigurationCommand,
  type NotificationConfiguration,
  type PutBucketNotificationConfigurationCommandInput,
} from '@aws-sdk/client-s3';
import { reference } from '../../reconcile/known.js';
import { difference, type Entry, unchanged } from '../../reconcile/plan.js';
import { orderedJson } from '../json.js';
import type { Resource } from '../resource.js';
import type { Scope } from '../scope.js';

/** The bucket's whole notification configuration. */
export type BucketEventsState = NotificationConfiguration;

const title = 'bucket events';

/** The rule's tag that says since when EventBridge has been on: nothing in AWS remembers it. */
export const sinceTag = 'eventbridge-on-since';

/** Somebody changed the configuration between our read and our write: read again, merge again. */
class NotificationsChanged extends Error {
  override readonly name = 'ConcurrentModificationException';
}

export const bucketEvents: Resource<'bucketEvents'> = {
  key: 'bucketEvents',

  read: readNotifications,

  deploy({ bucketEvents: have, rule }, { names, identity }): Entry[] {
    const on = have.EventBridgeConfiguration !== undefined;
    const since = rule?.tags[sinceTag];
    if (on && since !== undefined) return [unchanged(title, names.bucket)];
    const stamp = {
      call: 'events:TagResource' as const,
      input: { ResourceARN: names.ruleArn, Tags: [{ Key: sinceTag, Value: reference.now }] },
    };
    if (on)
      return [
        {
          resource: title,
          name: names.bucket,
          action: 'update',
          note: 'EventBridge is on already; from when on is noted',
          differences: [difference(`tag ${sinceTag}`, undefined, 'now')],
          writes: [stamp],
        },
      ];
    return [
      {
        resource: title,
        name: names.bucket,
        action: 'update',
        note: others(have),
        differences: [difference('EventBridge', 'off', 'on'), difference(`tag ${sinceTag}`, since, 'now')],
        writes: [
          {
            call: 's3:PutBucketNotificationConfiguration',
            input: {
              Bucket: names.bucket,
              ExpectedBucketOwner: identity.account,
              // A stranger's broken destination must not fail us, and nobody is sent a test message.
              SkipDestinationValidation: true,
              NotificationConfiguration: { ...have, EventBridgeConfiguration: {} },
            },
          },
          stamp,
        ],
      },
    ];
  },

  teardown({ bucketEvents: have }, { names }) {
    return have.EventBridgeConfiguration === undefined
      ? []
      : [unchanged(title, names.bucket, 'EventBridge stays on: others may rely on it by now')];
  },

  permissions: ({ names }) => [
    { for: 'read', actions: ['s3:GetBucketNotification'], resources: [names.bucketArn] },
    { for: 'deploy', actions: ['s3:PutBucketNotification'], resources: [names.bucketArn] },
  ],

  /**
   * PutBucketNotificationConfiguration replaces everything and knows no condition: what others have there is looked at once more
   * directly before it, and again after it.
   */
  async prepare(write, scope) {
    if (write.call === 's3:PutBucketNotificationConfiguration') await othersAreAs(write.input, scope);
  },

  async settle(write, _answer, scope) {
    if (write.call === 's3:PutBucketNotificationConfiguration') await othersAreAs(write.input, scope);
  },
};

async function othersAreAs(input: PutBucketNotificationConfigurationCommandInput, scope: Scope): Promise<void> {
  if (comparable(await readNotifications(scope)) !== comparable(input.NotificationConfiguration))
    throw new NotificationsChanged(`somebody else is changing the notifications of ${scope.names.bucket}`);
}

async function readNotifications({ aws, names, identity }: Scope): Promise<BucketEventsState> {
  const { $metadata, ...configuration } = await aws.s3.send(
    new GetBucketNotificationConfigurationCommand({ Bucket: names.bucket, ExpectedBucketOwner: identity.account }),
  );
  return configuration;
}

/** Others' notifications, in one order: their order means nothing. */
function comparable(configuration: NotificationConfiguration | undefined): string {
  const lists = [
    configuration?.TopicConfigurations,
    configuration?.QueueConfigurations,
    configuration?.LambdaFunctionConfigurations,
  ];
  return orderedJson(lists.map((list) => (list ?? []).map(orderedJson).sort()));
}

function others({ TopicConfigurations, QueueConfigurations, LambdaFunctionConfigurations }: NotificationConfiguration) {
  const lists = [TopicConfigurations, QueueConfigurations, LambdaFunctionConfigurations];
  const kept = lists.reduce((sum, list) => sum + (list?.length ?? 0), 0);
  return kept === 0 ? 'there are no other notifications' : `${kept} other notification(s) kept as they are`;
}
