/** The permissions that `logs` needs. */
import type { Permission } from '../../stack/resource.js';
import type { StackContext } from '../../stack/scope.js';

/** Reading the function's log group: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-identity-based-access-control-cwl.html */
export function logsPermission({ names }: Pick<StackContext, 'names'>): Permission {
  return { for: 'read', actions: ['logs:FilterLogEvents'], resources: [`${names.logGroupArn}:*`] };
}
