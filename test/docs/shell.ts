/**
 * A document's commands in a real shell, `sh`, one after the other as a reader types them. Besides the system's own tools, its PATH has
 * Node.js and the programs that the documents name: `npx --no agentkeys-ses-routing` is this tool's command line, run in this process;
 * `aws` is executed by the SDK. Any other use of these programs ends with 127, as an unknown command does in a shell.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import { createAws } from '../../src/aws/clients.js';
import { type Clock, systemClock } from '../../src/aws/waits.js';
import { main } from '../../src/cli/main.js';
import { awsCommand } from './aws-cli.js';
import type { Command } from './markdown.js';

/** A command that was run, and its result. */
export interface Ran extends Command {
  status: number;
  /** stdout and stderr, in the order in which they were written. */
  output: string;
}

export interface ShellOptions {
  env: NodeJS.ProcessEnv;
  cwd: string;
  clock?: Clock;
  /** Runs before each program. */
  before?: (program: string, args: string[]) => Promise<unknown>;
}

/** A program that the shell asked for. */
interface Asked {
  program: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd: string;
}

/** Chunks by the file descriptor that they were written to. */
type Written = Array<[descriptor: 1 | 2, text: string]>;

/** ASCII's record separator, which occurs in no document. */
const MARK = '\x1e';

/** Runs the commands in one shell, whose variables last from one to the next. */
export async function runShell(t: Test, commands: Command[], options: ShellOptions): Promise<Ran[]> {
  const bin = join(options.cwd, '.bin');
  await mkdir(bin, { recursive: true });
  await symlink(process.execPath, join(bin, 'node'));
  const standIn = fileURLToPath(new URL('stand-in.mjs', import.meta.url));
  for (const program of ['npx', 'npm', 'aws']) {
    await writeFile(join(bin, program), `#!/bin/sh\nexec "${process.execPath}" "${standIn}" ${program} "$@"\n`);
    await chmod(join(bin, program), 0o755);
  }
  const server = createServer({ allowHalfOpen: true }, (socket) => void answer(socket, options)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;

  const script = commands.map((command) => `${command.text}\nprintf '${MARK}%s${MARK}' "$?"\n`).join('');
  const shell = spawn('/bin/sh', ['-c', `exec 2>&1\n${script}`], {
    cwd: options.cwd,
    env: { PATH: `${bin}:/usr/bin:/bin`, HOME: options.cwd, DOCUMENT_PORT: String(port), ...options.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output] = await Promise.all([text(shell.stdout), once(shell, 'close')]);
  const parts = output.split(MARK);
  return commands.map((command, index) => ({
    ...command,
    output: parts[2 * index] ?? '',
    status: Number(parts[2 * index + 1] ?? Number.NaN),
  }));
}

async function answer(socket: Socket, options: ShellOptions): Promise<void> {
  // Iterating over the socket would close it at the end of the request.
  const question: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => question.push(chunk));
  await once(socket, 'end');
  const asked: Asked = JSON.parse(Buffer.concat(question).toString());
  const written: Written = [];
  const status = await run(asked, written, options).catch((error: unknown) => {
    written.push([2, `${error instanceof Error ? error.stack : error}\n`]);
    return 70;
  });
  socket.end(JSON.stringify({ written, status }));
}

async function run({ program, args, env, cwd }: Asked, written: Written, options: ShellOptions): Promise<number> {
  await options.before?.(program, args);
  const [no, tool, ...rest] = args;
  if (program === 'npx' && no === '--no' && tool === 'agentkeys-ses-routing')
    return asProcess(env, cwd, () => commandLine(rest, env, cwd, written, options));
  if (program === 'aws') {
    const ran = await asProcess(env, cwd, () => awsCommand(args, createAws({}), cwd));
    if (ran !== undefined) {
      written.push([1, ran.stdout], [2, ran.stderr]);
      return ran.status;
    }
  }
  written.push([2, `${program} ${args.join(' ')}: no runner for this command\n`]);
  return 127;
}

/**
 * The SDK reads AWS's variables from this process, and relative paths are resolved in its working directory: both are the shell's while a
 * command runs. Commands run one at a time.
 */
async function asProcess<Result>(env: NodeJS.ProcessEnv, cwd: string, work: () => Promise<Result>): Promise<Result> {
  const before = { env: process.env, cwd: process.cwd() };
  const own = Object.entries(before.env).filter(([name]) => !name.startsWith('AWS_') || name.includes('WARNING'));
  const theirs = Object.entries(env).filter(([name]) => name.startsWith('AWS_'));
  process.env = Object.fromEntries([...own, ...theirs]);
  process.chdir(cwd);
  try {
    return await work();
  } finally {
    process.env = before.env;
    process.chdir(before.cwd);
  }
}

/** The command line at a terminal, with yes as the answer to every question, and a secret where one is to be typed. */
async function commandLine(
  args: string[],
  env: NodeJS.ProcessEnv,
  cwd: string,
  written: Written,
  { clock = systemClock }: ShellOptions,
): Promise<number> {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const stream = (descriptor: 1 | 2) =>
    Object.assign(
      new Writable({
        decodeStrings: false,
        write(chunk: string, _encoding, done) {
          written.push([descriptor, chunk]);
          if (chunk.endsWith('[y/N] ')) stdin.write('y\n');
          if (chunk.endsWith('(not shown): ')) stdin.write('sk-example\n');
          done();
        },
      }),
      { isTTY: true, columns: 80 },
    );
  return main(args, {
    stdin,
    stdout: stream(1),
    stderr: stream(2),
    // No spinner and no colours: what a document shows.
    env: { ...env, NO_COLOR: '1' },
    cwd,
    version: '0.0.0-test',
    signal: new AbortController().signal,
    runtime: { connect: createAws, clock },
  });
}
