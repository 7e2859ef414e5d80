/**
 * The function's metrics, as members of a log line from which CloudWatch extracts them: no call, no agent, no permission.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */

/** The namespace of the metrics. */
export const METRIC_NAMESPACE = 'AgentKeysSesRouting';

/** Every metric and its unit. */
export const METRIC_UNITS = {
  Routed: 'Count',
  Skipped: 'Count',
  Failed: 'Count',
  HeaderBytesRead: 'Bytes',
  Milliseconds: 'Milliseconds',
} as const;

type MetricName = keyof typeof METRIC_UNITS;

export interface Metrics {
  /** Exactly one of these is 1. */
  Routed: 0 | 1;
  Skipped: 0 | 1;
  Failed: 0 | 1;
  /** Bytes read of the message; absent when it was not read. */
  HeaderBytesRead?: number | undefined;
  /** The duration of the invocation. */
  Milliseconds: number;
}

/**
 * Creates the members. All metrics have the dimension FunctionName; Skipped is also counted by FunctionName and Reason, of which there are
 * about ten.
 *
 * @param functionName The value of the dimension.
 * @param timestamp The time of the metrics, milliseconds since 1970.
 * @param reason Why a message was skipped.
 */
export function embeddedMetrics(metrics: Metrics, functionName: string, timestamp: number, reason?: string) {
  const present = Object.entries(METRIC_UNITS).filter(([name]) => metrics[name as MetricName] !== undefined);
  const all = {
    Namespace: METRIC_NAMESPACE,
    Dimensions: [['FunctionName']],
    Metrics: present.map(([Name, Unit]) => ({ Name, Unit })),
  };
  const skipped = {
    Namespace: METRIC_NAMESPACE,
    Dimensions: [['FunctionName', 'Reason']],
    Metrics: [{ Name: 'Skipped', Unit: METRIC_UNITS.Skipped }],
  };
  return {
    FunctionName: functionName,
    Reason: reason,
    ...metrics,
    _aws: { Timestamp: timestamp, CloudWatchMetrics: reason === undefined ? [all] : [all, skipped] },
  };
}
