/**
 * A plan: a list of entries, each with a resource's differences between its current and desired state and the calls that resolve
 * them. It is plain data: it can be printed, counted, compared, written as JSON, and applied.
 */
import type { Write } from '../aws/writes.js';

/** What to do about a resource. `attention`: something for the operator to note; it has no calls. */
export type Action = 'create' | 'update' | 'delete' | 'adopt' | 'none' | 'attention';

/** One field that differs. `from` is absent if the field is to be added, `to` if it is to be removed. */
export interface Difference {
  field: string;
  from?: string;
  to?: string;
}

export interface Entry {
  /** The kind of resource: `execution role`. */
  resource: string;
  /** Its name in AWS. */
  name: string;
  action: Action;
  /** The reason, where the action alone doesn't show it. */
  note?: string;
  differences: Difference[];
  /** What would be lost, completing "this will …": such an entry needs confirmation. */
  destroys?: string;
  /** Whom it routes for, what it may read or what it deletes beyond what was, completing "this will …": needs confirmation too. */
  widens?: string;
  /** The plan can't be applied while it has this entry; the note says why, and what to do. */
  blocks?: boolean;
  /**
   * The flag that turns this `attention` into a change; on a terminal the operator is asked. Without an answer, broad grants and others'
   * slots stay, but whether the broker reads `inbound/` has to be decided.
   */
  offer?: 'remove-broad-grants' | 'take-retry-slots' | 'broker-reads-inbound';
  /** The calls, in order. Empty for `none` and `attention`. */
  writes: Write[];
}

/** An entry, and the part of the stack it belongs to. */
export type PlannedEntry<Part extends string = string> = Entry & { part: Part };

/** Where a plan was made, and as whom. */
export interface Header {
  account: string;
  partition: string;
  region: string;
  /** The caller's ARN. */
  caller: string;
  /** Absent for the unnamed stack. */
  stack?: string;
  bucket: string;
}

export interface Plan<Part extends string = string> {
  /** Of this shape; raised when a reader of an older one could misread it. */
  version: 1;
  command: 'deploy' | 'teardown';
  header: Header;
  entries: PlannedEntry<Part>[];
}

/** How many entries of each action a plan has. */
export type Counts = Record<Action, number>;

export function count(entries: readonly Entry[]): Counts {
  const counts: Counts = { create: 0, update: 0, delete: 0, adopt: 0, none: 0, attention: 0 };
  for (const entry of entries) counts[entry.action] += 1;
  return counts;
}

/** The entries that change something. */
export function changes(plan: Plan): PlannedEntry[] {
  return plan.entries.filter((entry) => entry.writes.length > 0);
}

/** Whether something is to be done that the plan does not have yet, because an operator has to decide it first. */
export function needsDecision({ offer }: Pick<Entry, 'offer'>): boolean {
  return offer === 'broker-reads-inbound';
}

/** What an entry loses or opens, in words; a deletion by a teardown is one. Each needs a confirmation. */
export function consequences({ action, destroys, widens, resource, name }: Entry, { command }: Plan): string[] {
  const stated = [destroys, widens].filter((one) => one !== undefined);
  const deletes = command === 'teardown' && action === 'delete' && stated.length === 0;
  return deletes ? [`delete the ${resource} ${name}`] : stated;
}

/** An entry for a resource that is up to date, or is left alone for the reason given. */
export function unchanged(resource: string, name: string, note?: string): Entry {
  return { resource, name, action: 'none', ...(note === undefined ? {} : { note }), differences: [], writes: [] };
}

/** An entry for the operator to note, without calls. */
export function attention(resource: string, name: string, note: string, differences: Difference[] = []): Entry {
  return { resource, name, action: 'attention', note, differences, writes: [] };
}

/** The fields of `want` that have another value in `have`, as differences. Values are compared as text. */
export function differences(
  have: Record<string, string | undefined>,
  want: Record<string, string | undefined>,
): Difference[] {
  return Object.entries(want).flatMap(([field, to]) => {
    const from = have[field];
    return from === to ? [] : [difference(field, from, to)];
  });
}

export function difference(field: string, from: string | undefined, to: string | undefined): Difference {
  return { field, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}
