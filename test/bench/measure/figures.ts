/**
 * From measurements to reported figures.
 */
import type { ProxiedCall } from '../latency-proxy.js';

/** One run of one command. */
export interface Sample {
  /** Wall time. */
  seconds: number;
  calls: number;
  /** Calls that change something. */
  writing: number;
  /** See {@link longestChain}. */
  chain: number;
  peakMiB?: number;
}

/** Several measurements of one thing. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** The limit of a figure. */
export interface Aim {
  seconds: number;
  /** Its text in the table: `< 2.5 s`. */
  text: string;
}

/** A command's measurements. */
export interface Figures {
  name: string;
  runs: number;
  seconds: Spread;
  calls: Spread;
  writing: Spread;
  chain: Spread;
  peakMiB?: Spread;
  aim?: Aim & { met: boolean };
  /** What was called in the first run, in the order in which it ended: `iam:GetRole`. */
  operations: string[];
}

export function spreadOf(values: number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const half = Math.floor(sorted.length / 2);
  const median = sorted.length % 2 === 1 ? at(half) : (at(half - 1) + at(half)) / 2;
  return { median, min: at(0), max: at(sorted.length - 1) };
}

/**
 * The largest number of calls of which each started after the one before had ended: times the latency of a call,
 * the time that concurrency can't hide. Always taking the call that ends first finds it.
 */
export function longestChain(calls: Array<Pick<ProxiedCall, 'start' | 'end'>>): number {
  let chain = 0;
  let free = Number.NEGATIVE_INFINITY;
  for (const { start, end } of calls.toSorted((one, other) => one.end - other.end)) {
    if (start < free) continue;
    chain += 1;
    free = end;
  }
  return chain;
}

export function sampleOf(seconds: number, calls: ProxiedCall[], peakMiB: number | undefined): Sample {
  return {
    seconds,
    calls: calls.length,
    writing: calls.filter(({ mutates }) => mutates).length,
    chain: longestChain(calls),
    ...(peakMiB === undefined ? {} : { peakMiB }),
  };
}

export function figuresOf(name: string, samples: Sample[], aim: Aim | undefined, operations: string[]): Figures {
  const spread = (field: 'seconds' | 'calls' | 'writing' | 'chain') => spreadOf(samples.map((sample) => sample[field]));
  const seconds = spread('seconds');
  const peaks = samples.flatMap(({ peakMiB }) => peakMiB ?? []);
  return {
    name,
    runs: samples.length,
    seconds,
    calls: spread('calls'),
    writing: spread('writing'),
    chain: spread('chain'),
    ...(peaks.length === 0 ? {} : { peakMiB: spreadOf(peaks) }),
    ...(aim === undefined ? {} : { aim: { ...aim, met: seconds.median < aim.seconds } }),
    operations,
  };
}
