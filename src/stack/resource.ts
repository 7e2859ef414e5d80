/**
 * The contract of a resource: how it is read, planned and changed, and which permissions that takes. It knows none of the resources.
 */
import type { Write } from '../aws/writes.js';
import type { DeferredValues } from '../reconcile/deferred.js';
import type { Entry } from '../reconcile/plan.js';
import type { Scope, StackContext } from './scope.js';

/** What an IAM permission of the operator is needed for; whoever writes reads first. */
export type Purpose = 'read' | 'deploy' | 'teardown';

/** IAM actions the operator needs for a resource. */
export interface Permission {
  for: Purpose;
  actions: string[];
  resources: string[];
  condition?: Record<string, Record<string, string | string[]>>;
}

/**
 * A resource. Each lives in a file or folder of its own.
 *
 * @typeParam State what reading it returns.
 * @typeParam Observed the states that its plan depends on, by the resource's key: its own, and those of others.
 */
export interface Resource<State, Observed extends object> {
  /** The other resources that its writes change too: after a race they are read and planned again with it. */
  alsoChanges?: ReadonlyArray<keyof Observed & string>;
  /** Reads its present state; writes nothing. */
  read(scope: Scope): Promise<State>;
  /** What a deploy does about it. Pure. */
  deploy(observed: Observed, scope: Scope): Entry[];
  /** What a teardown does about it. Pure. */
  teardown(observed: Observed, scope: Scope): Entry[];
  /** What the operator must be allowed for all of that. */
  permissions(stack: StackContext): Permission[];
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
  settle?(write: Write, answer: object, scope: Scope, values: DeferredValues, observed: Observed): Promise<void>;
}
