/**
 * The notification that leads new mail to deploy.sh's function, among the bucket's other ones.
 */
import type { LambdaFunctionConfiguration, NotificationConfiguration } from '@aws-sdk/client-s3';
import { orderedJson } from '../canonical-json.js';
import type { StackContext } from '../scope.js';
import { oldFunctionArn, oldNotification, oldRouter } from './deploy-sh.js';

/** The notification under deploy.sh's id; whether it is as the script makes it, {@link isOldNotification} tells. */
export function oldNotificationIn(configuration: NotificationConfiguration): LambdaFunctionConfiguration | undefined {
  return configuration.LambdaFunctionConfigurations?.find(({ Id }) => Id === oldRouter.notificationId);
}

/** The ids of others that invoke deploy.sh's function too, a version or an alias of it included. */
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

/** The configuration without it, everything else as it is. */
export function withoutOldNotification(configuration: NotificationConfiguration): NotificationConfiguration {
  const old = oldNotificationIn(configuration);
  const { LambdaFunctionConfigurations = [], ...rest } = configuration;
  const kept = LambdaFunctionConfigurations.filter((one) => one !== old);
  return { ...rest, ...(kept.length === 0 ? {} : { LambdaFunctionConfigurations: kept }) };
}

/** A filter rule's name is `prefix`, `Prefix` or `PREFIX`: S3 takes and gives it in any case. */
function comparable({ Filter, ...rest }: LambdaFunctionConfiguration): string {
  const rules = (Filter?.Key?.FilterRules ?? []).map(({ Name, Value }) => `${Name?.toLowerCase()} ${Value}`);
  return orderedJson({ ...rest, rules });
}
