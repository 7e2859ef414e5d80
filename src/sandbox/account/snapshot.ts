/**
 * The account's configuration as plain data, for comparing two states.
 */
import { createHash } from 'node:crypto';
import type { AccountState } from './state.js';

/** What differs between two makings of the same thing: times, ids, revisions. Log streams hold nothing else. */
const passing = new Set([
  ...['id', 'created', 'modified', 'revisionId', 'lastUpdate', 'settlesAt', 'boundRoleId', 'eventBridgeSince'],
  ...['streams', 'accessKeys'],
  // What is in a queue is as passing as what is in a log stream, and so is the state of an alarm.
  ...['messages', 'deleted', 'measuredAt', 'standing', 'evaluatedAt', 'alarmActions'],
]);

/** Fields that hold policy documents as text: two documents that differ in white space alone are the same. */
const documents = new Set(['trust', 'policy', 'inline', 'versions']);

/** Fields whose names are the user's own: an environment variable may be called `id`. */
const free = new Set(['environment', 'metadata']);

function sorted(entries: Array<[string, unknown]>): Record<string, unknown> {
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function plain(value: unknown, isDocument = false): unknown {
  if (value instanceof Map) return sorted([...value].map(([key, inner]) => [String(key), plain(inner, isDocument)]));
  if (value instanceof Set) return [...value].map(String).sort();
  if (value instanceof Uint8Array) return `sha256:${createHash('sha256').update(value).digest('hex')}`;
  if (Array.isArray(value)) return value.map((inner) => plain(inner));
  if (typeof value === 'string') return isDocument ? plain(JSON.parse(value)) : value;
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name, inner]) => !passing.has(name) && inner !== undefined);
  return sorted(
    kept.map(([name, inner]) => {
      return [name, plain(free.has(name) ? new Map(Object.entries(Object(inner))) : inner, documents.has(name))];
    }),
  );
}

/** The state of every service, in a fixed order, JSON-serialisable; contents (zips, objects) by their hash. */
export function snapshot(state: AccountState): unknown {
  const { iam, s3, lambda, events, logs, ses, sqs, cloudwatch } = state;
  // Event source mappings have ids alone, made up anew for each.
  const mappings = [...lambda.mappings.values()].map(({ arn, ...mapping }) => mapping);
  return plain({ iam, s3, lambda: { ...lambda, mappings }, events, logs, ses, sqs, cloudwatch });
}
