/**
 * The handler: reads an event, routes its message, or each message of a batch, and logs one line for each.
 */
import type { S3Client } from '@aws-sdk/client-s3';
import { type BatchOutcome, routeBatch } from './batch.js';
import { beforeDeadline } from './deadline.js';
import { type NewObject, readEvent } from './event.js';
import { failureOf } from './failure.js';
import { logLine, type Result } from './log.js';
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
 *   failure, so that Lambda retries.
 */
export function createHandler({ s3, settings, write }: Parts) {
  return async (event: unknown, context: InvocationContext): Promise<Outcome | BatchOutcome> => {
    const { functionName, awsRequestId: requestId } = context;
    const log = (result: Result, started: number, key?: string) =>
      write(logLine(result, { functionName, requestId, key, started, ended: Date.now() }, settings.logLevel));
    const raise = (caught: unknown, started: number, key?: string): never => {
      const error = failureOf(caught);
      log({ outcome: 'failed', error }, started, key);
      throw error;
    };

    const routeOne = async (object: NewObject): Promise<Outcome> => {
      const started = Date.now();
      const { key, skip: reason } = object;
      try {
        const outcome: Outcome =
          reason === undefined
            ? await beforeDeadline(context.getRemainingTimeInMillis(), (signal) => route(s3, object, settings, signal))
            : { outcome: 'skipped', reason };
        log(outcome, started, key);
        return outcome;
      } catch (caught) {
        return raise(caught, started, key);
      }
    };

    const started = Date.now();
    let read: NewObject | NewObject[];
    try {
      read = readEvent(event, settings.bucket);
    } catch (caught) {
      return raise(caught, started);
    }
    return Array.isArray(read) ? routeBatch(read, routeOne) : routeOne(read);
  };
}
