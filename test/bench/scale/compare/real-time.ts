/**
 * A burst on the embedded AWS by the real clock, and in the simulator with the run times that were measured: whether the simulator's queue and
 * concurrency take as long as real ones. The machine decides the times: this is for the bench, not for a test.
 */
import type { Sandbox } from '../../../../src/sandbox/index.js';
import { timesOf } from '../figures.js';
import { at } from '../model/arrivals.js';
import type { Duration } from '../model/random.js';
import { jitter, onEmbeddedAws } from '../model/setup.js';
import { simulate } from '../model/simulate.js';
import type { Comparison } from './compare.js';
import { copyTimes, putAtOnce, putMail, reserve, type Stack } from './embedded.js';

/** What the embedded AWS is started with: the pause after a throttle; milliseconds. */
export const throttledPause = 50;

/** Of the burst's messages, and of those before it, which start the environments. */
const messages = 200;
const warmUp = 20;

export async function burstByRealClock(stack: Stack, reserved: number | undefined, raw: string): Promise<Comparison> {
  if (reserved !== undefined) await reserve(stack.aws, reserved);
  await putMail(stack, 0, warmUp, raw);
  await stack.sandbox.settled();
  const runsBefore = runTimes(stack.sandbox).length;
  const began = putAtOnce(stack, warmUp, messages, raw);
  await stack.sandbox.settled();
  const arrived = new Array<number>(messages).fill(0);
  const routed = copyTimes(stack, warmUp, messages).map((time) => (time - began) / 1_000);
  const runs = runTimes(stack.sandbox).slice(runsBefore);
  const embedded = timesOf({ arrived, routed });

  const setup = onEmbeddedAws();
  const simulation = simulate(
    {
      ...setup,
      lambda: { ...setup.lambda, concurrency: reserved ?? setup.lambda.concurrency, overhead: fitted(runs) },
      // The machine is busy: the pauses of many events don't end in the same moment.
      asynchronous: { ...setup.asynchronous, throttled: (_, random) => jitter(throttledPause / 1_000, random) },
    },
    at(arrived),
  );
  const count = (made: number) => ({ routed: made, left: messages - made, attempts: messages, runs: messages });
  const none = { gets: Number.NaN, copies: Number.NaN, lists: Number.NaN, queued: 0 };
  return {
    scenario: `real clock, ${reserved === undefined ? '8 at a time' : `${reserved} reserved`}`,
    simulated: { ...count(simulation.counts.routed), ...none, ...timesOf(simulation), runs: simulation.counts.runs },
    embedded: {
      ...count(routed.filter((time) => !Number.isNaN(time)).length),
      ...none,
      ...embedded,
      runs: runs.length,
    },
  };
}

/** Seconds, from Lambda's REPORT lines. */
function runTimes({ state }: Sandbox): number[] {
  const streams = [...state.logs.groups.values()].flatMap((group) => [...group.streams.values()]).flat();
  return streams.flatMap(({ message }) => {
    const [, milliseconds] = /^REPORT .*?\tDuration: ([\d.]+) ms/.exec(message) ?? [];
    return milliseconds === undefined ? [] : [Number(milliseconds) / 1_000];
  });
}

/** The duration whose logarithm has the same mean and deviation. */
function fitted(times: number[]): Duration {
  const logs = times.map(Math.log);
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / logs.length;
  return { median: Math.exp(mean), sigma: Math.sqrt(variance) };
}
