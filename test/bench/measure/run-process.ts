/**
 * Runs a command as a process and measures it: wall time and peak memory, of all the processes it starts together.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
}

export interface ProcessRun {
  /** The exit status; null when a signal ended it. */
  status: number | null;
  /** From before it was started until it had ended. */
  seconds: number;
  /**
   * Resident memory at its highest, pages shared between its processes counted for each; undefined where there is no /proc.
   * https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
   */
  peakMiB?: number;
  /** What it wrote to stdout and stderr. */
  output: string;
}

/** The interval between two readings of the memory, milliseconds. */
const glance = 20;

/** Runs a command to its end. @throws {Error} when there is no such command */
export async function runProcess(file: string, args: string[], { cwd, env }: ProcessOptions): Promise<ProcessRun> {
  const started = performance.now();
  const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => output.push(chunk));
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, residentKiB(child.pid));
  }, glance);
  try {
    const ended = once(child, 'exit').then(([status]: (number | null)[]) => {
      return { status: status ?? null, seconds: (performance.now() - started) / 1_000 };
    });
    const [end] = await Promise.all([ended, once(child, 'close')]);
    const memory = peak === 0 ? {} : { peakMiB: peak / 1024 };
    return { ...end, output: Buffer.concat(output).toString(), ...memory };
  } finally {
    clearInterval(timer);
  }
}

/**
 * The resident memory of a process and its descendants: of a single process its own high-water mark, which includes
 * the time between two readings; of several, what they hold at the moment.
 */
function residentKiB(pid: number | undefined): number {
  const processes = familyOf(pid).map((member) => readOrEmpty(`/proc/${member}/status`));
  const sum = processes.reduce((total, status) => total + kibibytes(status, 'VmRSS'), 0);
  return Math.max(sum, ...processes.map((status) => kibibytes(status, 'VmHWM')));
}

function familyOf(pid: number | string | undefined): Array<number | string> {
  if (pid === undefined) return [];
  const children = threadsOf(pid).flatMap((thread) =>
    readOrEmpty(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean),
  );
  return [pid, ...children.flatMap(familyOf)];
}

function threadsOf(pid: number | string): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** A process may be gone since it was listed. */
function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function kibibytes(status: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
}
