/**
 * The rules of CloudWatch's embedded metric format, as far as a document can break them: a line that does is logged, and silently
 * counts for nothing.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html */
const sizes = ['Bytes', 'Kilobytes', 'Megabytes', 'Gigabytes', 'Terabytes'];
const amounts = [...sizes, 'Bits', 'Kilobits', 'Megabits', 'Gigabits', 'Terabits'];
const units = [
  ...['Seconds', 'Microseconds', 'Milliseconds', 'Percent', 'Count', 'None'],
  ...amounts,
  ...[...amounts, 'Count'].map((amount) => `${amount}/Second`),
];

/** The largest event that CloudWatch Logs takes, with its overhead of 26; bytes. */
const longestLine = 262_144 - 26;

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown, most: number): value is string =>
  typeof value === 'string' && value.length >= 1 && value.length <= most;
const onlyMembers = (object: Json, ...names: string[]) => Object.keys(object).every((name) => names.includes(name));

/** @returns what a log line does against the rules; nothing for a document that CloudWatch makes metrics of */
export function faultsOfEmbeddedMetrics(line: string): string[] {
  const root: unknown = JSON.parse(line);
  if (!isObject(root) || !isObject(root._aws)) return ['the root has no object _aws'];
  const { Timestamp, CloudWatchMetrics } = root._aws;
  const faults: string[] = [];
  if (Buffer.byteLength(line) > longestLine) faults.push('the line is too long');
  if (!Number.isSafeInteger(Timestamp) || Number(Timestamp) < 1e12) faults.push('Timestamp is not milliseconds');
  if (!onlyMembers(root._aws, 'Timestamp', 'CloudWatchMetrics')) faults.push('_aws has another member');
  if (!Array.isArray(CloudWatchMetrics)) return [...faults, 'CloudWatchMetrics is no array'];
  return [...faults, ...CloudWatchMetrics.flatMap((directive) => faultsOfDirective(directive, root))];
}

function faultsOfDirective(directive: unknown, root: Json): string[] {
  if (!isObject(directive)) return ['a directive is no object'];
  const { Namespace, Dimensions, Metrics } = directive;
  const faults: string[] = [];
  if (!isText(Namespace, 255) || /^AWS\/|[^\w.\-/#:]/.test(Namespace)) faults.push('Namespace is not allowed');
  if (!onlyMembers(directive, 'Namespace', 'Dimensions', 'Metrics')) faults.push('a directive has another member');
  if (!Array.isArray(Dimensions) || !Array.isArray(Metrics)) return [...faults, 'Dimensions or Metrics is no array'];
  if (Metrics.length > 100) faults.push('there are more than 100 metrics');
  if (Dimensions.some((set) => !Array.isArray(set) || set.length > 30)) faults.push('a set of dimensions is too large');
  for (const name of Dimensions.flat()) {
    if (!isText(name, 250) || !isText(root[name], 1024)) faults.push(`the dimension ${name} has no text as its value`);
  }
  return [...faults, ...Metrics.flatMap((metric) => faultsOfMetric(metric, root))];
}

function faultsOfMetric(metric: unknown, root: Json): string[] {
  if (!isObject(metric) || !isText(metric.Name, 1024)) return ['a metric has no name'];
  const { Name, Unit } = metric;
  const faults: string[] = [];
  if (!onlyMembers(metric, 'Name', 'Unit', 'StorageResolution')) faults.push(`${Name} has another member`);
  if (!units.includes(String(Unit))) faults.push(`${Name} has the unit ${Unit}`);
  if (!Number.isFinite(root[Name])) faults.push(`${Name} has no number as its value`);
  return faults;
}
