/**
 * A batch from the retry queue: events that EventBridge could not deliver, and events that the function failed on. Each record is routed as
 * if its event had come alone. https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
import { settleEach } from './concurrency.js';
import { at, UnknownEventError } from './event.js';

/** The largest batch that Lambda sends without a batching window: all its records are worked on at once, so that none waits for another. */
const AT_A_TIME = 10;

/**
 * How long a record that can't be understood is retried; milliseconds. The cause may be the function (its code, its BUCKET), which somebody
 * repairs; after a day it is the record, which would fail, and hide others in the queue's age, for two weeks.
 */
const LONGEST_DOUBT = 24 * 60 * 60 * 1000;

/** A record of the queue. */
export interface QueueRecord {
  /** SQS's id of the message. */
  messageId: string;
  body: unknown;
  /** How often it was received, this time included; from 1. */
  attempt: number | undefined;
  /** Whether it has been in the queue for so long that it is not retried if it can't be understood. */
  expired: boolean;
}

/**
 * What Lambda expects with `ReportBatchItemFailures`: it deletes every other record.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export interface PartialBatchResponse {
  batchItemFailures: Array<{ itemIdentifier: string }>;
}

/**
 * Returns the records of an event source mapping's event; undefined for any other event.
 *
 * @param now Milliseconds since 1970.
 */
export function queueRecordsOf(event: unknown, now: number): QueueRecord[] | undefined {
  const records = at(event, 'Records');
  if (!Array.isArray(records) || records.length === 0) return undefined;
  const read = records.flatMap((record) => readRecord(record, now));
  return read.length === records.length ? read : undefined;
}

function readRecord(record: unknown, now: number): QueueRecord[] {
  const messageId = at(record, 'messageId');
  if (at(record, 'eventSource') !== 'aws:sqs' || typeof messageId !== 'string') return [];
  // Lambda sends both numbers as text.
  const attempt = Number(at(record, 'attributes.ApproximateReceiveCount'));
  const sent = Number(at(record, 'attributes.SentTimestamp'));
  return [
    {
      messageId,
      body: at(record, 'body'),
      attempt: Number.isSafeInteger(attempt) ? attempt : undefined,
      expired: now - sent >= LONGEST_DOUBT,
    },
  ];
}

/**
 * Returns the event in a record. EventBridge puts the event itself into its dead-letter queue; Lambda puts a record of the invocation into its
 * on-failure destination, with the event as `requestPayload`.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 *
 * @throws {UnknownEventError} if the body is not JSON.
 */
export function eventIn({ body }: QueueRecord): unknown {
  let value: unknown;
  try {
    value = JSON.parse(String(body));
  } catch {
    throw new UnknownEventError('the body of its record in the queue is not JSON');
  }
  return at(value, 'requestPayload') ?? value;
}

/** Whether a record is deleted though it failed: it can't be understood, and is a day old. */
export function isGivenUp(error: unknown, record: QueueRecord | undefined): boolean {
  return error instanceof UnknownEventError && record?.expired === true;
}

/**
 * Works on every record, even when others fail.
 *
 * @param routeRecord Routes what one record names, and logs it; rejects on any failure.
 * @returns The records for Lambda to keep in the queue.
 */
export async function routeQueue(
  records: QueueRecord[],
  routeRecord: (record: QueueRecord) => Promise<unknown>,
): Promise<PartialBatchResponse> {
  const results = await settleEach(records, AT_A_TIME, routeRecord);
  const failed = records.filter((record, index) => {
    const result = results[index];
    return result?.status === 'rejected' && !isGivenUp(result.reason, record);
  });
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}
