/** `vault run`: runs a command with secrets in its environment variables. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { OperatorError } from '../../aws/errors.js';
import type { Settings } from '../../settings/index.js';
import type { Host } from '../../terminal/host.js';
import { defaultRuntime, type Runtime } from '../shared/session.js';
import { type VaultFlags, withVault } from './open.js';

export interface RunFlags extends VaultFlags {
  /** The service by the name of the variable that its secret is in. */
  env: ReadonlyMap<string, string>;
}

/**
 * Reads all secrets first; the command starts when there is nothing left that can fail here.
 *
 * @param command the program and its arguments.
 * @param env the environment that the command gets besides.
 * @returns the command's exit status; as in a shell, 128 and the signal's number if a signal ended it, 127 if there is no such program, and
 *   126 if it can't be executed.
 */
export async function run(
  settings: Settings,
  host: Host,
  command: string[],
  flags: RunFlags,
  env: NodeJS.ProcessEnv,
  runtime: Runtime = defaultRuntime,
): Promise<number> {
  const secrets = await withVault(settings, host, flags, runtime, async ({ vault }) => {
    const read: NodeJS.ProcessEnv = {};
    for (const [name, service] of flags.env) {
      const secret = await vault.get(service, { signal: host.signal });
      read[name] = asVariable(secret, name, service);
      secret.fill(0);
    }
    return read;
  });
  host.signal.throwIfAborted();
  return execute(command, { ...env, ...secrets }, host);
}

/** @throws OperatorError for bytes that no environment variable can have. */
function asVariable(secret: Uint8Array, name: string, service: string): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(secret);
    if (!text.includes('\0')) return text;
  } catch {
    // It is not UTF-8.
  }
  throw new OperatorError(
    `The secret ${service} can't be in the environment variable ${name}: it is not UTF-8 text without NUL. The command was not started.`,
  );
}

/**
 * The signals that are passed on. A terminal sends its Ctrl-C to the command itself, which is in the foreground too.
 *
 * @param terminal whether stdin is one.
 */
export function passedOn(terminal: boolean): NodeJS.Signals[] {
  const signals: NodeJS.Signals[] = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'];
  return terminal ? signals : ['SIGINT', 'SIGQUIT', ...signals];
}

async function execute([program, ...args]: string[], env: NodeJS.ProcessEnv, host: Host): Promise<number> {
  const child = spawn(String(program), args, { env, stdio: 'inherit' });
  const restore = replaceHandlers((signal) => {
    if (passedOn(process.stdin.isTTY === true).includes(signal)) child.kill(signal);
  });
  try {
    return await statusOf(child, host);
  } finally {
    restore();
  }
}

async function statusOf(child: ChildProcess, host: Host): Promise<number> {
  try {
    const [code, signal]: unknown[] = await once(child, 'exit');
    return signal === null ? Number(code) : 128 + constants.signals[signal as NodeJS.Signals];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    host.warn(`error: The command could not be started (${code}).`);
    return code === 'ENOENT' ? 127 : 126;
  }
}

/** While the command runs, signals are its own business: this process waits for it. @returns restores the handlers that were there */
function replaceHandlers(handle: (signal: NodeJS.Signals) => void): () => void {
  const before = passedOn(false).map((signal) => ({ signal, handlers: process.listeners(signal) }));
  for (const { signal } of before) process.removeAllListeners(signal).on(signal, handle);
  return () => {
    for (const { signal, handlers } of before) {
      process.off(signal, handle);
      for (const handler of handlers) process.on(signal, handler);
    }
  };
}
