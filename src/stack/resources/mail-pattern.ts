/**
 * The event pattern that matches new mail of a bucket, and what another pattern says of buckets. Pure.
 */
import { INBOUND_PREFIX } from '../../../handler/mail/address.js';

/** New objects under `inbound/` of the mail bucket only: what the function writes must not trigger it again. */
export function mailPattern(bucket: string): string {
  return JSON.stringify({
    source: ['aws.s3'],
    'detail-type': ['Object Created'],
    detail: { bucket: { name: [bucket] }, object: { key: [{ prefix: INBOUND_PREFIX }] } },
  });
}

/**
 * The buckets that a pattern names; none for a pattern about something else.
 *
 * @param pattern as EventBridge returns it; empty for a schedule.
 */
export function bucketsIn(pattern: string): string[] {
  if (pattern === '') return [];
  const { detail } = JSON.parse(pattern) as { detail?: { bucket?: { name?: unknown } } };
  const names: unknown[] = [detail?.bucket?.name].flat();
  return names.filter((name) => typeof name === 'string');
}
