/**
 * A command on a real pseudo-terminal, by util-linux's `script`, and what its screen shows.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Test } from 'tap';

export interface OnTerminal {
  /** Types keys; `\u0003` is Ctrl-C. */
  type(keys: string): void;
  /** All that was written. */
  output(): string;
  /** Resolves when the screen fits. @throws {Error} with the screen when the command ends before */
  shows(fits: (lines: string[]) => boolean): Promise<string[]>;
  /** Resolves to the exit status. */
  ended: Promise<number | null>;
}

/** @param command for a POSIX shell. It ends with the test. */
export function onTerminal(
  t: Test,
  command: string,
  { env, columns, rows }: { env: NodeJS.ProcessEnv; columns: number; rows: number },
): OnTerminal {
  const child = spawn('script', ['-qec', `stty cols ${columns} rows ${rows}; ${command}`, '/dev/null'], {
    cwd: t.testdir({}),
    env: { PATH: process.env.PATH, HOME: t.testdirName, TERM: 'xterm', SHELL: '/bin/sh', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let written = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    written += text;
  });
  const ended = once(child, 'close').then(() => child.exitCode);
  t.teardown(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return {
    type: (keys) => void child.stdin.write(keys),
    output: () => written,
    async shows(fits) {
      const end = new AbortController();
      void ended.then(() => end.abort(new Error(`it ended and showed:\n${written}`)));
      while (!fits(screenOf(written, columns, rows)))
        await once(child.stdout, 'data', { signal: end.signal }).catch(() => end.signal.throwIfAborted());
      return screenOf(written, columns, rows);
    },
    ended,
  };
}

/** What a screen shows after an output: the sequences that src/terminal/screen.ts writes, and colours, which are left out. */
export function screenOf(output: string, columns: number, rows: number): string[] {
  const blank = () => Array.from({ length: rows }, () => '');
  let lines = blank();
  /** The ordinary screen and its cursor, while the alternate one is shown. */
  let saved = { lines, row: 0, column: 0 };
  let [row, column, wraps] = [0, 0, true];
  const put = (character: string) => {
    if (column === columns && wraps) feed();
    const at = Math.min(column, columns - 1);
    const line = String(lines[row]).padEnd(at);
    lines[row] = line.slice(0, at) + character + line.slice(at + 1);
    column = at + 1;
  };
  const feed = () => {
    column = 0;
    if (row + 1 < rows) row += 1;
    else lines = [...lines.slice(1), ''];
  };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a terminal reads.
  for (const [text, parameters = '', kind] of output.matchAll(/\u001b\[([?\d;]*)([A-Za-z])|[\s\S]/g)) {
    const sequence = kind === undefined ? text : `${parameters}${kind}`;
    if (sequence === '\r') column = 0;
    else if (sequence === '\n') feed();
    else if (sequence === 'H') [row, column] = [0, 0];
    else if (sequence === 'K') lines[row] = String(lines[row]).slice(0, column);
    else if (sequence === 'J')
      lines = lines.map((line, at) => (at < row ? line : at === row ? line.slice(0, column) : ''));
    else if (sequence === '?7l' || sequence === '?7h') wraps = sequence === '?7h';
    else if (sequence === '?1049h') {
      saved = { lines, row, column };
      lines = blank();
    } else if (sequence === '?1049l') ({ lines, row, column } = saved);
    else if (kind === undefined) put(text);
  }
  return lines.map((line) => line.trimEnd());
}
