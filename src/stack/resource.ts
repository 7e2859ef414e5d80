/**
 * The contract of a resource: how it is read, planned and changed, and which permissions that needs. It refers to no resource.
 */
import type { Write } from '../aws/writes.js';
import type { DeferredValues } from '../reconcile/deferred.js';
import type { Entry } from '../reconcile/plan.js';
import type { ReadScope, Scope, StackContext } from './scope.js';

/** What the operator needs a permission for; deploy and teardown also need those for reading. */
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
 * @typeParam Observed the states that its plan depends on, by resource key: its own and others.
 */
export interface Resource<State, Observed extends object> {
  /** Other resources that its writes change too: after a race they are read and planned again with it. */
  alsoChanges?: ReadonlyArray<keyof Observed & string>;
  /** Reads its current state; writes nothing. */
  read(scope: ReadScope): Promise<State>;
  /** What a deploy does about it. Pure. */
  deploy(observed: Observed, scope: Scope): Entry[];
  /** What a teardown does about it. Pure. */
  teardown(observed: Observed, scope: Scope): Entry[];
  /** The permissions that the operator needs for all of that. */
  permissions(stack: StackContext): Permission[];
  /** The writes without which mail is routed all the same, each with what its denial means: a deploy goes on without them. */
  optional?: Partial<Record<Write['call'], string>>;
  /**
   * Before one of its writes: re-reads the preconditions that AWS can't check.
   *
   * @throws a race ({@link ../aws/errors.js}) if they have changed
   */
  prepare?(write: Write, scope: Scope, observed: Observed): Promise<void>;
  /**
   * After one of its writes: waits until it has taken effect, checks it, and stores values that later calls refer to.
   *
   * @throws a race ({@link ../aws/errors.js}) if the result is not what was written
   */
  settle?(write: Write, answer: object, scope: Scope, values: DeferredValues, observed: Observed): Promise<void>;
}
