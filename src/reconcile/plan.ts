/**
 * What a plan is: a list of entries, each one resource's difference between what is and what is wanted,
 * with the calls that mend it. Plain data: it can be shown, counted, compared, sent as JSON, and applied.
 */
import type { Write } from '../aws/writes.js';

/** What is to be done about a resource. `attention`: something the operator should know; nothing is written for it. */
export type Action = 'create' | 'update' | 'delete' | 'adopt' | 'none' | 'attention';

/** One field that differs. An absent side is not there, or not to be there. */
export interface Difference {
  field: string;
  from?: string;
  to?: string;
}

export interface Entry {
  /** The kind of resource: `execution role`. */
  resource: string;
  /** AWS's name of it. */
  name: string;
  action: Action;
  /** Why, where the action alone doesn't say. */
  note?: string;
  differences: Difference[];
  /** What would be lost, completing "this will …": such an entry is asked about before it is applied. */
  destroys?: string;
  /** Nothing of the plan is written while this stands; the note says why, and what to do. */
  blocks?: boolean;
  /** The flag that would turn this `attention` into a change; on a terminal it is asked about. */
  offer?: 'remove-broad-grants';
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

/** An entry for a resource that is as it should be, or is left alone for the reason given. */
export function unchanged(resource: string, name: string, note?: string): Entry {
  return { resource, name, action: 'none', ...(note === undefined ? {} : { note }), differences: [], writes: [] };
}

/** An entry that tells the operator something and writes nothing. */
export function attention(resource: string, name: string, note: string, differences: Difference[] = []): Entry {
  return { resource, name, action: 'attention', note, differences, writes: [] };
}

/** The fields of `want` whose value in `have` is another one, as differences. Values are compared as text. */
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
