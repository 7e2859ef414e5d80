/**
 * The handler: reads an event, routes its message, or each message of a batch, and logs one line for each.
 */
import type { S3Client } from '@aws-sdk/client-s3';
import { type BatchOutcome, routeBatch } from './batch.js';
import { beforeDeadline } from './deadline.js';
import { type NewObject, readEvent } from './event.js';
import { failureOf } from './failure.js';
import { type Invocation, logLine, type Result } from './log.js';
import {
  eventIn,
  isGivenUp,
  type PartialBatchResponse,
  type QueueRecord,
  queueRecordsOf,
  routeQueue,
} from './queue.js';
import { type Outcome, route } from './route.js';
import type { RoutingSettings } from './settings.js';

/** The handler's dependencies. */
export interface Parts {
  s3: S3Client;
  settings: RoutingSettings;
  /** Writes one log line; it has no line break. */
  write(line: string): void;
}

/** The part of Lambda's context object that is used. https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
export interface InvocationContext {
  functionName: string;
  awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

/**
 * Creates the function's handler.
 *
 * @returns A handler that resolves to the outcome of the message, or the number of messages by outcome of a batch, and rejects on any
 *   failure, so that Lambda retries. For records of the retry queue it resolves to the records that are to be retried.
 */
export function createHandler({ s3, settings, write }: Parts) {
  return async (event: unknown, context: InvocationContext): Promise<Outcome | BatchOutcome | PartialBatchResponse> => {
    const { functionName, awsRequestId: requestId } = context;
    const log = (result: Result, known: Pick<Invocation, 'key' | 'attempt' | 'dropped' | 'started'>) =>
      write(logLine(result, { functionName, requestId, ...known, ended: Date.now() }, settings.logLevel));

    const routeOne = async (object: NewObject, attempt?: number): Promise<Outcome> => {
      const { key, skip: reason } = object;
      const known = { key, attempt, started: Date.now() };
      try {
        const outcome: Outcome =
          reason === undefined
            ? await beforeDeadline(context.getRemainingTimeInMillis(), (signal) => route(s3, object, settings, signal))
            : { outcome: 'skipped', reason };
        log(outcome, known);
        return outcome;
      } catch (caught) {
        const error = failureOf(caught);
        log({ outcome: 'failed', error }, known);
        throw error;
      }
    };

    const routeEvent = async (find: () => unknown, record?: QueueRecord): Promise<Outcome | BatchOutcome> => {
      const started = Date.now();
      const attempt = record?.attempt;
      let read: NewObject | NewObject[];
      try {
        read = readEvent(find(), settings.bucket);
      } catch (caught) {
        const error = failureOf(caught);
        log({ outcome: 'failed', error }, { attempt, dropped: isGivenUp(error, record), started });
        throw error;
      }
      return Array.isArray(read) ? routeBatch(read, (object) => routeOne(object, attempt)) : routeOne(read, attempt);
    };

    const records = queueRecordsOf(event, Date.now());
    if (records === undefined) return routeEvent(() => event);
    return routeQueue(records, (record) => routeEvent(() => eventIn(record), record));
  };
}
