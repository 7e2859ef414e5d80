/** The permissions that `status` needs. */
import { stackPermissions } from '../../stack/operator-policy.js';
import type { Permission } from '../../stack/resource.js';
import type { StackContext } from '../../stack/scope.js';

/**
 * Reading the stack, which includes listing the bucket, and the metrics, which have no resource type:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
 */
export function statusPermissions(stack: StackContext): Permission[] {
  return [...stackPermissions(stack, 'read'), { for: 'read', actions: ['cloudwatch:GetMetricData'], resources: ['*'] }];
}
