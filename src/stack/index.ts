/**
 * The stack: its resources in the order in which they are made, the concurrent reading of all of them, and the plan.
 */
import { firstFailure } from '../aws/errors.js';
import type { Parts } from '../reconcile/apply.js';
import { type Known, reference } from '../reconcile/known.js';
import type { Plan } from '../reconcile/plan.js';
import { broker } from './broker/role.js';
import { legacy } from './legacy/index.js';
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
  legacy,
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

/** A plan whose entries belong to this stack. */
export type StackPlan = Plan<keyof Observed>;

type Command = StackPlan['command'];

/** What the stack needs. Pure. */
export function planStack(command: Command, observed: Observed, scope: Scope): StackPlan {
  const ordered = command === 'deploy' ? stack : stack.toReversed();
  return {
    version: 1,
    command,
    header: { ...scope.identity, bucket: scope.names.bucket },
    entries: ordered.flatMap(({ key }) => planPart(command, key, observed, scope)),
  };
}

function planPart(command: Command, part: keyof Observed, observed: Observed, scope: Scope) {
  return resources[part][command](observed, scope).map((entry) => ({ part, ...entry }));
}

/** The stack as `apply` works on it, from where it was read. */
export function partsOf(command: Command, observed: Observed, scope: Scope): Parts<keyof Observed> {
  let now = observed;
  const known: Known = new Map();
  noteRevision(known, now);
  return {
    known,
    async prepare(part, write) {
      await resources[part].prepare?.(write, scope, now);
    },
    async settle(part, write, answer) {
      await resources[part].settle?.(write, answer, scope, known, now);
    },
    async planAgain(changed, left) {
      const stale = new Set([...changed].flatMap((part) => [part, ...(resources[part].alsoChanges ?? [])]));
      for (const part of stale) now = { ...now, [part]: await resources[part].read(scope) };
      noteRevision(known, now);
      return [...left].flatMap((part) => planPart(command, part, now, scope));
    },
  };
}

/** The function's updates carry the revision that was read. */
function noteRevision(known: Known, { function: routing }: Observed): void {
  const revision = revisionOf(routing);
  if (revision !== undefined) known.set(reference.functionRevision, revision);
}
