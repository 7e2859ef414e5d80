/**
 * What of a plan may be written side by side: each part names those that come before it, as data. Whatever it does not name, directly or
 * through others, may be written at the same time. A plan's own order agrees with it.
 */
import type { Plan, PlannedEntry } from './plan.js';

/** Where a part of a stack comes in a deploy. A teardown goes the other way round. */
export interface Place<Part extends string> {
  /** The parts before it. */
  after: readonly Part[];
  /** What may come earlier, by what an entry does, such as `create rule`: the parts before that. */
  except?: Readonly<Record<string, readonly Part[]>>;
  /** Its entries don't wait for each other; those of other parts follow each other in the plan's order. */
  independent?: true;
}

/** Whether an entry has to wait for one that precedes it in the plan. */
export type WaitsFor<Part extends string> = (entry: PlannedEntry<Part>, earlier: PlannedEntry<Part>) => boolean;

/** @param places without cycles. */
export function waitsFor<Part extends string>(
  places: Readonly<Record<Part, Place<Part>>>,
  command: Plan['command'],
): WaitsFor<Part> {
  const withAllBefore = (parts: readonly Part[]): Part[] =>
    parts.flatMap((part) => [part, ...withAllBefore(places[part].after)]);
  const comesAfter = ({ part, action, resource }: PlannedEntry<Part>, other: Part): boolean => {
    const { after, except } = places[part];
    return withAllBefore(except?.[`${action} ${resource}`] ?? after).includes(other);
  };
  return (entry, earlier) => {
    if (entry.part === earlier.part) return places[entry.part].independent !== true;
    return command === 'deploy' ? comesAfter(entry, earlier.part) : comesAfter(earlier, entry.part);
  };
}
