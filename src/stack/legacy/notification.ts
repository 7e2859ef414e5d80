/**
 * The notification that invokes deploy.sh's function for new mail, among the bucket's other notifications.
 */
import type { LambdaFunctionConfiguration, NotificationConfiguration } from '@aws-sdk/client-s3';
import { orderedJson } from '../canonical-json.js';
import type { StackContext } from '../scope.js';
import { oldFunctionArn, oldNotification, oldRouter } from './deploy-sh.js';

/** The notification with deploy.sh's ID; {@link isOldNotification} tests whether it is as the script creates it. */
export function oldNotificationIn(configuration: NotificationConfiguration): LambdaFunctionConfiguration | undefined {
  return configuration.LambdaFunctionConfigurations?.find(({ Id }) => Id === oldRouter.notificationId);
}

/** The IDs of other notifications that invoke deploy.sh's function, or a version or alias of it. */
export function otherTriggersIn(
  configuration: NotificationConfiguration,
  identity: StackContext['identity'],
): string[] {
  const arn = oldFunctionArn(identity);
  return (configuration.LambdaFunctionConfigurations ?? [])
    .filter(({ Id }) => Id !== oldRouter.notificationId)
    .filter(({ LambdaFunctionArn = '' }) => LambdaFunctionArn === arn || LambdaFunctionArn.startsWith(`${arn}:`))
    .map(({ Id = '' }) => Id);
}

export function isOldNotification(one: LambdaFunctionConfiguration, identity: StackContext['identity']): boolean {
  return comparable(one) === comparable(oldNotification(identity));
}

/** The configuration without the old notification, otherwise unchanged. */
export function withoutOldNotification(configuration: NotificationConfiguration): NotificationConfiguration {
  const old = oldNotificationIn(configuration);
  const { LambdaFunctionConfigurations = [], ...rest } = configuration;
  const kept = LambdaFunctionConfigurations.filter((one) => one !== old);
  return { ...rest, ...(kept.length === 0 ? {} : { LambdaFunctionConfigurations: kept }) };
}

/** A filter rule's name is `prefix`, `Prefix` or `PREFIX`: S3 accepts and returns it in any case. */
function comparable({ Filter, ...rest }: LambdaFunctionConfiguration): string {
  const rules = (Filter?.Key?.FilterRules ?? []).map(({ Name, Value }) => `${Name?.toLowerCase()} ${Value}`);
  return orderedJson({ ...rest, rules });
}
