/**
 * The host that is a terminal, or the pipes and files that stand in for one.
 */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { styleText } from 'node:util';
import ora from 'ora';
import type { Host, Step, Tone } from './host.js';
import { printable } from './text.js';

/** What a terminal host is made of; a test hands in its own streams. */
export interface Streams {
  stdin: NodeJS.ReadableStream & { isTTY?: boolean };
  stdout: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  stderr: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  env: NodeJS.ProcessEnv;
}

export interface TerminalOptions {
  quiet: boolean;
  /** stdout is for a program: nobody is asked, nothing is painted. */
  json: boolean;
  signal: AbortSignal;
  /** The clock, milliseconds since 1970; the machine's own when left out. */
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

/** Whether colours and moving lines are welcome. https://no-color.org: set to anything but the empty string, it means no colours. */
function colourful(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
}

export function terminal(streams: Streams, { quiet, json, signal, now = Date.now }: TerminalOptions): Host {
  const { stdin, stdout, stderr, env } = streams;
  const line = (stream: NodeJS.WritableStream, text: string) => void stream.write(`${printable(text)}\n`);
  const painted = colourful(stdout, env) && !json;
  // A terminal that nobody has told its size (`docker exec -t`) says 0 columns; ora would never get done with clearing its line.
  const moving = colourful(stderr, env) && stderr.columns !== 0;
  return {
    print: (text) => (painted ? void stdout.write(`${printablePainted(text)}\n`) : line(stdout, text)),
    note: (text) => {
      if (!quiet) line(stderr, text);
    },
    warn: (text) => line(stderr, text),
    step: (title) => {
      if (quiet) return silent;
      return moving ? spinner(title, stderr, now) : plain(title, (text) => line(stderr, text), now);
    },
    async confirm(question) {
      if (json || stdin.isTTY !== true || stderr.isTTY !== true) return undefined;
      // No line editor for one letter: the terminal stays as it is, and Ctrl-C comes as the signal that it is everywhere else.
      const reader = createInterface({ input: stdin, output: stderr, terminal: false });
      try {
        // Ctrl-D ends the input without an answer.
        const answered = Promise.race([once(reader, 'line', { signal }), once(reader, 'close')]);
        stderr.write(`${printable(question)} [y/N] `);
        const [answer = ''] = await answered;
        return /^y(es)?$/i.test(String(answer).trim());
      } finally {
        reader.close();
      }
    },
    // validateStream off: whether there are colours has been decided above.
    paint: (text, tone) => (painted ? styleText(colours[tone], text, { validateStream: false }) : text),
    width: Math.max(40, stdout.columns || 80),
    signal,
  };
}

/** The colours above, and their ends: https://nodejs.org/api/util.html#utilinspectcolors */
const ownColours = new RegExp(`(${'\u001b'}\\[(?:2|22|3[1-6]|39)m)`);

/** As {@link printable}, but for the colours that `paint` puts in. */
function printablePainted(text: string): string {
  return text
    .split(ownColours)
    .map((part, index) => (index % 2 === 1 ? part : printable(part)))
    .join('');
}

const changedMeanwhile = 'changed meanwhile, reading again';

const silent: Step = { waiting() {}, progress() {}, done() {}, again() {}, failed() {} };

/** How often progress is drawn at a terminal, and told in plain lines; milliseconds. */
const drawnEvery = 200;
const toldEvery = 10_000;

/** Whether it is time again, asked as often as one likes. */
function every(milliseconds: number, now: () => number): () => boolean {
  let last = now();
  return () => {
    const due = now() - last >= milliseconds;
    if (due) last = now();
    return due;
  };
}

function plain(title: string, write: (text: string) => void, now: () => number): Step {
  const due = every(toldEvery, now);
  return {
    waiting: (what) => write(`  waiting for ${what}`),
    progress: (describe) => {
      if (due()) write(`  ${title}: ${describe()}`);
    },
    done: () => write(`  ${title}: done`),
    again: () => write(`  ${title}: ${changedMeanwhile}`),
    failed: () => write(`  ${title}: failed`),
  };
}

function spinner(given: string, stream: NodeJS.WritableStream, now: () => number): Step {
  const title = printable(given);
  const due = every(drawnEvery, now);
  // Ctrl-C is for us to hear; that this is a terminal has been decided above.
  const drawn = ora({ text: title, stream, discardStdin: false, isEnabled: true }).start();
  return {
    waiting: (what) => {
      drawn.text = printable(`${title} (waiting for ${what})`);
    },
    progress: (describe) => {
      if (due()) drawn.text = printable(`${title}: ${describe()}`);
    },
    done: () => void drawn.succeed(title),
    again: () => void drawn.info(`${title}: ${changedMeanwhile}`),
    failed: () => void drawn.fail(title),
  };
}
