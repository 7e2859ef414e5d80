/**
 * The output that a document shows: the parts between `<!-- output -->` and `<!-- /output -->`, each below the block whose commands print
 * it.
 */
import type { Ran } from './shell.js';

/** A part for the output of the block before it. `from` and `to` are texts in the first and the last line shown; without them, all is. */
const PART = /<!-- output(?: from "(?<from>[^"]+)")?(?: to "(?<to>[^"]+)")? -->\n[\s\S]*?<!-- \/output -->/g;

/** Fills in the parts. @param outputOf the output of the block that ends last before a position in the document */
export function withOutputs(document: string, outputOf: (position: number) => string): string {
  return document.replace(PART, (...found) => {
    const [part, , , position, , { from, to }] = found as [string, string, string, number, string, Part];
    const [opening] = part.split('\n');
    const shown = excerpt(constant(outputOf(position)), from, to);
    return `${opening}\n\`\`\`text\n${shown}\n\`\`\`\n<!-- /output -->`;
  });
}

interface Part {
  from?: string;
  to?: string;
}

/** @throws Error when no line has it */
function excerpt(output: string, from = '', to?: string): string {
  const lines = output.split('\n');
  const place = (beginning: string, after = 0) => {
    const found = lines.findIndex((line, index) => index >= after && line.includes(beginning));
    if (found < 0) throw new Error(`no line has ${beginning}:\n${output}`);
    return found;
  };
  const first = place(from);
  const last = to === undefined ? lines.length : place(to, first) + 1;
  return [...(first > 0 ? ['...'] : []), ...lines.slice(first, last), ...(last < lines.length ? ['...'] : [])].join(
    '\n',
  );
}

/** Replaces values that differ between runs by their names. */
export function constant(output: string): string {
  return (
    output
      // Whether the command has to wait depends on the machine's speed.
      .replace(/^ {2}waiting for .*\n/gm, '')
      // The chart of the last day depends on the hour.
      .replace(/^ {2}(routed|stayed|failed) [.?·▁-█1-9]{25,}.*\n/gm, '')
      .replace(/^ {9}\d\d:00Z +now\n/gm, '')
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, '<time>')
      // `logs` prints local times.
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d/g, '<local time>')
      .replace(/, \d+ ms$/gm, ', <n> ms')
      .replace(/\b\d+ s ago/g, '<n> s ago')
      .replace(/\b[\d.]+ s after it was put/g, '<n> s after it was put')
      .replace(/ in \d+ s \([\d,]+\/s\)/, ' in <n> s (<n>/s)')
      .replace(/(0x[0-9a-f]{40})-\d{10}@/g, '$1-<unix seconds>@')
      .replace(/(http:\/\/127\.0\.0\.1):\d+/g, '$1:<port>')
      .replace(/SHA-256 [\w+/]+=*/g, 'SHA-256 <hash>')
      .replace(/\b\d+\.\d+\.\d+(-test)?\+[0-9a-f]{12}/g, '<version>+<hash>')
      .trimEnd()
  );
}

/** What the commands of the last block before a position have printed. */
export function printedBefore(ran: Ran[], position: number, document: string): string {
  const before = document.slice(0, position).split('\n');
  const fence = before.findLastIndex((one) => one.startsWith('```sh')) + 1;
  return ran
    .filter(({ line }) => line > fence && line < before.length)
    .map(({ output }) => output)
    .join('');
}
