/**
 * Keeps a run to the calls of its plan, also after a race: for a plan that was reviewed before.
 */
import { OperatorError } from '../aws/errors.js';
import type { Parts } from './apply.js';
import type { Plan } from './plan.js';
import { planAsJson } from './render.js';

/**
 * The parts of a plan, which after a race plan nothing that the plan doesn't have: what was done already may be missing.
 *
 * @returns parts whose `planAgain` throws an OperatorError otherwise.
 */
export function confinedTo<Part extends string>(plan: Plan<Part>, parts: Parts<Part>): Parts<Part> {
  const planned = new Set(callsOf(plan));
  return {
    ...parts,
    async planAgain(changed, left) {
      const entries = await parts.planAgain(changed, left);
      for (const entry of entries)
        if (callsOf({ ...plan, entries: [entry] }).some((call) => !planned.has(call)))
          throw new OperatorError(
            `The ${entry.resource} ${entry.name} changed while the saved plan was applied, and needs other calls than those of the plan.`,
          );
      return entries;
    },
  };
}

/** The calls of a plan as texts, each with its input. */
function callsOf(plan: Plan): string[] {
  return planAsJson(plan).entries.flatMap(({ writes }) => writes.map((write) => JSON.stringify(write)));
}
