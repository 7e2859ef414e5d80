/**
 * What a line of the function's log group says. Pure.
 *
 * The group belongs to the function, but Lambda writes to it too, and so does any code that replaced the function's: a line is the function's
 * only if it has its metrics, and of all others nothing is repeated but what Lambda itself words.
 */
import { at as memberAt } from '../../../handler/event.js';
import { METRIC_NAMESPACE } from '../../../handler/metrics.js';
import type { LogEvent } from './events.js';

/** What the function logged for a message: docs/logs-and-metrics.md. */
export interface MessageEntry {
  kind: 'message';
  /** Milliseconds since 1970. */
  at: number;
  outcome: 'routed' | 'skipped' | 'failed';
  /** Whether an operator must act. */
  needsAttention: boolean;
  /** Absent when the event could not be read, and with LOG_LEVEL=error. */
  key?: string | undefined;
  wallets: string[];
  by?: string | undefined;
  deleted: boolean;
  reason?: string | undefined;
  error?: { name: string; message: string } | undefined;
  /** How often the retry queue delivered the event. */
  attempt?: number | undefined;
  dropped: boolean;
  requestId?: string | undefined;
  milliseconds?: number | undefined;
}

/** What Lambda logged about an invocation that the function could not log itself. */
export interface RuntimeEntry {
  kind: 'runtime';
  /** Milliseconds since 1970. */
  at: number;
  requestId?: string | undefined;
  failure: string;
}

export type Entry = MessageEntry | RuntimeEntry;

/** Lambda's lines about each invocation, in the formats text and JSON. */
const ROUTINE =
  /^(?:START|END|REPORT|INIT_START|INIT_REPORT|INIT_RUNTIME_DONE|RESTORE_\w+|EXTENSION|TELEMETRY|LOGS|XRAY)\b/;

/** Errors that the function has logged itself: Lambda's line repeats them. */
const LOGGED = /^(?:S3CallError|CopiesFailedError|DeadlineError|UnknownEventError|UnexpectedError|BatchFailedError)$/;

/** https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html */
const ENDED =
  /\b(Task timed out after [\d.]+ seconds|Runtime exited (?:with error: (?:signal: \w+|exit status \d+)|without providing a reason))/;

const REQUEST_ID = /\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/;

/**
 * @returns the entry; `routine` for Lambda's lines about an invocation, and for its repetition of an error; `foreign` for any other text.
 */
export function readEntry({ at, message }: LogEvent): Entry | 'routine' | 'foreign' {
  const text = message.trim();
  const json = parsed(text);
  // In the log format JSON, Lambda wraps each line.
  const inner = memberAt(json, 'message');
  const own = messageEntry(typeof inner === 'string' ? parsed(inner) : json, at);
  if (own !== undefined) return own;
  if (json !== undefined) return wrappedEntry(json, inner, at);
  if (text === '' || ROUTINE.test(text)) return 'routine';
  const [, ended] = ENDED.exec(text) ?? [];
  if (ended !== undefined) return runtimeEntry(at, ended, REQUEST_ID.exec(text)?.[0]);
  const [, error = ''] =
    /\tERROR\t(?:Invoke Error|Uncaught Exception|Unhandled Promise Rejection) *\t(\{.*)$/s.exec(text) ?? [];
  return errorEntry(parsed(error), at, text);
}

/** A line in Lambda's format JSON. https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html */
function wrappedEntry(json: unknown, inner: unknown, at: number): Entry | 'routine' | 'foreign' {
  const type = String(memberAt(json, 'type'));
  if (type.startsWith('platform.')) {
    const status = memberAt(json, 'record.status');
    if (status !== 'timeout' && status !== 'error') return 'routine';
    return runtimeEntry(at, `Lambda reports the status ${status}`, memberAt(json, 'record.requestId'));
  }
  if (typeof inner === 'string') return readEntry({ id: '', at, message: inner });
  return errorEntry(inner ?? json, at, String(memberAt(json, 'requestId')));
}

function messageEntry(json: unknown, at: number): MessageEntry | undefined {
  const metrics = memberAt(json, '_aws.CloudWatchMetrics.0.Namespace');
  if (metrics !== METRIC_NAMESPACE) return undefined;
  const text = (path: string) => {
    const value = memberAt(json, path);
    return typeof value === 'string' ? value : undefined;
  };
  const count = (path: string) => {
    const value = memberAt(json, path);
    return typeof value === 'number' ? value : undefined;
  };
  const outcome = count('Routed') ? 'routed' : count('Skipped') ? 'skipped' : 'failed';
  const wallets = memberAt(json, 'wallets');
  const name = text('error.name');
  return {
    kind: 'message',
    at,
    outcome,
    needsAttention: text('level') === 'error',
    key: text('key'),
    wallets: Array.isArray(wallets) ? wallets.map(String) : [],
    by: text('by'),
    deleted: memberAt(json, 'deleted') === true,
    reason: text('Reason'),
    error: name === undefined ? undefined : { name, message: text('error.message') ?? '' },
    attempt: count('attempt'),
    dropped: memberAt(json, 'dropped') === true,
    requestId: text('requestId'),
    milliseconds: count('Milliseconds'),
  };
}

/** An error that Lambda logged. Of other code's errors, only the type is repeated. */
function errorEntry(error: unknown, at: number, text: string): Entry | 'routine' | 'foreign' {
  const type = String(memberAt(error, 'errorType'));
  if (LOGGED.test(type)) return 'routine';
  if (type === 'undefined' || !/^[\w.]{1,100}$/.test(type)) return 'foreign';
  // The function's own words: which variables are invalid.
  const words = type === 'SettingsError' ? `: ${String(memberAt(error, 'errorMessage'))}` : '';
  return runtimeEntry(at, `${type}${words}`, REQUEST_ID.exec(text)?.[0]);
}

function runtimeEntry(at: number, failure: string, requestId: unknown): RuntimeEntry {
  return { kind: 'runtime', at, failure, ...(typeof requestId === 'string' ? { requestId } : {}) };
}

function parsed(text: string): unknown {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
