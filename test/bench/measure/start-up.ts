/**
 * How long `--help` takes, compared with a Node.js that does nothing.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type Spread, spreadOf } from './figures.js';

export interface StartUp {
  runs: number;
  /** Seconds. */
  help: Spread;
  /** `node -e 0`, seconds. */
  bareNode: Spread;
  /** The difference of the medians, seconds. */
  more: number;
  /** The limit of that, seconds. */
  aim: number;
}

/** Runs both in turn, so that other load on the machine affects both. */
export function measureStartUp(repository: string, env: NodeJS.ProcessEnv, runs: number): StartUp {
  const executable = join(repository, 'dist/bin/agentkeys-ses-routing.js');
  const help: number[] = [];
  const bare: number[] = [];
  for (let run = 0; run < runs; run++) {
    bare.push(secondsOf(['-e', '0'], env));
    help.push(secondsOf([executable, '--help'], env));
  }
  const [helpSpread, bareNode] = [spreadOf(help), spreadOf(bare)];
  return { runs, help: helpSpread, bareNode, more: helpSpread.median - bareNode.median, aim: 0.025 };
}

function secondsOf(args: string[], env: NodeJS.ProcessEnv): number {
  const started = performance.now();
  const { status } = spawnSync(process.execPath, args, { env, stdio: 'ignore' });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}`);
  return (performance.now() - started) / 1_000;
}
