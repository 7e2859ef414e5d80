/**
 * Runs the built executable in a child process that inherits nothing of this process's environment or home.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import type { Sandbox } from '../../src/sandbox/index.js';

/** The built executable. .build/test/hooks.mjs rebuilds it when this file is loaded and a source has changed. */
export const executable: string = fileURLToPath(new URL('../../dist/bin/agentkeys-ses-routing.js', import.meta.url));

export interface CliProcess {
  child: ChildProcessByStdio<null, Readable, Readable>;
  stdout(): string;
  stderr(): string;
  /** Resolves when stderr contains the text. @throws {Error} with its stderr when the process ends before */
  says(text: string): Promise<void>;
  /** Resolves when the process has ended and its output is complete. */
  ended: Promise<{ status: number | null; signal: NodeJS.Signals | null }>;
}

/** The environment variables of an operator on the embedded AWS. */
export function operatorEnvironment({ endpoint, region, administrator }: Sandbox): NodeJS.ProcessEnv {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: administrator.accessKeyId,
    AWS_SECRET_ACCESS_KEY: administrator.secretAccessKey,
    REGION: region,
  };
}

/** Starts it in an empty home and working directory, without credentials except those in `env`. It ends with the test. */
export function startCli(t: Test, args: string[], env: NodeJS.ProcessEnv): CliProcess {
  const home = t.testdir({});
  const child = spawn(process.execPath, [executable, ...args], {
    cwd: home,
    env: { HOME: home, AWS_EC2_METADATA_DISABLED: 'true', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  const stderr = () => Buffer.concat(err).toString();
  const ended = once(child, 'close').then(() => ({ status: child.exitCode, signal: child.signalCode }));
  t.teardown(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return {
    child,
    stdout: () => Buffer.concat(out).toString(),
    stderr,
    async says(text) {
      const end = new AbortController();
      void ended.then(() => end.abort(new Error(`the process ended without saying ${text}, but:\n${stderr()}`)));
      while (!stderr().includes(text)) {
        await once(child.stderr, 'data', { signal: end.signal }).catch(() => end.signal.throwIfAborted());
      }
    },
    ended,
  };
}
