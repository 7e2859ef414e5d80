/**
 * A deploy's plan as states: the planned action of a resource shows its current state. Pure.
 */
import { type Action, type Difference, needsDecision } from '../../reconcile/plan.js';
import type { StackPlan } from '../../stack/index.js';

/** `foreign`: exists, not created by this tool. `obsolete`: exists, to be removed. `note`: for information; no drift. */
export type State = 'in sync' | 'drifted' | 'missing' | 'foreign' | 'obsolete' | 'note';

const states: Record<Action, State> = {
  none: 'in sync',
  update: 'drifted',
  create: 'missing',
  adopt: 'foreign',
  delete: 'obsolete',
  attention: 'note',
};

/** The actions whose notes describe what a deploy would do, not the current state. */
const changing = new Set<Action>(['create', 'update', 'adopt']);

/** One resource and its state. */
export interface ResourceState {
  state: State;
  /** The kind of resource: `execution role`. */
  resource: string;
  /** Its name in AWS. */
  name: string;
  note?: string;
  /** From the current to the configured value. */
  differences: Difference[];
  /** When it was last modified, by anyone; AWS reports this for functions only. */
  lastModified?: Date;
}

/** @param functionModified when the function was last modified, if there is one. */
export function statesOf({ entries }: StackPlan, functionModified: Date | undefined): ResourceState[] {
  const changed = functionModified && { lastModified: functionModified };
  return entries.map(({ part, action, resource, name, note, differences, offer }) => ({
    state: needsDecision({ offer }) ? 'missing' : states[action],
    resource,
    name,
    ...(note === undefined || changing.has(action) ? {} : { note }),
    differences,
    ...(part === 'function' && (action === 'update' || action === 'adopt') ? changed : {}),
  }));
}

/** The states that a deploy would change, the most serious first. */
const driftStates = ['missing', 'drifted', 'foreign', 'obsolete'] as const satisfies State[];

/** The number of resources in each state that a deploy would change; states with no resources are left out. */
export function driftOf(resources: readonly ResourceState[]): Array<{ state: State; count: number }> {
  return driftStates
    .map((state) => ({ state, count: resources.filter((one) => one.state === state).length }))
    .filter(({ count }) => count > 0);
}
