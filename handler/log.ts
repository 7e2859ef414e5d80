/**
 * The one line that is logged for a message: JSON, with the metrics in CloudWatch's embedded metric format.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 *
 * A line names the key and the wallets a message was routed to: never an address that was not routed, never a subject.
 */
import type { Outcome } from './route.js';

/** The namespace of the metrics. */
export const METRIC_NAMESPACE = 'AgentKeysSesRouting';

const METRICS = { routed: 'Routed', skipped: 'Skipped', failed: 'Failed' } as const;

/** What became of an invocation. */
export type Result = Outcome | { outcome: 'failed'; error: unknown };

/** What is known of an invocation beside its result. */
export interface Invocation {
  functionName: string;
  requestId: string;
  /** Absent when the event could not be read. */
  key?: string | undefined;
  /** When it began, milliseconds since 1970. */
  started: number;
  /** When it ended, milliseconds since 1970. */
  ended: number;
}

/**
 * How grave a result is: a failure and a client-side encrypted message are errors, for they need an operator.
 */
export function levelOf(result: Result): 'info' | 'error' {
  const needsOperator =
    result.outcome === 'failed' || (result.outcome === 'skipped' && result.reason === 'client-side-encrypted');
  return needsOperator ? 'error' : 'info';
}

/**
 * Composes the line, without a line break. Its metrics Routed, Skipped and Failed have the one dimension FunctionName;
 * one of them is 1, the others 0.
 */
export function logLine(result: Result, invocation: Invocation): string {
  const { outcome, ...details } = result;
  return JSON.stringify({
    level: levelOf(result),
    outcome,
    ...('error' in details ? { error: String(details.error) } : details),
    key: invocation.key,
    milliseconds: invocation.ended - invocation.started,
    requestId: invocation.requestId,
    FunctionName: invocation.functionName,
    Routed: 0,
    Skipped: 0,
    Failed: 0,
    [METRICS[outcome]]: 1,
    _aws: {
      Timestamp: invocation.started,
      CloudWatchMetrics: [
        {
          Namespace: METRIC_NAMESPACE,
          Dimensions: [['FunctionName']],
          Metrics: Object.values(METRICS).map((name) => ({ Name: name, Unit: 'Count' })),
        },
      ],
    },
  });
}
