/**
 * Reads an event: which messages it names. Only "Object Created" events of the function's bucket and `backfill`'s batches are accepted.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 */
import { INBOUND_PREFIX, isMessageId } from './mail/address.js';
import type { Reason } from './mail/decide.js';

/** The name of the object that SES writes when a receipt rule is created. */
const SETUP_NOTICE = 'AMAZON_SES_SETUP_NOTIFICATION';

/** The maximum length of an S3 key in UTF-8; bytes. */
export const LONGEST_KEY = 1024;

/** The source and detail type of a batch. No AWS service uses these names. */
const BATCH = { source: 'agentkeys-ses-routing', 'detail-type': 'Backfill' } as const;

/** The maximum number of messages in a batch: the function routes them within its time-out, some at a time. */
export const LARGEST_BATCH = 25;

/** A new object, named by an event. */
export interface NewObject {
  /** The S3 key. EventBridge does not URL-encode it, unlike an S3 notification. */
  key: string;
  /** The key without `inbound/`: SES's message id. */
  messageId: string;
  /** Why the object is not a message; absent for a message. */
  skip?: Reason;
}

/** The event does not match the rule's event pattern: something else invoked the function. */
export class UnknownEventError extends Error {
  override readonly name = 'UnknownEventError';

  constructor(fault: string) {
    super(
      `not an EventBridge "Object Created" event of this function's bucket: ${fault}. Check what invokes the function`,
    );
  }
}

/**
 * Creates the event that passes a batch of messages to the function.
 *
 * @param keys At most {@link LARGEST_BATCH}.
 */
export function batchOf(bucket: string, keys: string[]): object {
  return { ...BATCH, detail: { bucket: { name: bucket }, keys } };
}

/**
 * Reads an event.
 *
 * @param event The invocation's payload.
 * @param bucket The only bucket whose events are accepted.
 * @returns The new object, or the objects of a batch.
 * @throws {UnknownEventError} for any other payload: an S3 notification, another detail type, another bucket, no key.
 */
export function readEvent(event: unknown, bucket: string): NewObject | NewObject[] {
  if (at(event, 'source') === BATCH.source) return readBatch(event, bucket);
  const expected: Array<[path: string, value: string]> = [
    ['source', 'aws.s3'],
    ['detail-type', 'Object Created'],
    ['detail.bucket.name', bucket],
  ];
  expect(event, expected);
  return objectIn(at(event, 'detail.object.key'), 'detail.object.key');
}

function readBatch(event: unknown, bucket: string): NewObject[] {
  expect(event, [
    ['detail-type', BATCH['detail-type']],
    ['detail.bucket.name', bucket],
  ]);
  const keys = at(event, 'detail.keys');
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > LARGEST_BATCH)
    throw new UnknownEventError(`its detail.keys is not a list of 1 to ${LARGEST_BATCH}`);
  return keys.map((key) => objectIn(key, 'detail.keys'));
}

/** @throws {UnknownEventError} */
function expect(event: unknown, expected: Array<[path: string, value: string]>): void {
  for (const [path, value] of expected) {
    if (at(event, path) !== value) throw new UnknownEventError(`its ${path} is not "${value}"`);
  }
}

/** @throws {UnknownEventError} for a value that can't be an S3 key. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
function objectIn(key: unknown, path: string): NewObject {
  if (typeof key !== 'string' || key === '') throw new UnknownEventError(`it has no ${path}`);
  if (/\p{Surrogate}/u.test(key) || Buffer.byteLength(key) > LONGEST_KEY)
    throw new UnknownEventError(`its ${path} is not Unicode of at most ${LONGEST_KEY} bytes`);
  return objectAt(key);
}

/** The object with this key: a message, or the reason why it is skipped. */
export function objectAt(key: string): NewObject {
  const messageId = key.slice(INBOUND_PREFIX.length);
  if (!key.startsWith(INBOUND_PREFIX) || !isMessageId(messageId)) return { key, messageId, skip: 'outside-inbound' };
  if (messageId === SETUP_NOTICE) return { key, messageId, skip: 'set-up-notice' };
  return { key, messageId };
}

/** The value at a path of members, `detail.bucket.name`; undefined if there is none. */
export function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, name) => (isRecord(inner) ? inner[name] : undefined), value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
