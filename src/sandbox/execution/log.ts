/**
 * A function's log, written with the execution role's permissions, as on Lambda. CloudWatch extracts metrics from it.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
 */
import { decide } from '../access/authorize.js';
import type { AccountState } from '../account/state.js';
import { embeddedMetrics } from '../metrics/embedded-metric-format.js';
import type { Caller } from '../operation.js';
import { addGroup, groupArn } from '../services/logs/log-groups.js';
import { streamArn } from '../services/logs/log-streams.js';
import type { Execution } from './environment.js';

/** The lines of one invocation, START to REPORT. @param memory the function's memory, MiB */
export function logLines(id: string, memory: number, execution: Execution): string[] {
  const { initLines, lines, duration, usedMb } = execution;
  const report = [
    `REPORT RequestId: ${id}`,
    `Duration: ${duration.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(duration)} ms`,
    `Memory Size: ${memory} MB`,
    ...(usedMb === undefined ? [] : [`Max Memory Used: ${usedMb} MB`]),
  ];
  const start = `START RequestId: ${id} Version: $LATEST`;
  return [...initLines, start, ...lines, `END RequestId: ${id}`, report.join('\t')];
}

/**
 * Lines in the log format JSON: Lambda wraps each in an object, so that it is no longer an embedded metric.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
 *
 * @param at Milliseconds since 1970.
 */
export function asJsonLines(lines: string[], requestId: string, at: number): string[] {
  const timestamp = new Date(at).toISOString();
  return lines.map((message) => JSON.stringify({ timestamp, level: 'INFO', requestId, message }));
}

/**
 * Writes lines to a stream as `caller`, who needs logs:PutLogEvents, logs:CreateLogStream for a new stream, and
 * logs:CreateLogGroup where the group is missing. Without a permission nothing is written and no error reported, as on AWS.
 */
export function writeLog(state: AccountState, caller: Caller, group: string, stream: string, lines: string[]): void {
  const may = (action: string, resource: string) => decide(state, caller, { action, resource }).allowed;
  if (!state.logs.groups.has(group) && may('logs:CreateLogGroup', `${groupArn(state, group)}:*`)) {
    addGroup(state, group);
  }
  const streams = state.logs.groups.get(group)?.streams;
  const arn = streamArn(state, group, stream);
  if (streams?.has(stream) === false && may('logs:CreateLogStream', arn)) streams.set(stream, []);
  if (!may('logs:PutLogEvents', arn)) return;
  const events = streams?.get(stream);
  if (events === undefined) return;
  const timestamp = state.now();
  events.push(...lines.map((line) => ({ timestamp, message: `${line}\n` })));
  // Only the class STANDARD has embedded metrics.
  if (state.logs.groups.get(group)?.logClass !== undefined) return;
  // The function's process uses the machine's clock; the account may have another.
  const ahead = timestamp - Date.now();
  for (const { metric, values, at } of lines.flatMap(embeddedMetrics)) state.metrics.record(metric, values, at + ahead);
}
