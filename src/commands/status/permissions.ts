/** The permissions that `status` needs. */
import { stackNames } from '../../agentkeys/names.js';
import { stackPermissions } from '../../stack/operator-policy.js';
import type { Permission } from '../../stack/resource.js';
import type { StackContext } from '../../stack/scope.js';
import { retriesPermissions } from './retries.js';

/**
 * Reading the stack, which includes listing the bucket, the function's log, and the metrics, which have no resource type:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
 */
export function statusPermissions(stack: StackContext): Permission[] {
  return [
    ...stackPermissions(stack, 'read'),
    ...retriesPermissions(stack),
    { for: 'read', actions: ['cloudwatch:GetMetricData'], resources: ['*'] },
  ];
}

/** Listing the stacks of the region. A function of another name than this tool gives can't be read with it; it is shown as unknown. */
export function stacksPermissions({ identity: { partition, region, account }, names }: StackContext): Permission[] {
  const rules = `arn:${partition}:events:${region}:${account}:rule/*`;
  const functions = `arn:${partition}:lambda:${region}:${account}:function:${stackNames().functionName}`;
  return [
    { for: 'read', actions: ['events:ListRules', 'events:ListTargetsByRule'], resources: [rules] },
    {
      for: 'read',
      actions: ['lambda:GetFunction', 'lambda:ListTags'],
      resources: [...new Set([functions, `${functions}-*`, names.functionArn])],
    },
  ];
}
