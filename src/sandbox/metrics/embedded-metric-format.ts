/**
 * Extracts metrics from log lines in CloudWatch's embedded metric format. A line that violates the format is only a log line.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
import { type Metric, type Statistics, single, together } from './metrics.js';

/** A metric in a log line. */
export interface Measured {
  metric: Metric;
  values: Statistics;
  /** The time by the writer's clock, milliseconds since 1970. */
  at: number;
}

type Json = Record<string, unknown>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The objects in a list; empty if the value is not a list. */
function objectsIn(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function documentOf(line: string): Json | undefined {
  // Most lines are not JSON: avoid the cost of the parser's exception.
  if (!line.startsWith('{') || !line.includes('"_aws"')) return undefined;
  try {
    const document: Json = JSON.parse(line);
    return document;
  } catch {
    return undefined;
  }
}

/** A target's value: a number, or a list of them. */
function valuesOf(target: unknown): Statistics | undefined {
  const values: unknown[] = [target].flat();
  const numbers = values.filter((value) => typeof value === 'number').map((value) => single(value));
  return numbers.length > 0 ? numbers.reduce(together) : undefined;
}

/** The dimensions of a set of names, if each has a string value. */
function dimensionsOf(document: Json, names: unknown): Array<Record<string, string>> {
  const found = (Array.isArray(names) ? names : []).map((name): [string, unknown] => [String(name), document[name]]);
  const texts = found.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return texts.length === found.length ? [Object.fromEntries(texts)] : [];
}

/** The metrics of a log line; empty if it has none. */
export function embeddedMetrics(line: string): Measured[] {
  const document = documentOf(line);
  const { Timestamp: at, CloudWatchMetrics } = isObject(document?._aws) ? document._aws : {};
  if (document === undefined || typeof at !== 'number') return [];
  return objectsIn(CloudWatchMetrics).flatMap(({ Namespace, Dimensions, Metrics }) => {
    const sets = (Array.isArray(Dimensions) ? Dimensions : []).flatMap((names) => dimensionsOf(document, names));
    return objectsIn(Metrics).flatMap(({ Name }) => {
      const [namespace, name, values] = [String(Namespace), String(Name), valuesOf(document[String(Name)])];
      if (values === undefined) return [];
      return sets.map((dimensions) => ({ metric: { namespace, name, dimensions }, values, at }));
    });
  });
}
