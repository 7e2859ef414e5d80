/**
 * `backfill` as a whole process on buckets of different sizes: its speed, its memory, and whether a killed run that is repeated
 * completes the work.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { plainEnvironment } from '../contenders.js';
import { runProcess } from '../measure/run-process.js';
import { bucket, type FilledAccount, type Order, type Whereabouts } from './account.js';

export interface BackfillOptions {
  repository: string;
  /** Where the bench was bundled to. */
  directory: string;
  /** A quicker run, with a tenth of the messages. */
  quick: boolean;
}

export interface BackfillRun {
  messages: number;
  /** Added to each call, milliseconds. */
  latency: number;
  seconds: number;
  peakMiB?: number;
  /** Whether every message for a wallet was there, byte for byte, and nothing else. */
  right: boolean;
  /** After how many routed messages an earlier run was killed. */
  killedAt?: number;
}

export interface BackfillFigures {
  runs: BackfillRun[];
}

/** The runs: the first two measure memory, the last two speed. */
const plan = [
  { messages: 1_000, latency: 0 },
  { messages: 50_000, latency: 0 },
  { messages: 50_000, latency: 0, killed: true },
  { messages: 10_000, latency: 40 },
];

export async function measureBackfill({ repository, directory, quick }: BackfillOptions): Promise<BackfillFigures> {
  const child = fork(join(directory, 'backfill/account.mjs'));
  const order = async <Answer>(what: Order): Promise<Answer> => {
    const answer = once(child as ChildProcess, 'message');
    child.send(what);
    return (await answer)[0];
  };
  const runs: BackfillRun[] = [];
  try {
    for (const { messages: many, latency, killed } of plan) {
      const messages = quick ? many / 10 : many;
      const fixtures = join(repository, 'fixtures/messages');
      const account = await order<FilledAccount>({ kind: 'fill', fixtures, messages, latency });
      const options = { cwd: directory, env: environment(account) };
      const args = [join(repository, 'dist/bin/agentkeys-ses-routing.js'), 'backfill', '--json'];
      const killedAt = killed ? await kill(args, options, () => order<Whereabouts>({ kind: 'check' })) : undefined;
      const { status, seconds, peakMiB, output } = await runProcess(process.execPath, args, options);
      const { routable, routed, astray } = await order<Whereabouts>({ kind: 'check' });
      if (status !== 0) throw new Error(`backfill ended with ${status}: ${output.slice(-2_000)}`);
      runs.push({
        messages,
        latency,
        seconds,
        ...(peakMiB === undefined ? {} : { peakMiB }),
        right: routed === routable && astray === 0,
        ...(killedAt === undefined ? {} : { killedAt }),
      });
    }
    return { runs };
  } finally {
    child.disconnect();
  }
}

function environment({ endpoint, region, administrator }: FilledAccount): NodeJS.ProcessEnv {
  return {
    ...plainEnvironment(process.env.PATH ?? ''),
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: administrator.accessKeyId,
    AWS_SECRET_ACCESS_KEY: administrator.secretAccessKey,
    BUCKET: bucket,
    MAIL_DOMAIN: 'bots.litentry.org',
  };
}

/** Starts a run and kills it once a random share of the messages is routed. @returns how many were, afterwards */
async function kill(
  args: string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
  look: () => Promise<Whereabouts>,
): Promise<number> {
  const { routable } = await look();
  const share = routable * (0.1 + 0.8 * Math.random());
  const child = spawn(process.execPath, args, { ...options, stdio: 'ignore' });
  const ended = once(child, 'exit');
  while ((await look()).routed < share) await pause(100);
  child.kill('SIGKILL');
  await ended;
  return (await look()).routed;
}
