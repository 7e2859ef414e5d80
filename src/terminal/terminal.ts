/**
 * The host for a terminal, or for pipes and files.
 */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { styleText } from 'node:util';
import ora from 'ora';
import { colourful } from './colours.js';
import { type Host, type Step, silentStep as silent, type Tone } from './host.js';
import { openScreen } from './screen.js';
import { readPiped, readTyped, type SecretInput } from './secret.js';
import { printable } from './text.js';

/** The streams of the process; tests pass their own. */
export interface Streams {
  stdin: SecretInput;
  stdout: NodeJS.WritableStream & { isTTY?: boolean; columns?: number; rows?: number };
  stderr: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  env: NodeJS.ProcessEnv;
}

export interface TerminalOptions {
  quiet: boolean;
  /** stdout is read by a program: no prompts, no colours. */
  json: boolean;
  /** Whether colours may be used; true by default. */
  color?: boolean;
  signal: AbortSignal;
  /** The clock, in milliseconds since 1970; Date.now by default. */
  now?: () => number;
}

const colours: Record<Tone, Parameters<typeof styleText>[0]> = {
  good: 'green',
  change: 'yellow',
  bad: 'red',
  ownership: 'magenta',
  quiet: 'dim',
  notice: 'cyan',
};

/**
 * Whether the locale has more than US-ASCII: the first of these variables that is set decides.
 * https://pubs.opengroup.org/onlinepubs/9699919799/basedefs/V1_chap08.html#tag_08_02. Linux's console and dumb terminals lack the characters.
 */
function showsUnicode({ LC_ALL, LC_CTYPE, LANG, TERM = '' }: NodeJS.ProcessEnv): boolean {
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || '') && !/^(linux|dumb)$/.test(TERM);
}

export function terminal(
  streams: Streams,
  { quiet, json, color = true, signal, now = Date.now }: TerminalOptions,
): Host {
  const { stdin, stdout, stderr, env } = streams;
  const line = (stream: NodeJS.WritableStream, text: string) => void stream.write(`${printable(text)}\n`);
  const painted = colourful(stdout, env, color) && !json;
  // A terminal of unknown size (`docker exec -t`) reports 0 columns, on which ora would clear lines forever.
  const moving = stderr.isTTY === true && colourful(stderr, env, color) && stderr.columns !== 0;
  const note = (text: string) => {
    if (!quiet) line(stderr, text);
  };
  /** The step that moves, if there is one: a question needs its line. */
  let moved: Spinner | undefined;
  const ask = async (question: string) => {
    if (json || stdin.isTTY !== true || stderr.isTTY !== true) return undefined;
    moved?.pause();
    // Without a line editor the terminal keeps its mode, and Ctrl-C arrives as a signal, as everywhere else.
    const reader = createInterface({ input: stdin, output: stderr, terminal: false });
    try {
      // Ctrl-D closes the input without an answer.
      const answered = Promise.race([once(reader, 'line', { signal }), once(reader, 'close')]);
      stderr.write(`${printable(question)} `);
      const [answer = ''] = await answered;
      return String(answer).trim();
    } finally {
      reader.close();
      moved?.resume();
    }
  };
  return {
    print: (text) => (painted ? void stdout.write(`${printablePainted(text)}\n`) : line(stdout, text)),
    note,
    warn: (text) => line(stderr, text),
    step: (title, { brief = false } = {}) => {
      if (quiet) return silent;
      if (!moving) return brief ? late(title, note) : plain(title, note, now);
      moved = spinner(title, stderr, now, brief);
      return moved;
    },
    async confirm(question) {
      const answer = await ask(`${question} [y/N]`);
      return answer === undefined ? undefined : /^y(es)?$/i.test(answer);
    },
    readSecret(prompt, most) {
      if (stdin.isTTY !== true) return readPiped(stdin, most, signal);
      stderr.write(printable(prompt));
      return readTyped(stdin, most, signal).finally(() => stderr.write('\n'));
    },
    write: (bytes) => void stdout.write(bytes),
    onTerminal: stdout.isTTY === true,
    unicode: stdout.isTTY === true && showsUnicode(env),
    ask,
    openScreen: () =>
      stdout.isTTY === true && env.TERM !== 'dumb' && !json
        ? openScreen(stdout, painted ? printablePainted : printable)
        : undefined,
    // `colourful` has already decided about colours.
    paint: (text, tone) => (painted ? styleText(colours[tone], text, { validateStream: false }) : text),
    get width() {
      return Math.max(40, stdout.columns || 80);
    },
    signal,
  };
}

/** The escape sequences of `colours`, and those that end them: https://nodejs.org/api/util.html#utilinspectcolors */
const ownColours = new RegExp(`(${'\u001b'}\\[(?:2|22|3[1-6]|39)m)`);

/** Like {@link printable}, but keeps the colours of `paint`. */
function printablePainted(text: string): string {
  return text
    .split(ownColours)
    .map((part, index) => (index % 2 === 1 ? part : printable(part)))
    .join('');
}

const changedMeanwhile = 'changed in the meantime, reading again';

/** The interval of progress on a terminal and in plain lines, in milliseconds. */
const drawInterval = 200;
const printInterval = 10_000;

/** After this time a brief step is mentioned in plain lines; milliseconds. */
const lateAfter = 3_000;

/** Returns a function that is true at most once per interval. */
function every(milliseconds: number, now: () => number): () => boolean {
  let last = now();
  return () => {
    const due = now() - last >= milliseconds;
    if (due) last = now();
    return due;
  };
}

function plain(title: string, write: (text: string) => void, now: () => number): Step {
  const due = every(printInterval, now);
  return {
    waiting: (what) => write(`  waiting for ${what}`),
    progress: (describe) => {
      if (due()) write(`  ${title}: ${describe()}`);
    },
    done: () => write(`  ${title}: done`),
    again: () => write(`  ${title}: ${changedMeanwhile}`),
    failed: () => write(`  ${title}: failed`),
    skipped: () => write(`  ${title}: skipped`),
  };
}

/** A brief step in plain lines: mentioned when it takes long. */
function late(title: string, write: (text: string) => void): Step {
  const timer = setTimeout(() => write(`  ${title}: waiting for an answer`), lateAfter);
  const end = () => clearTimeout(timer);
  return { ...silent, done: end, failed: end };
}

interface Spinner extends Step {
  /** Clears the line for something else. */
  pause(): void;
  resume(): void;
}

function spinner(text: string, stream: NodeJS.WritableStream, now: () => number, brief: boolean): Spinner {
  const title = printable(text);
  const due = every(drawInterval, now);
  // The process handles Ctrl-C itself, and `colourful` has already checked for a terminal.
  const drawn = ora({ text: title, stream, discardStdin: false, isEnabled: true }).start();
  let ended = false;
  const end = (draw: () => unknown) => () => {
    ended = true;
    draw();
  };
  return {
    waiting: (what) => {
      drawn.text = printable(`${title} (waiting for ${what})`);
    },
    progress: (describe) => {
      if (due()) drawn.text = printable(`${title}: ${describe()}`);
    },
    done: end(() => (brief ? drawn.stop() : drawn.succeed(title))),
    again: end(() => drawn.info(`${title}: ${changedMeanwhile}`)),
    failed: end(() => (brief ? drawn.stop() : drawn.fail(title))),
    pause: () => {
      if (!ended) drawn.stop();
    },
    resume: () => {
      if (!ended) drawn.start();
    },
    skipped: end(() => drawn.info(`${title}: skipped`)),
  };
}
