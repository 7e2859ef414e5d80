/**
 * Metrics out of log lines: CloudWatch's embedded metric format. What breaks its rules is a log line and nothing more.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
import { type Metric, type Statistics, single, together } from './metrics.js';

/** What a line says of one metric. */
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

/** The members of a list that are objects; none of what is no list. */
function objectsIn(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function documentOf(line: string): Json | undefined {
  // Most lines are something else, and are not worth a parser's exception.
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

/** The dimensions of a set of names, if each of them has a text as its value. */
function dimensionsOf(document: Json, names: unknown): Array<Record<string, string>> {
  const found = (Array.isArray(names) ? names : []).map((name): [string, unknown] => [String(name), document[name]]);
  const texts = found.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return texts.length === found.length ? [Object.fromEntries(texts)] : [];
}

/** The metrics of a log line; none where it carries none. */
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
