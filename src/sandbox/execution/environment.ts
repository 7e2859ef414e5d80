/**
 * One of Lambda's execution environments: a child process that has a function's code loaded and runs one event at a time.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { Socket } from 'node:net';

/** How long loading the function's code may take, milliseconds. */
const initLimit = 10_000;

/** What the runtime reports when it has loaded the code, and when the handler has ended. */
interface RuntimeReport {
  payload: string;
  failed: boolean;
  usedMb: number;
}

export interface Invocation {
  id: string;
  /** The event's JSON. */
  payload: string;
  /** The ARN the function was invoked by. */
  arn: string;
  /** The function's time-out, seconds. */
  timeout: number;
}

/** How an invocation ended. */
export interface Execution {
  /** The result's JSON, or the error's. */
  payload: string;
  failed: boolean;
  /** The lines that loading the code wrote, if it was loaded for this invocation. */
  initLines: string[];
  /** The lines that the handler wrote. */
  lines: string[];
  /** Milliseconds. */
  duration: number;
  /** MiB; undefined if the process ended before it could report it. */
  usedMb?: number;
}

export class ExecutionEnvironment {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  readonly #loaded: Promise<RuntimeReport | undefined>;
  #lines: string[] = [];
  #expired = false;
  readonly #exchanges = new EventEmitter();
  #missing = 0;
  #report: RuntimeReport | undefined;

  /**
   * @param runtime Lambda's runtime as a program: lambda-runtime.mjs.
   * @param taskRoot The folder of the function's code.
   * @param variables The environment variables of the function's process, in addition to PATH.
   * @param closing Ends the process when aborted.
   */
  constructor(runtime: string, taskRoot: string, variables: Record<string, string>, closing: AbortSignal) {
    this.#child = spawn(process.execPath, [runtime], {
      cwd: taskRoot,
      env: { PATH: process.env.PATH, ...variables },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      signal: closing,
      killSignal: 'SIGKILL',
    });
    // Node.js reports an abort by `closing` as an error; the end of the process is handled below.
    this.#child.on('error', () => {});
    // The outputs and the channel end independently.
    const ends = ['close', 'disconnect'].map((event) => new Promise((resolve) => this.#child.on(event, resolve)));
    this.#closed = Promise.all(ends);
    // An idle environment does not keep this process running.
    this.#child.unref();
    this.#child.channel?.unref();
    for (const pipe of [this.#child.stdout, this.#child.stderr].filter((output) => output instanceof Socket)) {
      pipe.unref();
      this.#read(pipe);
    }
    this.#child.on('message', (message: RuntimeReport) => {
      this.#report = message;
      this.#part();
    });
    this.#loaded = this.#exchange();
  }

  /** Whether it can run another event. */
  get alive(): boolean {
    return this.#child.connected;
  }

  /** Kills the process. */
  end(): void {
    this.#child.kill('SIGKILL');
  }

  /** Runs the handler for one event. Never more than one at a time. */
  async run({ id, payload, arn, timeout }: Invocation): Promise<Execution> {
    await this.#within(initLimit, this.#loaded);
    const initLines = this.#lines;
    this.#lines = [];
    const began = performance.now();
    const answer = this.#exchange();
    // If the process has ended meanwhile, its end is noticed, not the failure to send.
    this.#child.send({ id, payload, arn, deadline: Date.now() + timeout * 1000 }, () => {});
    const report = await this.#within(timeout * 1000, answer);
    const duration = performance.now() - began;
    const lines = this.#lines;
    this.#lines = [];
    if (report) return { ...report, initLines, lines, duration };
    const { line, ...error } = this.#end(id, timeout);
    return { payload: JSON.stringify(error), failed: true, initLines, lines: [...lines, line], duration };
  }

  /** Why the process ended, in Lambda's wording, and the log line for it. */
  #end(id: string, timeout: number) {
    if (this.#expired) {
      const what = `Task timed out after ${timeout.toFixed(2)} seconds`;
      const line = `${new Date().toISOString()} ${id} ${what}`;
      return { errorType: 'Sandbox.Timedout', errorMessage: `RequestId: ${id} Error: ${what}`, line };
    }
    const { exitCode, signalCode } = this.#child;
    const what = exitCode === null ? `signal: ${signalCode}` : `exit status ${exitCode}`;
    const errorMessage = `RequestId: ${id} Error: Runtime exited with error: ${what}`;
    return { errorType: 'Runtime.ExitError', errorMessage, line: errorMessage };
  }

  /**
   * Waits for a report of the runtime, and for the output written before it: the message and the two outputs arrive
   * in any order. A process that ends early may not have sent a report.
   */
  async #exchange(): Promise<RuntimeReport | undefined> {
    this.#missing = 3;
    this.#report = undefined;
    await Promise.race([once(this.#exchanges, 'complete'), this.#closed]);
    return this.#report;
  }

  #part(): void {
    this.#missing -= 1;
    if (this.#missing === 0) this.#exchanges.emit('complete');
  }

  /** Kills the process if the work takes longer. */
  async #within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
    const timer = setTimeout(() => {
      this.#expired = true;
      this.end();
    }, milliseconds);
    const outcome = await work;
    clearTimeout(timer);
    return outcome;
  }

  #read(pipe: Socket): void {
    let rest = '';
    const line = (text: string) => {
      if (text === '\0') this.#part();
      else this.#lines.push(text);
    };
    pipe.setEncoding('utf8');
    pipe.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = String(lines.pop());
      lines.forEach(line);
    });
    // The last line of a process may lack its line break.
    pipe.on('end', () => rest.split('\n').filter(Boolean).forEach(line));
  }
}
