/**
 * The bucket's notification configuration as a value: it is replaced as a whole, and S3 has no conditional write for it.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
 */
import {
  GetBucketNotificationConfigurationCommand,
  type NotificationConfiguration,
  type PutBucketNotificationConfigurationCommandInput,
} from '@aws-sdk/client-s3';
import type { Write } from '../../../aws/writes.js';
import { orderedJson } from '../../canonical-json.js';
import type { ReadScope, Scope } from '../../scope.js';

/** Someone changed the configuration between the read and the write: read and merge again. */
class NotificationsChanged extends Error {
  override readonly name = 'ConcurrentModificationException';
}

export async function readNotifications({ aws, names, identity }: ReadScope): Promise<NotificationConfiguration> {
  const { $metadata, ...configuration } = await aws.s3.send(
    new GetBucketNotificationConfigurationCommand({ Bucket: names.bucket, ExpectedBucketOwner: identity.account }),
  );
  return configuration;
}

/** The call that replaces the whole configuration. */
export function putNotifications(NotificationConfiguration: NotificationConfiguration, scope: Scope): Write {
  const input: PutBucketNotificationConfigurationCommandInput = {
    Bucket: scope.names.bucket,
    ExpectedBucketOwner: scope.identity.account,
    // A broken destination of another notification must not fail the call, and no test message is sent.
    SkipDestinationValidation: true,
    NotificationConfiguration,
  };
  return { call: 's3:PutBucketNotificationConfiguration', input };
}

/**
 * Reads the configuration again before it is replaced: the call would drop notifications added since the plan. Does nothing before other
 * calls.
 *
 * @param have The configuration that the plan was made from.
 * @throws a race ({@link ../../../aws/errors.js}) when it has changed.
 */
export async function checkBeforePut(write: Write, have: NotificationConfiguration, scope: Scope): Promise<void> {
  if (isPut(write)) await assertNotifications(have, scope);
}

/**
 * Reads the configuration back after it was replaced. Does nothing after other calls.
 *
 * @throws a race ({@link ../../../aws/errors.js}) when it is not what was written.
 */
export async function checkAfterPut(write: Write, scope: Scope): Promise<void> {
  if (isPut(write)) await assertNotifications({ ...write.input.NotificationConfiguration }, scope);
}

function isPut(write: Write): write is Extract<Write, { call: 's3:PutBucketNotificationConfiguration' }> {
  return write.call === 's3:PutBucketNotificationConfiguration';
}

async function assertNotifications(expected: NotificationConfiguration, scope: Scope): Promise<void> {
  if (comparable(await readNotifications(scope)) !== comparable(expected))
    throw new NotificationsChanged(`someone else is changing the notifications of ${scope.names.bucket}`);
}

/** Sorted: the order of the lists has no meaning. */
function comparable(configuration: NotificationConfiguration): string {
  const { TopicConfigurations, QueueConfigurations, LambdaFunctionConfigurations } = configuration;
  const lists = [TopicConfigurations, QueueConfigurations, LambdaFunctionConfigurations];
  const on = configuration.EventBridgeConfiguration !== undefined;
  return orderedJson([on, ...lists.map((list) => (list ?? []).map(orderedJson).sort())]);
}
