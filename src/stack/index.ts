/**
 * The stack: its resources in the order in which they are made, the concurrent reading of all of them, and the plan.
 */
import { firstFailure } from '../aws/errors.js';
import { type Known, reference } from '../reconcile/known.js';
import type { Plan, PlannedEntry } from '../reconcile/plan.js';
import { broker } from './broker/role.js';
import type { Observed, Resource } from './resource.js';
import { bucket } from './resources/bucket.js';
import { bucketEvents } from './resources/bucket-events.js';
import { executionRole } from './resources/execution-role.js';
import { revisionOf, routingFunction } from './resources/function.js';
import { logGroup } from './resources/log-group.js';
import { permission } from './resources/permission.js';
import { rule } from './resources/rule.js';
import type { Scope } from './scope.js';

/**
 * Each before what needs it; the bucket's events last of the way of the mail, so that the first event finds everything in place.
 * To add a resource is to add a file, its key in {@link Observed}, and a line here. Teardown goes the other way.
 */
const resources: { [Key in keyof Observed]: Resource<Key> } = {
  bucket,
  logGroup,
  executionRole,
  function: routingFunction,
  permission,
  rule,
  bucketEvents,
  broker,
};

export const stack: readonly Resource<keyof Observed>[] = Object.values(resources);

/**
 * Reads everything at once. Writes nothing.
 *
 * @throws of the reads that failed, the one of the first resource: what is told of a failure doesn't hang on which answer came first.
 */
export async function readStack(scope: Scope): Promise<Observed> {
  const reads = stack.map(async (resource) => [resource.key, await resource.read(scope)] as const);
  const parts = await firstFailure(reads);
  // One value a key, each of the key's own type: by the type of `resources`, which fromEntries forgets.
  return Object.fromEntries(parts) as unknown as Observed;
}

/** Reads one part again. */
export async function readAgain(observed: Observed, part: keyof Observed, scope: Scope): Promise<Observed> {
  return { ...observed, [part]: await resources[part].read(scope) };
}

/** What one part of the stack needs. Pure. */
export function planPart(
  command: Plan['command'],
  part: keyof Observed,
  observed: Observed,
  scope: Scope,
): PlannedEntry[] {
  return resources[part][command](observed, scope).map((entry) => ({ part, ...entry }));
}

/** The whole plan. Pure. */
export function planStack(command: Plan['command'], observed: Observed, scope: Scope): Plan {
  const ordered = command === 'deploy' ? stack : stack.toReversed();
  return {
    version: 1,
    command,
    header: { ...scope.identity, bucket: scope.names.bucket },
    entries: ordered.flatMap(({ key }) => planPart(command, key, observed, scope)),
  };
}

/** What a plan's references stand for before any call has been made. */
export function knownFrom({ function: routing }: Observed): Known {
  const revision = revisionOf(routing);
  return new Map(revision === undefined ? [] : [[reference.functionRevision, revision]]);
}

/** The resource a part of the stack is. */
export function resourceOf(part: keyof Observed): Pick<Resource<keyof Observed>, 'prepare' | 'settle'> {
  return resources[part];
}
