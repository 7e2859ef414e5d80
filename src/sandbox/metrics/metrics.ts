/**
 * The account's metrics, from the services and the functions' logs: aggregated by the minute, and kept as long as CloudWatch keeps such
 * data points. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#metrics-retention
 */

/** The identity of a metric; dimensions in any order. */
export interface Metric {
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
}

/** The statistics of several values. */
export interface Statistics {
  sum: number;
  minimum: number;
  maximum: number;
  count: number;
}

export const minute = 60_000;

/** "Data points with a period of 60 seconds … are available for 15 days." */
const kept = 15 * 24 * 60 * minute;

/** One value, or the same one several times. */
export function single(value: number, count = 1): Statistics {
  return { sum: value * count, minimum: value, maximum: value, count };
}

/** Two sets of values together. */
export function together(a: Statistics, b: Statistics): Statistics {
  return {
    sum: a.sum + b.sum,
    minimum: Math.min(a.minimum, b.minimum),
    maximum: Math.max(a.maximum, b.maximum),
    count: a.count + b.count,
  };
}

function keyOf({ namespace, name, dimensions }: Metric): string {
  return JSON.stringify([namespace, name, Object.entries(dimensions).sort()]);
}

export class Metrics {
  readonly #now: () => number;
  /** By metric, then by the minute's beginning. */
  readonly #minutes = new Map<string, Map<number, Statistics>>();

  /** @param now the account's clock */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Adds values. @param at when they were measured, milliseconds since 1970; now when left out */
  record(metric: Metric, values: Statistics, at = this.#now()): void {
    const key = keyOf(metric);
    const minutes = this.#minutes.get(key) ?? new Map<number, Statistics>();
    const begin = Math.floor(at / minute) * minute;
    const before = minutes.get(begin);
    minutes.set(begin, before ? together(before, values) : values);
    // Inserted nearly in the order of time: the oldest come first.
    for (const old of minutes.keys()) {
      if (old >= this.#now() - kept) break;
      minutes.delete(old);
    }
    this.#minutes.set(key, minutes);
  }

  /** The values of a metric in a span, by the minute, in the order of time. @param end exclusive */
  between(metric: Metric, start: number, end: number): Array<[begin: number, Statistics]> {
    const minutes = [...(this.#minutes.get(keyOf(metric)) ?? [])];
    return minutes.filter(([begin]) => begin >= start && begin < end).sort(([a], [b]) => a - b);
  }
}
