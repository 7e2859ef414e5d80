/**
 * The IAM policies an operator needs, made from what the resources declare: whatever a resource calls, it says so in its own file.
 */
import type { PolicyDocument, Statement } from '../aws/policy/document.js';
import { stack } from './index.js';
import { orderedJson } from './json.js';
import type { OperatorTask } from './operator-task.js';
import type { Permission, Purpose } from './resource.js';
import type { Place } from './scope.js';

const purposes: Record<OperatorTask, Purpose[]> = {
  'dry-run': ['read'],
  deploy: ['read', 'deploy'],
  teardown: ['read', 'teardown'],
};

/**
 * The least an operator can do the task with, under these settings. sts:GetCallerIdentity needs no permission.
 * Statements on the same resources are joined: a policy has room for 6,144 bytes.
 */
export function operatorPolicy(task: OperatorTask, place: Place): PolicyDocument {
  const permissions = stack
    .flatMap((resource) => resource.permissions(place))
    .filter((permission) => purposes[task].includes(permission.for));
  const byResources = new Map<string, Permission[]>();
  for (const permission of permissions) {
    const key = orderedJson([permission.resources.toSorted(), permission.condition]);
    byResources.set(key, [...(byResources.get(key) ?? []), permission]);
  }
  return { Version: '2012-10-17', Statement: [...byResources.values()].map(statement) };
}

function statement(permissions: Permission[]): Statement {
  const [first] = permissions as [Permission, ...Permission[]];
  const actions = [...new Set(permissions.flatMap(({ actions }) => actions))].sort();
  return {
    Effect: 'Allow',
    Action: actions,
    Resource: first.resources,
    ...(first.condition === undefined ? {} : { Condition: first.condition }),
  };
}
