/**
 * The door: which messages an event speaks of. Anything but an "Object Created" of our bucket, or a batch that `backfill` hands over,
 * is refused.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 */
import { INBOUND_PREFIX, isMessageId } from './mail/address.js';
import type { Reason } from './mail/decide.js';

/** What SES names the object it writes when a receipt rule is created. */
const SETUP_NOTICE = 'AMAZON_SES_SETUP_NOTIFICATION';

/** How long a key of S3's may be, UTF-8; bytes. */
export const LONGEST_KEY = 1024;

/** The source and the detail type of a batch: names of our own, which no service of AWS's uses. */
const BATCH = { source: 'agentkeys-ses-routing', 'detail-type': 'Backfill' } as const;

/** The most messages a batch may hold: the function routes them within its time-out, some at a time. */
export const LARGEST_BATCH = 25;

/** A new object, as an event tells of it. */
export interface NewObject {
  /** The S3 key, plain: EventBridge does not URL-encode it, unlike an S3 notification. */
  key: string;
  /** The key without `inbound/`: SES's message id. */
  messageId: string;
  /** Why it is none of ours; absent for a message. */
  skip?: Reason;
}

/** The event is not what the rule's event pattern lets through: the function is wired up wrongly. */
export class UnknownEventError extends Error {
  override readonly name = 'UnknownEventError';

  constructor(fault: string) {
    super(
      `not an EventBridge "Object Created" event of this function's bucket: ${fault}. Check what invokes the function`,
    );
  }
}

/**
 * Composes the event that hands a batch of messages over to the function.
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
 * @returns The new object; of a batch, all of its objects.
 * @throws {UnknownEventError} for any other payload: an S3 notification, another detail type, another bucket, no key.
 */
export function readEvent(event: unknown, bucket: string): NewObject | NewObject[] {
  if (at(event, 'source') === BATCH.source) return readBatch(event, bucket);
  const wanted: Array<[path: string, value: string]> = [
    ['source', 'aws.s3'],
    ['detail-type', 'Object Created'],
    ['detail.bucket.name', bucket],
  ];
  expect(event, wanted);
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
function expect(event: unknown, wanted: Array<[path: string, value: string]>): void {
  for (const [path, value] of wanted) {
    if (at(event, path) !== value) throw new UnknownEventError(`its ${path} is not "${value}"`);
  }
}

/** @throws {UnknownEventError} for what no key of S3's can be. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
function objectIn(key: unknown, path: string): NewObject {
  if (typeof key !== 'string' || key === '') throw new UnknownEventError(`it has no ${path}`);
  if (/\p{Surrogate}/u.test(key) || Buffer.byteLength(key) > LONGEST_KEY)
    throw new UnknownEventError(`its ${path} is not Unicode of at most ${LONGEST_KEY} bytes`);
  return objectAt(key);
}

/** What the object at a key is to the routing. */
export function objectAt(key: string): NewObject {
  const messageId = key.slice(INBOUND_PREFIX.length);
  if (!key.startsWith(INBOUND_PREFIX) || !isMessageId(messageId)) return { key, messageId, skip: 'outside-inbound' };
  if (messageId === SETUP_NOTICE) return { key, messageId, skip: 'set-up-notice' };
  return { key, messageId };
}

function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, name) => (isRecord(inner) ? inner[name] : undefined), value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
