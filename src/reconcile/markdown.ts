/**
 * A plan as GitHub Flavored Markdown, for a comment on a pull request. Pure.
 *
 * Names and values may be anybody's: they appear in fenced code only, where nothing is a link, a mention, an image or HTML, and the fence is
 * longer than any in them. https://github.github.com/gfm/#fenced-code-blocks
 */
import { printable, wrap } from '../terminal/text.js';
import {
  consequences,
  count,
  type Difference,
  type Entry,
  type Header,
  needsDecision,
  type Plan,
  type PlannedEntry,
} from './plan.js';
import { describeEntry, legible, marks, renderCounts, renderStack } from './render.js';

/** Columns: about the width of a comment on GitHub. */
const width = 100;

/** GitHub takes at most 65,536 characters in a comment; the rest is left for a heading of the operator's own. */
const longest = 60_000;

/**
 * The plan as lines of Markdown: the counts, what needs a confirmation, the changes and notes as a diff, and folded away what is in sync.
 *
 * @param most characters; of a longer plan, the last differences are left out, and the number of their lines is given.
 */
export function renderMarkdown(plan: Plan, most = longest): string[] {
  const { header, entries } = plan;
  const inSync = entries.filter(({ action }) => action === 'none');
  const others = entries.filter(({ action }) => action !== 'none');
  const asked = confirmations(plan);
  const around = [
    `### Plan to ${plan.command === 'deploy' ? 'deploy' : 'tear down'} agentkeys-ses-routing`,
    '',
    `**${renderCounts(count(entries))}**`,
    '',
    ...fenced('text', headerLines(header)),
    ...(asked.length === 0 ? [] : ['', '**To confirm before it is applied:**', '', ...fenced('diff', asked)]),
  ];
  const folded =
    inSync.length === 0
      ? []
      : [
          '',
          '<details>',
          `<summary>${inSync.length} in sync</summary>`,
          '',
          ...fenced('diff', inSync.flatMap(entryLines)),
          '',
          '</details>',
        ];
  const room = most - [...around, ...folded].join('\n').length;
  const { shown, left } = within(room, others.flatMap(entryLines));
  return [
    ...around,
    ...(shown.length === 0 ? [] : ['', ...fenced('diff', shown)]),
    ...(left === 0 ? [] : ['', `**${left} more lines do not fit in a comment: see the plan in the job's log.**`]),
    ...folded,
  ];
}

function headerLines(header: Header): string[] {
  return [
    `account  ${header.account} (${header.partition}), region ${header.region}`,
    `caller   ${header.caller}`,
    ...renderStack(header).map((line) => line.trimStart()),
  ].map(escaped);
}

/** What the operator has to agree to or to decide, and what prevents the plan from being applied. */
function confirmations(plan: Plan): string[] {
  const lines = (mark: string, text: string) => marked(mark, text, '');
  const stated = new Set(plan.entries.flatMap((entry) => consequences(entry, plan)));
  return [
    ...plan.entries.filter(({ blocks }) => blocks).flatMap((entry) => lines('!', `blocked: ${named(entry)}`)),
    ...plan.entries
      .filter(needsDecision)
      .flatMap((entry) => lines('!', `to decide (--${entry.offer}): ${named(entry)}`)),
    ...plan.entries
      .filter(({ action }) => action === 'adopt')
      .flatMap((entry) => lines('>', `${describeEntry(entry)} (--adopt)`)),
    ...[...stated].flatMap((text) => lines('-', `${text} (--yes)`)),
  ];
}

function named({ resource, name }: Entry): string {
  return `${resource} ${name}`;
}

/** An entry: its line, and below it why and what differs. The mark is each line's first character, by which a diff is coloured. */
function entryLines(entry: PlannedEntry): string[] {
  const head = `${marks[entry.action]} ${entry.resource.padEnd(15)} ${entry.name}`;
  return [
    escaped(head),
    ...(entry.note === undefined ? [] : marked(' ', entry.note)),
    ...entry.differences.flatMap(differenceLines),
  ];
}

function differenceLines({ field, from, to }: Difference): string[] {
  return [
    ...(from === undefined ? [] : marked('-', `${field}: ${legible(from)}`)),
    ...(to === undefined ? [] : marked('+', `${field}: ${legible(to)}`)),
  ];
}

/** A text as lines that each begin with a mark. */
function marked(mark: string, text: string, indent = '    '): string[] {
  return wrap(escaped(text), width, `${mark}${indent} `, `${mark}${indent}   `);
}

/** A text as one line without control characters, so that no value looks like another line. */
function escaped(text: string): string {
  return printable(text.replaceAll('\n', '\\n').replaceAll('\t', '\\t'));
}

/** Lines in a code fence that none of them can close. */
function fenced(language: 'diff' | 'text', lines: string[]): string[] {
  const runs = lines.flatMap((line) => line.match(/`+/g) ?? []);
  const fence = '`'.repeat(Math.max(3, ...runs.map((run) => run.length + 1)));
  return [`${fence}${language}`, ...lines, fence];
}

/** The first lines that have room, and how many don't. */
function within(room: number, lines: string[]): { shown: string[]; left: number } {
  let used = 0;
  const end = lines.findIndex((line) => {
    used += line.length + 1;
    return used > room;
  });
  const fitting = end === -1 ? lines.length : end;
  return { shown: lines.slice(0, fitting), left: lines.length - fitting };
}
