/**
 * A deploy's plan told as states: what would be done about a resource says what it is now. Pure.
 */
import type { Action, Difference } from '../../reconcile/plan.js';
import type { StackPlan } from '../../stack/index.js';

/** `foreign`: there, but not ours. `obsolete`: there, and due to go. `note`: the operator should know; it is no drift. */
export type State = 'in sync' | 'drifted' | 'missing' | 'foreign' | 'obsolete' | 'note';

const states: Record<Action, State> = {
  none: 'in sync',
  update: 'drifted',
  create: 'missing',
  adopt: 'foreign',
  delete: 'obsolete',
  attention: 'note',
};

/** The actions whose notes tell how a deploy goes about it, not how things are. */
const ofTheWriting = new Set<Action>(['create', 'update', 'adopt']);

/** One resource and its state. */
export interface ResourceState {
  state: State;
  /** The kind of resource: `execution role`. */
  resource: string;
  /** AWS's name of it. */
  name: string;
  note?: string;
  /** From what there is to what is wanted. */
  differences: Difference[];
  /** When it was last changed, by whomever; of a function alone AWS tells it. */
  lastModified?: Date;
}

/** @param functionModified when the function was last changed, where there is one. */
export function statesOf({ entries }: StackPlan, functionModified: Date | undefined): ResourceState[] {
  const changed = functionModified && { lastModified: functionModified };
  return entries.map(({ part, action, resource, name, note, differences }) => ({
    state: states[action],
    resource,
    name,
    ...(note === undefined || ofTheWriting.has(action) ? {} : { note }),
    differences,
    ...(part === 'function' && (action === 'update' || action === 'adopt') ? changed : {}),
  }));
}

/** The states that a deploy would change, the gravest first. */
const driftStates = ['missing', 'drifted', 'foreign', 'obsolete'] as const satisfies State[];

/** How many resources are in each of the states that a deploy would change; states that none is in are left out. */
export function driftOf(resources: readonly ResourceState[]): Array<{ state: State; count: number }> {
  return driftStates
    .map((state) => ({ state, count: resources.filter((one) => one.state === state).length }))
    .filter(({ count }) => count > 0);
}
