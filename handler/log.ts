/**
 * The one line that is logged for a message: JSON, with the metrics. docs/logs-and-metrics.md describes it.
 *
 * A line contains the key and the wallets that a message was routed to: never another address, never a subject.
 */

import type { Failure } from './failure.js';
import type { Reason } from './mail/decide.js';
import { embeddedMetrics } from './metrics.js';
import type { Outcome } from './route.js';
import type { RoutingSettings } from './settings.js';

/** The result of an invocation. */
export type Result = Outcome | { outcome: 'failed'; error: Failure };

/** What else is known about an invocation. */
export interface Invocation {
  functionName: string;
  requestId: string;
  /** Absent when the event could not be read. */
  key?: string | undefined;
  /** How often the retry queue delivered the event, this time included; absent for any other event. */
  attempt?: number | undefined;
  /** Whether a record of the retry queue that can't be understood is deleted from it. */
  dropped?: boolean | undefined;
  /** When it began, milliseconds since 1970. */
  started: number;
  /** When it ended, milliseconds since 1970. */
  ended: number;
}

/** Reasons for which mail that may be for a wallet stays until an operator acts. */
const NEEDS_OPERATOR: Reason[] = ['client-side-encrypted', 'too-many-wallets', 'key-too-long', 'archived'];

/** The level of a result: `error` if an operator must act. */
export function levelOf(result: Result): 'info' | 'error' {
  const needsOperator =
    result.outcome === 'failed' || (result.outcome === 'skipped' && NEEDS_OPERATOR.includes(result.reason));
  return needsOperator ? 'error' : 'info';
}

/**
 * Creates the line, without a line break. It is shorter than 8 kB: a message has at most ten wallets, an error at most three others
 * within it, and a key at most 1,024 bytes, which JSON makes 6 kB at worst.
 *
 * @param logLevel The lowest level that is logged in full; below it, the line contains only the metrics.
 */
export function logLine(result: Result, invocation: Invocation, logLevel: RoutingSettings['logLevel']): string {
  const { functionName, requestId, key, attempt, dropped, started, ended } = invocation;
  const { outcome } = result;
  const level = levelOf(result);
  const details = {
    level,
    outcome,
    ...(outcome === 'failed' ? { error: result.error } : { wallets: result.wallets }),
    ...(outcome === 'routed' ? { by: result.by } : {}),
    ...(outcome !== 'failed' && result.deleted ? { deleted: true } : {}),
    key,
    attempt,
    dropped: dropped || undefined,
    requestId,
  };
  const metrics = embeddedMetrics(
    {
      Routed: outcome === 'routed' ? 1 : 0,
      Skipped: outcome === 'skipped' ? 1 : 0,
      Failed: outcome === 'failed' ? 1 : 0,
      HeaderBytesRead: outcome === 'failed' ? undefined : result.headerBytesRead,
      Milliseconds: ended - started,
    },
    functionName,
    started,
    outcome === 'skipped' ? result.reason : undefined,
  );
  const inFull = logLevel === 'info' || level === 'error';
  return JSON.stringify(inFull ? { ...details, ...metrics } : metrics, withMessages);
}

/** JSON.stringify omits an error's name and message. */
function withMessages(_name: string, value: unknown): unknown {
  return value instanceof Error ? Object.assign({ name: value.name, message: value.message }, value) : value;
}
