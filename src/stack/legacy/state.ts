/**
 * The state of deploy.sh's router, and when it was read. The notification is part of the bucket's configuration.
 */
import { GetRoleCommand } from '@aws-sdk/client-iam';
import { type FunctionConfiguration, GetFunctionCommand } from '@aws-sdk/client-lambda';
import { ifExists } from '../../aws/errors.js';
import type { Statement } from '../../policy/document.js';
import type { BucketState } from '../resources/bucket/bucket.js';
import type { BucketEventsState } from '../resources/bucket/events.js';
import { type ExecutionRoleState, executionRole } from '../resources/execution-role.js';
import type { FunctionState } from '../resources/function/state.js';
import { type PermissionState, permission } from '../resources/permission.js';
import type { RuleState } from '../resources/rule.js';
import type { ReadScope } from '../scope.js';
import { oldRouter } from './deploy-sh.js';

export interface OldFunction {
  configuration: FunctionConfiguration;
  /** Undefined if the caller may not read them. */
  tags: Record<string, string> | undefined;
  reservedConcurrency: number | undefined;
  /** The statements of its policy. */
  statements: Statement[];
}

/** What the removal of the old path depends on: the old path and every part of the new one. */
export interface LegacyView {
  legacy: LegacyState;
  bucket: BucketState;
  executionRole: ExecutionRoleState | undefined;
  function: FunctionState;
  permission: PermissionState | undefined;
  rule: RuleState | undefined;
  bucketEvents: BucketEventsState;
}

export interface LegacyState {
  /** Milliseconds since 1970, to decide whether the old path has been kept for long enough. */
  readAt: number;
  function?: OldFunction;
  role?: ExecutionRoleState;
}

/** Makes two calls if nothing of it exists. */
export async function readLegacy(scope: ReadScope): Promise<LegacyState> {
  const readAt = scope.clock.now();
  if (scope.settings.keepLegacy) return { readAt };
  const [fn, role] = await Promise.all([readFunction(scope), readRole(scope)]);
  return { readAt, ...(fn === undefined ? {} : { function: fn }), ...(role === undefined ? {} : { role }) };
}

/** The scope with the old names in place of the new ones, so that the same code reads both. */
function renamed({ names, ...scope }: ReadScope): ReadScope {
  const { functionName, roleName, rolePolicyName } = oldRouter;
  return { ...scope, names: { ...names, functionName, roleName, rolePolicyName } };
}

async function readFunction(scope: ReadScope): Promise<OldFunction | undefined> {
  const FunctionName = oldRouter.functionName;
  const found = await ifExists(scope.aws.lambda.send(new GetFunctionCommand({ FunctionName })));
  if (found?.Configuration === undefined) return undefined;
  const policy = await permission.read(renamed(scope));
  return {
    configuration: found.Configuration,
    tags: found.TagsError === undefined ? { ...found.Tags } : undefined,
    reservedConcurrency: found.Concurrency?.ReservedConcurrentExecutions,
    statements: policy?.statements ?? [],
  };
}

async function readRole(scope: ReadScope): Promise<ExecutionRoleState | undefined> {
  const found = await ifExists(scope.aws.iam.send(new GetRoleCommand({ RoleName: oldRouter.roleName })));
  return found === undefined ? undefined : executionRole.read(renamed(scope));
}
