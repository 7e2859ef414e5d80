/**
 * What a resource of the stack is made of. One file each: what it reads, what it wants, how it compares, and how it changes.
 */
import type { Write } from '../aws/writes.js';
import type { Known } from '../reconcile/known.js';
import type { Entry } from '../reconcile/plan.js';
import type { BrokerState } from './broker/state.js';
import type { LegacyState } from './legacy/state.js';
import type { BucketState } from './resources/bucket.js';
import type { BucketEventsState } from './resources/bucket-events.js';
import type { ExecutionRoleState } from './resources/execution-role.js';
import type { FunctionState } from './resources/function.js';
import type { LogGroupState } from './resources/log-group.js';
import type { PermissionState } from './resources/permission.js';
import type { RuleState } from './resources/rule.js';
import type { Place, Scope } from './scope.js';

/** Everything that was read, by resource. Undefined: it does not exist. */
export interface Observed {
  bucket: BucketState;
  logGroup: LogGroupState | undefined;
  executionRole: ExecutionRoleState | undefined;
  function: FunctionState;
  permission: PermissionState | undefined;
  rule: RuleState | undefined;
  bucketEvents: BucketEventsState;
  legacy: LegacyState;
  broker: BrokerState;
}

/** What an IAM permission of the operator is needed for; whoever writes reads first. */
export type Purpose = 'read' | 'deploy' | 'teardown';

/** IAM actions the operator needs for a resource. */
export interface Permission {
  for: Purpose;
  actions: string[];
  resources: string[];
  condition?: Record<string, Record<string, string | string[]>>;
}

export interface Resource<Key extends keyof Observed> {
  key: Key;
  /** The other resources that its writes change too, and that have to be read again with it. */
  alsoChanges?: ReadonlyArray<keyof Observed>;
  /** Reads its present state; writes nothing. */
  read(scope: Scope): Promise<Observed[Key]>;
  /** What a deploy does about it. Pure. */
  deploy(observed: Observed, scope: Scope): Entry[];
  /** What a teardown does about it. Pure. */
  teardown(observed: Observed, scope: Scope): Entry[];
  /** What the operator must be allowed for all of that. */
  permissions(place: Place): Permission[];
  /**
   * Before one of its writes: looks once more at what no condition of AWS's guards.
   *
   * @throws a race ({@link ../aws/errors.js}) when it is no longer as the plan found it.
   */
  prepare?(write: Write, scope: Scope, observed: Observed): Promise<void>;
  /**
   * After one of its writes: waits until AWS has carried it out, checks it, and notes values that later calls refer to.
   *
   * @throws a race ({@link ../aws/errors.js}) when what was written is not what is there.
   */
  settle?(write: Write, answer: object, scope: Scope, known: Known, observed: Observed): Promise<void>;
}
