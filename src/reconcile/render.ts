/**
 * A plan as lines of text, and as JSON. Pure: what is shown can be compared, line by line.
 */
import { createHash } from 'node:crypto';
import type { Write } from '../aws/writes.js';
import { reference } from './known.js';
import { type Action, type Counts, count, type Difference, type Entry, type Plan } from './plan.js';

/** How a line is marked; a terminal paints it by that. */
export const marks: Record<Action, string> = {
  create: '+',
  update: '~',
  delete: '-',
  adopt: '>',
  none: '=',
  attention: '!',
};

/** Paints a text as what it is about; the identity where there are no colours. */
export type Paint = (text: string, action: Action) => string;

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
    `  bucket   ${header.bucket}`,
    '',
    ...plan.entries.flatMap((entry) => renderEntry(entry, paint, width)),
    '',
    renderCounts(count(plan.entries)),
  ];
}

/** One entry: its line, and below it why and what differs. */
export function renderEntry(entry: Entry, paint: Paint, width: number): string[] {
  const head = `${marks[entry.action]} ${entry.resource.padEnd(kindWidth)} ${entry.name}`;
  const note = entry.note === undefined ? [] : wrap(entry.note, width, '    ');
  return [paint(head, entry.action), ...note, ...entry.differences.flatMap((one) => renderDifference(one, width))];
}

function renderDifference({ field, from, to }: Difference, width: number): string[] {
  const text = [from, to].map((value) => (value === undefined ? undefined : legible(value)));
  if (text[0] === undefined) return wrap(`+ ${field}: ${text[1]}`, width, '    ', '      ');
  if (text[1] === undefined) return wrap(`- ${field}: ${text[0]}`, width, '    ', '      ');
  return wrap(`~ ${field}: ${text[0]} -> ${text[1]}`, width, '    ', '      ');
}

/** A reference as an operator reads it. */
export function legible(value: string): string {
  const pending = Object.values(reference).some((one) => one === value);
  return pending ? '(known once it is made)' : value;
}

/** The last line of a plan: how much there is to do. */
export function renderCounts(counts: Counts): string {
  const todo = (['create', 'update', 'delete', 'adopt'] as const)
    .filter((action) => counts[action] > 0)
    .map((action) => `${counts[action]} to ${action}`);
  const rest = [`${counts.none} in sync`, ...(counts.attention === 0 ? [] : [`${counts.attention} to note (!)`])];
  return `${todo.length === 0 ? 'Nothing to do' : todo.join(', ')}; ${rest.join(', ')}.`;
}

/**
 * A text broken at its spaces. A word longer than a line stands whole: an ARN must be copied in one piece.
 */
export function wrap(text: string, width: number, indent: string, hanging = indent): string[] {
  const lines: string[] = [];
  let line = indent;
  let empty = true;
  for (const word of text.split(' ')) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = `${hanging}${word}`;
    } else line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line];
}

/** The plan as the value that `--json` prints. The function's code is told by its size and hash. */
export function planAsJson(plan: Plan): object {
  const { entries, ...rest } = plan;
  return {
    ...rest,
    entries: entries.map(({ writes, ...entry }) => ({ ...entry, writes: writes.map(writeAsJson) })),
    counts: count(entries),
  };
}

function writeAsJson({ call, input }: Write): object {
  return { call, input: withoutBytes(input) };
}

function withoutBytes(value: unknown): unknown {
  if (value instanceof Uint8Array)
    return { bytes: value.length, sha256: createHash('sha256').update(value).digest('base64') };
  if (Array.isArray(value)) return value.map(withoutBytes);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutBytes(inner)]));
}
