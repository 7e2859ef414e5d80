/**
 * The texts of the help, as the commands have them: paragraphs, lists and examples, laid out anew for the width of the terminal.
 *
 * Blocks are separated by empty lines. `  term   what it means` is an entry, `  - text` an item, whose other lines have four spaces; other
 * lines are a paragraph; `Exit status:` begins one. The block that begins with `Examples:` has a command line in each line, and three
 * spaces before its comment.
 */
import { wrap } from '../terminal/text.js';

/** How parts of the help are coloured. */
export interface Palette {
  heading: (text: string) => string;
  term: (text: string) => string;
  comment: (text: string) => string;
}

/** Below this width a description stands under its term. */
const NARROW = 64;

/** The widest column of terms. A longer one has a line of its own. */
const WIDEST_TERM = 34;

/**
 * Terms with their descriptions, in two columns or, where they would be too narrow, in one.
 *
 * @param width columns.
 */
export function entries(
  list: ReadonlyArray<readonly [term: string, description: string]>,
  width: number,
  { term }: Palette,
) {
  const terms = list.map(([text]) => text.length).filter((length) => length <= WIDEST_TERM);
  const column = 2 + Math.max(0, ...terms) + 2;
  const indent = ' '.repeat(width < NARROW ? 4 : column);
  return list.flatMap(([text, description]) => {
    const lines = wrap(description, width, indent);
    if (width < NARROW || text.length > WIDEST_TERM) return [`  ${term(text)}`, ...lines];
    return lines.map((line, index) => (index === 0 ? `  ${term(text)}${line.slice(2 + text.length)}` : line));
  });
}

/** The words of a command line: a quoted text is one. */
const WORD = /(?:[^\s'"]|'[^']*'|"[^"]*")+/g;

/** A command line that can be copied: broken between words, with backslashes. */
function commandLine(text: string, width: number): string[] {
  const lines = [''];
  for (const [word] of text.matchAll(WORD)) {
    const line = String(lines.at(-1));
    // Two columns for the backslash.
    if (line !== '' && 4 + line.length + word.length + 2 > width) lines.push(`  ${word}`);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.map((line, index) => `  ${line}${index < lines.length - 1 ? ' \\' : ''}`);
}

function example(text: string, width: number, { comment }: Palette): string[] {
  const [command = '', ...comments] = text.trim().split(/ {3,}/);
  const [note] = comments;
  if (2 + text.trim().length <= width)
    return [note === undefined ? `  ${command}` : `  ${text.trim().slice(0, -note.length)}${comment(note)}`];
  return [
    ...(2 + command.length <= width ? [`  ${command}`] : commandLine(command, width)),
    ...(note === undefined ? [] : wrap(`# ${note}`, width, '    ', '    # ').map(comment)),
  ];
}

/** A paragraph, an item or an entry. */
type Piece = { kind: 'text' | 'item'; text: string } | { kind: 'entry'; text: string; description: string };

function piecesOf(block: string): Piece[] {
  const pieces: Piece[] = [];
  for (const line of block.split('\n')) {
    const before = pieces.at(-1);
    const [, term, description = ''] = /^ {2}(\S.*?) {2,}(\S.*)$/.exec(line) ?? [];
    if (line.startsWith('  - ')) pieces.push({ kind: 'item', text: line.slice(4) });
    else if (term !== undefined) pieces.push({ kind: 'entry', text: term, description });
    else if (before !== undefined && before.kind === (line.startsWith(' ') ? 'item' : 'text'))
      before.text += ` ${line.trim()}`;
    else pieces.push({ kind: 'text', text: line.trim() });
  }
  return pieces;
}

function blockLines(block: string, width: number, palette: Palette): string[] {
  const pieces = piecesOf(block);
  const list = pieces.flatMap((piece) => (piece.kind === 'entry' ? [[piece.text, piece.description] as const] : []));
  const table = entries(list, width, palette);
  const firstEntry = pieces.findIndex(({ kind }) => kind === 'entry');
  return pieces.flatMap((piece, index) => {
    if (piece.kind === 'entry') return index === firstEntry ? table : [];
    return piece.kind === 'item' ? wrap(piece.text, width, '  - ', '    ') : wrap(piece.text, width, '');
  });
}

/**
 * Lays out a command's text.
 *
 * @param width columns.
 * @returns the lines of the examples, and those of the rest; each without lines if there is none.
 */
export function layOut(text: string, width: number, palette: Palette): { examples: string[]; rest: string[] } {
  const blocks = text
    .trim()
    .replace(/\n(?=Exit status:)/g, '\n\n')
    .split(/\n{2,}/);
  const isExamples = (block: string) => block.startsWith('Examples:\n');
  const commands = blocks.filter(isExamples).flatMap((block) => block.split('\n').slice(1));
  const rest = blocks.filter((block) => block !== '' && !isExamples(block));
  return {
    examples: commands.flatMap((line) => example(line, width, palette)),
    rest: rest.flatMap((block, index) => [...(index > 0 ? [''] : []), ...blockLines(block, width, palette)]),
  };
}
