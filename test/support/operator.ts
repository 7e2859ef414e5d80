/**
 * An operator: an account on the embedded AWS, and the command line run against it as a person or a CI job would.
 */
import { clearLine, cursorTo, type Direction, moveCursor } from 'node:readline';
import { PassThrough } from 'node:stream';
import type { Test } from 'tap';
import { type Aws, createAws } from '../../src/aws/clients.js';
import type { Clock } from '../../src/aws/waits.js';
import { main } from '../../src/cli/main.js';
import { makeOperatorAccount } from '../../src/commands/demo/operator-account.js';
import { type CallRecord, type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/index.js';
import { reusedConnections } from './connections.js';
import { checkDocument } from './documents.js';
import { prepareOnce } from './saved-account.js';

/** The result of one run of the command line. */
export interface Run {
  status: number;
  stdout: string;
  stderr: string;
  /** Its AWS calls, in order. */
  calls: CallRecord[];
  /** The calls among them that write: `iam:CreateRole`. */
  writes: string[];
}

/**
 * The writes of a first deploy, in the plan's order: each resource before the one that sends mail to it. Those that need not wait for each
 * other are made side by side, see test/stack/order.test.ts.
 */
export const firstDeployWrites = [
  'logs:CreateLogGroup',
  'logs:PutRetentionPolicy',
  'sqs:CreateQueue',
  'iam:CreateRole',
  'iam:PutRolePolicy',
  'lambda:CreateFunction',
  'lambda:AddPermission',
  'lambda:CreateEventSourceMapping',
  'lambda:PutFunctionEventInvokeConfig',
  'events:PutRule',
  'events:PutTargets',
  's3:PutBucketNotificationConfiguration',
  'events:TagResource',
  'iam:TagRole',
  'iam:PutRolePolicy',
];

export interface RunOptions {
  env?: NodeJS.ProcessEnv;
  /** The answers to the prompts, in order: a line to type, or a function to call instead. Left out, stdin is not a terminal. */
  answers?: Array<string | ((stdin: PassThrough) => void)>;
  /** What a pipe on stdin has. */
  input?: string | Buffer;
  /** The administrator's when left out. */
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  clock?: Clock;
  /** The maximum number of attempts for a call, read at each failure; the tool's own when left out. */
  attempts?: () => number;
  signal?: AbortSignal;
  cwd?: string;
}

export interface Operator {
  sandbox: Sandbox;
  /** The administrator's clients. */
  aws: Aws;
  bucket: string;
  run(args: string[], options?: RunOptions): Promise<Run>;
}

/** A clock whose sleeps return at once and advance it. */
export interface QuickClock extends Clock {
  /** @param time milliseconds since 1970. */
  set(time: number): void;
}

export function quickClock(): QuickClock {
  let time = Date.now();
  return {
    now: () => time,
    set(to) {
      time = to;
    },
    sleep: async (milliseconds, signal) => {
      signal.throwIfAborted();
      time += milliseconds;
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/** Starts the embedded AWS with an operator's account, for the length of the test. */
export async function startOperator(t: Test, options: SandboxOptions = {}): Promise<Operator> {
  const { close, ...operator } = await makeOperator(t.testdir({}), options);
  t.teardown(close);
  return operator;
}

/** Starts the embedded AWS with an operator's account and a stack in it. The first one in a process runs the command, the others copy it. */
export async function startDeployed(
  t: Test,
  { args = ['deploy'], clock, ...options }: SandboxOptions & { args?: string[]; clock?: Clock } = {},
): Promise<Operator> {
  const operator = await startOperator(t, clock === undefined ? options : { ...options, now: clock.now });
  await prepareOnce(operator.sandbox, JSON.stringify([args, options]), async () => {
    const { status, stderr } = await operator.run(args, clock && { clock });
    if (status !== 0) throw new Error(stderr);
  });
  return operator;
}

/**
 * Makes an operator outside of a test.
 *
 * @param directory the working directory of runs that name no other; it has no settings file.
 */
export async function makeOperator(
  directory: string,
  options: SandboxOptions,
): Promise<Operator & { close(): Promise<void> }> {
  const sandbox = await startSandbox(options);
  const { endpoint, region, account, administrator } = sandbox;
  const aws = createAws({ region, endpointUrl: endpoint, credentials: administrator });
  const bucket = `agentkeys-mail-${account}`;
  const key = JSON.stringify([account, region, options.blockPublicAccess]);
  await prepareOnce(sandbox, key, () => makeOperatorAccount(aws, account, region));
  const connections = reusedConnections();
  return {
    sandbox,
    aws,
    bucket,
    async close() {
      connections.close();
      aws.close();
      await sandbox.close();
    },
    async run(args, options = {}) {
      const {
        env = {},
        answers,
        input,
        credentials = administrator,
        clock = quickClock(),
        attempts,
        signal,
        cwd,
      } = options;
      const before = sandbox.calls.length;
      const stdin = Object.assign(new PassThrough(), { isTTY: answers !== undefined, setRawMode() {} });
      if (input !== undefined) stdin.end(input);
      const stdout = collector(answers !== undefined);
      const stderr = collector(answers !== undefined);
      // Answer each question when it appears.
      let asked = 0;
      stderr.stream.on('data', (chunk: Buffer) => {
        for (const _question of String(chunk).match(/(?:\[y\/N\]|\(not shown\):) $/g) ?? []) {
          const answer = answers?.[asked++] ?? '';
          if (typeof answer === 'function') answer(stdin);
          else stdin.write(`${answer}\n`);
        }
      });
      const status = await main(args, {
        stdin,
        stdout: stdout.stream,
        stderr: stderr.stream,
        env: { REGION: region, AWS_ENDPOINT_URL: endpoint, ...env },
        cwd: cwd ?? directory,
        version: '0.0.0-test',
        signal: signal ?? new AbortController().signal,
        runtime: { connect: (access) => connections.connect({ credentials, ...access }, attempts), clock },
      });
      checkDocument(args, stdout.text());
      const calls = sandbox.calls.slice(before);
      const writes = calls.filter(({ mutates }) => mutates).map(({ service, operation }) => `${service}:${operation}`);
      return { status, stdout: stdout.text(), stderr: stderr.text(), calls, writes };
    },
  };
}

/** A stream that collects its text; as a terminal, it has 80 columns and a cursor. */
function collector(isTTY: boolean) {
  const through = new PassThrough();
  const stream = Object.assign(through, {
    isTTY,
    columns: 80,
    cursorTo: (x: number) => cursorTo(through, x),
    moveCursor: (dx: number, dy: number) => moveCursor(through, dx, dy),
    clearLine: (direction: Direction) => clearLine(through, direction),
  });
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return { stream, text: () => Buffer.concat(chunks).toString() };
}
