/**
 * The host that is a terminal, or the pipes and files that stand in for one.
 */
import { createInterface } from 'node:readline/promises';
import { styleText } from 'node:util';
import ora from 'ora';
import type { Action } from '../reconcile/plan.js';
import type { Host, Step } from './host.js';

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
}

const colours: Record<Action, Parameters<typeof styleText>[0]> = {
  create: 'green',
  update: 'yellow',
  delete: 'red',
  adopt: 'magenta',
  none: 'dim',
  attention: 'cyan',
};

/** https://no-color.org: set to anything but the empty string, it means no colours. */
function colourful(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
}

export function terminal(streams: Streams, { quiet, json, signal }: TerminalOptions): Host {
  const { stdin, stdout, stderr, env } = streams;
  const line = (stream: NodeJS.WritableStream, text: string) => void stream.write(`${text}\n`);
  const painted = colourful(stdout, env) && !json;
  return {
    print: (text) => line(stdout, text),
    note: (text) => {
      if (!quiet) line(stderr, text);
    },
    warn: (text) => line(stderr, text),
    step: (title) => {
      if (quiet) return silent;
      return stderr.isTTY === true ? spinner(title, stderr, env) : plain(title, (text) => line(stderr, text));
    },
    async confirm(question) {
      if (json || stdin.isTTY !== true || stderr.isTTY !== true) return undefined;
      const reader = createInterface({ input: stdin, output: stderr });
      try {
        const answer = await reader.question(`${question} [y/N] `, { signal });
        return /^y(es)?$/i.test(answer.trim());
      } finally {
        reader.close();
      }
    },
    // validateStream off: whether there are colours has been decided above.
    paint: (text, action) => (painted ? styleText(colours[action], text, { validateStream: false }) : text),
    width: Math.max(40, stdout.columns ?? 80),
    signal,
  };
}

const silent: Step = { waiting() {}, done() {}, failed() {} };

function plain(title: string, write: (text: string) => void): Step {
  return {
    waiting: (what) => write(`  waiting for ${what}`),
    done: () => write(`  ${title}: done`),
    failed: () => write(`  ${title}: failed`),
  };
}

function spinner(title: string, stream: NodeJS.WritableStream, env: NodeJS.ProcessEnv): Step {
  const drawn = ora({
    text: title,
    stream,
    // Ctrl-C is for us to hear, typed or sent.
    discardStdin: false,
    ...(env.TERM === 'dumb' ? { isEnabled: false } : {}),
  }).start();
  return {
    waiting: (what) => {
      drawn.text = `${title} (waiting for ${what})`;
    },
    done: () => void drawn.succeed(title),
    failed: () => void drawn.fail(title),
  };
}
