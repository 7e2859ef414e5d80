/**
 * The function, put together from its parts: event in, message routed, one line logged.
 */
import type { S3Client } from '@aws-sdk/client-s3';
import { beforeDeadline } from './deadline.js';
import { readEvent } from './event.js';
import { failureOf } from './failure.js';
import { logLine, type Result } from './log.js';
import { type Outcome, route } from './route.js';
import type { RoutingSettings } from './settings.js';

/** What the function works with. */
export interface Parts {
  s3: S3Client;
  settings: RoutingSettings;
  /** Takes one log line, without a line break. */
  write(line: string): void;
}

/** The part of Lambda's context object that is used. https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
export interface InvocationContext {
  functionName: string;
  awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

/**
 * Makes the function's handler.
 *
 * @returns A handler that resolves to what became of the message, and rejects on any failure, so that Lambda tries again.
 */
export function createHandler({ s3, settings, write }: Parts) {
  return async (event: unknown, context: InvocationContext): Promise<Outcome> => {
    const started = Date.now();
    let key: string | undefined;
    const log = (result: Result) => {
      const { functionName, awsRequestId: requestId } = context;
      write(logLine(result, { functionName, requestId, key, started, ended: Date.now() }, settings.logLevel));
    };

    try {
      const object = readEvent(event, settings.bucket);
      key = object.key;
      const outcome: Outcome =
        object.skip === undefined
          ? await beforeDeadline(context.getRemainingTimeInMillis(), (signal) => route(s3, object, settings, signal))
          : { outcome: 'skipped', reason: object.skip };
      log(outcome);
      return outcome;
    } catch (caught) {
      const error = failureOf(caught);
      log({ outcome: 'failed', error });
      throw error;
    }
  };
}
