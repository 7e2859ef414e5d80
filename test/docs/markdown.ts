/**
 * What the tests read in the documents: fenced blocks, and the commands in them and in the text.
 */
import { readdir, readFile } from 'node:fs/promises';

/** A fenced block. */
export interface Block {
  document: string;
  /** Its first line's number in the document. */
  line: number;
  /** What follows the fence: the language, then words that the tests understand. */
  language: string;
  words: string[];
  text: string;
}

/** A shell command: one line, or several that belong together. */
export interface Command {
  document: string;
  line: number;
  text: string;
  /** The exit status that the document promises: 0, unless the command's comment says `exit 2`. */
  promised: number;
  /** The words after the language on the block's fence. */
  words: string[];
}

/** The README and all of docs/. */
export async function documentNames(): Promise<string[]> {
  const pages = (await readdir('docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...pages.sort().map((name) => `docs/${name}`)];
}

/** The fenced blocks of a document, in order. @throws Error when one is not closed */
export function blocksOf(document: string, markdown: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | undefined;
  for (const [index, line] of markdown.split('\n').entries()) {
    const [, fence] = /^```(.*)$/.exec(line) ?? [];
    if (fence === undefined) {
      if (open !== undefined) open.text += `${line}\n`;
    } else if (open !== undefined) {
      blocks.push(open);
      open = undefined;
    } else {
      const [language = '', ...words] = fence.split(' ');
      open = { document, line: index + 2, language, words, text: '' };
    }
  }
  if (open !== undefined) throw new Error(`${document}: the block at line ${open.line} is not closed`);
  return blocks;
}

export async function readBlocks(document: string, language: string): Promise<Block[]> {
  return blocksOf(document, await readFile(document, 'utf8')).filter((block) => block.language === language);
}

/** The commands of a block: a line each, with the lines that a backslash or a here-document joins to it. */
export function commandsIn({ document, line: first, words, text }: Block): Command[] {
  const commands: Command[] = [];
  let gathered: string[] = [];
  let end: string | undefined;
  for (const [index, line] of text.trimEnd().split('\n').entries()) {
    gathered.push(line);
    end ??= /<<'?(\w+)'?/.exec(line)?.[1];
    if (end === undefined ? line.endsWith('\\') : line !== end) continue;
    const command = gathered.join('\n');
    const [, promised = '0'] = /#.*\bexit (\d+)/.exec(command) ?? [];
    const begins = first + index + 1 - gathered.length;
    if (!/^\s*(#|$)/.test(command))
      commands.push({ document, line: begins, text: command, promised: Number(promised), words });
    gathered = [];
    end = undefined;
  }
  return commands;
}

/** This tool's commands in the running text: code that begins with `npx --no agentkeys-ses-routing` and goes on. */
export function inlineCommands(document: string, markdown: string): Command[] {
  const lines = markdown.split('\n');
  const fenced = new Set(
    blocksOf(document, markdown).flatMap(({ line, text }) => text.split('\n').map((_, index) => line + index)),
  );
  return lines.flatMap((line, index) => {
    if (fenced.has(index + 1)) return [];
    const found = line.matchAll(/`(npx --no agentkeys-ses-routing [^`]+)`/g);
    return [...found].map(([, text = '']) => ({ document, line: index + 1, text, promised: 0, words: [] }));
  });
}

/** All commands of a document, in its order. */
export async function readCommands(document: string): Promise<Command[]> {
  const markdown = await readFile(document, 'utf8');
  const fenced = blocksOf(document, markdown).filter(({ language }) => language === 'sh');
  const commands = [...fenced.flatMap(commandsIn), ...inlineCommands(document, markdown)];
  return commands.sort((a, b) => a.line - b.line);
}

/** Commands where no test looks for them: in an indented block, or in a fence of another language. */
export function hiddenCommands(document: string, markdown: string): string[] {
  const blocks = blocksOf(document, markdown);
  const shown = new Set(blocks.flatMap(({ line, text }) => text.split('\n').map((_, index) => line + index)));
  const program = /^\s*(?:npx|npm|aws|node|bash) (?:--no )?[a-z]/;
  const indented = markdown.split('\n').filter((line, index) => !shown.has(index + 1) && /^ {4}/.test(line));
  const others = blocks.filter(({ language }) => !['sh', 'text'].includes(language));
  return [...indented, ...others.flatMap(({ text }) => text.split('\n'))].filter((line) => program.test(line));
}
