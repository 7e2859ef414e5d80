/**
 * The stack: its resources in the order in which they are created, the concurrent reading of all of them, and the plan.
 */
import { firstFailure, OperatorError } from '../aws/errors.js';
import type { Parts } from '../reconcile/apply.js';
import { type DeferredValues, deferred } from '../reconcile/deferred.js';
import { type Place, waitsFor } from '../reconcile/order.js';
import type { Plan } from '../reconcile/plan.js';
import { broker } from './broker/broker.js';
import type { BrokerState } from './broker/state.js';
import { legacy } from './legacy/index.js';
import type { LegacyState } from './legacy/state.js';
import type { Permission, Resource } from './resource.js';
import { type AlarmsState, alarms } from './resources/alarms/alarms.js';
import { type BucketState, bucket } from './resources/bucket/bucket.js';
import { type BucketEventsState, bucketEvents } from './resources/bucket/events.js';
import { type ExecutionRoleState, executionRole } from './resources/execution-role.js';
import { revisionOf, routingFunction } from './resources/function/function.js';
import type { FunctionState } from './resources/function/state.js';
import { type LogGroupState, logGroup } from './resources/log-group.js';
import { type PermissionState, permission } from './resources/permission.js';
import { type RetryQueueState, retryQueue } from './resources/retry/queue.js';
import { type RetrySourceState, retrySource } from './resources/retry/source.js';
import { type RuleState, rule } from './resources/rule.js';
import { whyNotOurs } from './resources/stack/ownership.js';
import { type StackState, stack } from './resources/stack/stack.js';
import { headerOf, type ReadScope, type Scope, type StackContext } from './scope.js';

/** The state that was read, by resource; undefined if it does not exist. */
export interface Observed {
  stack: StackState;
  bucket: BucketState;
  logGroup: LogGroupState | undefined;
  /** Undefined also with `--no-retry-queue`. */
  retryQueue: RetryQueueState | undefined;
  executionRole: ExecutionRoleState | undefined;
  function: FunctionState;
  permission: PermissionState | undefined;
  /** Undefined with `--no-retry-queue`. */
  retrySource: RetrySourceState | undefined;
  rule: RuleState | undefined;
  bucketEvents: BucketEventsState;
  legacy: LegacyState;
  broker: BrokerState;
  alarms: AlarmsState;
}

type Part = keyof Observed;

/**
 * Each before the resources that need it; of the mail's path the bucket's events last, so that the first event finds everything in place.
 * To add a resource, add a file, its key in {@link Observed}, and a line here. Teardown uses the reverse order.
 */
const resources: { readonly [Key in Part]: Resource<Observed[Key], Observed> } = {
  stack,
  bucket,
  logGroup,
  retryQueue,
  executionRole,
  function: routingFunction,
  permission,
  retrySource,
  rule,
  bucketEvents,
  legacy,
  broker,
  alarms,
};

const parts = Object.keys(resources) as Part[];

/** What a deploy writes side by side, and what not. The mail's path is in place before what leads to it, and removed the other way round. */
const places: { readonly [Key in Part]: Place<Part> } = {
  // These two have no calls.
  stack: { after: [] },
  bucket: { after: [] },
  logGroup: { after: [] },
  retryQueue: { after: [] },
  executionRole: { after: [] },
  function: { after: ['logGroup', 'retryQueue', 'executionRole'] },
  permission: { after: ['function'] },
  retrySource: { after: ['function'], independent: true },
  // A new rule has no target yet; an existing one may send mail to the function as soon as it is changed. PutRule would take over the rule
  // of another run that came first: CreateRole and CreateFunction refuse that, and come before all that only replaces.
  rule: { after: ['permission'], except: { 'create rule': ['function'] } },
  bucketEvents: { after: ['retrySource', 'rule'] },
  legacy: { after: ['bucketEvents'] },
  // A new policy grants what mail login needs, and denies the copies: neither depends on the path. What takes away comes last.
  broker: { after: ['legacy'], except: { 'create broker policy': ['function'] } },
  alarms: { after: ['broker'], except: { 'create alarm': ['function'] } },
};

/** The permissions that an operator needs for all of the resources. */
export function permissionsOf(stack: StackContext): Permission[] {
  return parts.flatMap((part) => resources[part].permissions(stack));
}

/**
 * Reads everything at once. Writes nothing.
 *
 * @throws the error of the first resource, in order, whose read failed: it does not depend on which response came first
 */
export async function readStack(scope: ReadScope): Promise<Observed> {
  const reads = parts.map(async (part) => [part, await resources[part].read(scope)] as const);
  const states = await firstFailure(reads);
  // fromEntries loses the type of each key, which `resources` guarantees.
  return Object.fromEntries(states) as unknown as Observed;
}

/** A plan whose entries belong to this stack. */
export type StackPlan = Plan<Part>;

type Command = StackPlan['command'];

/** What the stack needs. Pure. */
export function planStack(command: Command, observed: Observed, scope: Scope): StackPlan {
  return {
    version: 1,
    command,
    header: headerOf(scope),
    entries: inOrder(command).flatMap((part) => planPart(command, part, observed, scope)),
  };
}

/** The resources in a command's order. */
function inOrder(command: Command): Part[] {
  return command === 'deploy' ? parts : parts.toReversed();
}

function planPart(command: Command, part: Part, observed: Observed, scope: Scope) {
  return resources[part][command](observed, withArnsOf(observed, scope)).map((entry) => ({ part, ...entry }));
}

/**
 * The scope with the ARNs of the roles as AWS gives them: they contain the role's path, which its name does not show.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-friendly-names
 */
export function withArnsOf({ executionRole, broker }: Pick<Observed, 'executionRole' | 'broker'>, scope: Scope): Scope {
  const { roleArn, brokerRoleArn } = scope.names;
  const names = {
    ...scope.names,
    roleArn: executionRole?.arn ?? roleArn,
    brokerRoleArn: broker.role?.arn ?? brokerRoleArn,
  };
  return { ...scope, names };
}

/** The stack's parts for `apply`, starting from what was read. */
export function partsOf(command: Command, observed: Observed, scope: Scope): Parts<Part> {
  let now = observed;
  const values: DeferredValues = new Map();
  storeRevision(values, now);
  return {
    values,
    waitsFor: waitsFor(places, command),
    optional: (part, write) => resources[part].optional?.[write.call],
    async prepare(part, write, onWaiting) {
      await resources[part].prepare?.(write, { ...withArnsOf(now, scope), onWaiting }, now);
    },
    async settle(part, write, answer, onWaiting) {
      await resources[part].settle?.(write, answer, { ...withArnsOf(now, scope), onWaiting }, values, now);
    },
    async planAgain(changed, left) {
      const stale = new Set([...changed].flatMap((part) => [part, ...(resources[part].alsoChanges ?? [])]));
      for (const part of stale) now = { ...now, [part]: await resources[part].read(scope) };
      storeRevision(values, now);
      const reason = whyNotOurs(now, scope);
      if (reason !== undefined) throw new OperatorError(reason);
      // If a part's writes change another part, that one is planned again too.
      const again = new Set([...left].flatMap((part) => [part, ...(resources[part].alsoChanges ?? [])]));
      return inOrder(command)
        .filter((part) => again.has(part))
        .flatMap((part) => planPart(command, part, now, scope));
    },
  };
}

/** The function's updates are conditional on the revision that was read. */
function storeRevision(values: DeferredValues, { function: routing }: Observed): void {
  const revision = revisionOf(routing);
  if (revision !== undefined) values.set(deferred.functionRevision, revision);
}
