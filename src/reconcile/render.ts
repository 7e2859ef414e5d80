/**
 * A plan as lines of text, and as JSON. Pure.
 */
import { createHash } from 'node:crypto';
import type { Write } from '../aws/writes.js';
import type { Paint, Tone } from '../terminal/host.js';
import { wrap } from '../terminal/text.js';
import { deferred } from './deferred.js';
import { type Action, type Counts, count, type Difference, type Entry, type Header, type Plan } from './plan.js';
import type { PlanDocument } from './schema.js';

/** How a line is marked. */
export const marks: Record<Action, string> = {
  create: '+',
  update: '~',
  delete: '-',
  adopt: '>',
  none: '=',
  attention: '!',
};

/** The tone in which an entry's line is printed. */
const tones: Record<Action, Tone> = {
  create: 'good',
  update: 'change',
  delete: 'bad',
  adopt: 'ownership',
  none: 'quiet',
  attention: 'notice',
};

const kindWidth = 15;

/**
 * The plan as lines, none longer than `width` where its words allow.
 *
 * @param width columns.
 */
export function renderPlan(plan: Plan, paint: Paint, width = 80): string[] {
  const { header } = plan;
  return [
    `Plan to ${plan.command === 'deploy' ? 'deploy' : 'tear down'} agentkeys-ses-routing`,
    `  account  ${header.account} (${header.partition}), region ${header.region}`,
    `  caller   ${header.caller}`,
    ...renderStack(header),
    '',
    ...plan.entries.flatMap((entry) => renderEntry(entry, paint, width)),
    '',
    renderCounts(count(plan.entries)),
  ];
}

/** The lines of a header that name the stack and its bucket. */
export function renderStack({ stack, bucket }: Header): string[] {
  return [...(stack === undefined ? [] : [`  stack    ${stack}`]), `  bucket   ${bucket}`];
}

/** One entry: its line, and below it why and what differs. */
export function renderEntry(entry: Entry, paint: Paint, width: number): string[] {
  const head = `${marks[entry.action]} ${entry.resource.padEnd(kindWidth)} ${entry.name}`;
  const note = entry.note === undefined ? [] : wrap(entry.note, width, '    ');
  return [
    paint(head, tones[entry.action]),
    ...note,
    ...entry.differences.flatMap((one) => renderDifference(one, width)),
  ];
}

function renderDifference({ field, from, to }: Difference, width: number): string[] {
  const text = [from, to].map((value) => (value === undefined ? undefined : legible(value)));
  if (text[0] === undefined) return wrap(`+ ${field}: ${text[1]}`, width, '    ', '      ');
  if (text[1] === undefined) return wrap(`- ${field}: ${text[0]}`, width, '    ', '      ');
  return wrap(`~ ${field}: ${text[0]} -> ${text[1]}`, width, '    ', '      ');
}

/** A value for display; a reference is replaced by a text. */
export function legible(value: string): string {
  const pending = Object.values(deferred).some((one) => one === value);
  return pending ? '(known after apply)' : value;
}

/** What an entry does, in words: `create execution role agentkeys-ses-routing-role`. */
export function describeEntry({ action, resource, name }: Entry): string {
  return `${action} ${resource} ${name}`;
}

/** The last line of a plan: the number of changes. */
export function renderCounts(counts: Counts): string {
  const todo = (['create', 'update', 'delete', 'adopt'] as const)
    .filter((action) => counts[action] > 0)
    .map((action) => `${counts[action]} to ${action}`);
  const rest = [`${counts.none} in sync`, ...(counts.attention === 0 ? [] : [`${counts.attention} to note (!)`])];
  return `${todo.length === 0 ? 'Nothing to do' : todo.join(', ')}; ${rest.join(', ')}.`;
}

/** The plan as the value that `--json` prints. Bytes are replaced by their size and hash. */
export function planAsJson(plan: Plan): PlanDocument {
  const { entries, ...rest } = plan;
  return {
    ...rest,
    entries: entries.map(({ writes, ...entry }) => ({ ...entry, writes: writes.map(writeAsJson) })),
    counts: count(entries),
  };
}

function writeAsJson({ call, input }: Write): PlanDocument['entries'][number]['writes'][number] {
  return { call, input: { ...(withoutBytes(input) as object) } };
}

function withoutBytes(value: unknown): unknown {
  if (value instanceof Uint8Array)
    return { bytes: value.length, sha256: createHash('sha256').update(value).digest('base64') };
  if (Array.isArray(value)) return value.map(withoutBytes);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutBytes(inner)]));
}
