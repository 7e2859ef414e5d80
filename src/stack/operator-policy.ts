/**
 * The IAM policies that an operator needs, from the permissions that each resource declares in its own file.
 */
import type { PolicyDocument, Statement } from '../policy/document.js';
import { orderedJson } from './canonical-json.js';
import { permissionsOf } from './index.js';
import type { Permission, Purpose } from './resource.js';
import type { StackContext } from './scope.js';

/** The permissions of the stack's resources for these purposes. */
export function stackPermissions(stack: StackContext, ...purposes: Purpose[]): Permission[] {
  return permissionsOf(stack).filter((permission) => purposes.includes(permission.for));
}

/**
 * The policy that grants the permissions and nothing else. sts:GetCallerIdentity needs none.
 * Statements on the same resources are joined: a policy has room for 6,144 bytes.
 */
export function operatorPolicy(permissions: Permission[]): PolicyDocument {
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
