/**
 * The on-failure destination of asynchronous invocations: a record of each event that Lambda gives up on.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
import { randomUUID } from 'node:crypto';
import { roleCaller } from '../access/callers.js';
import type { AccountState, FunctionState } from '../account/state.js';
import { sendAs } from './queue.js';

/** An event that was given up. */
export interface FailedEvent {
  payload: unknown;
  condition: 'RetriesExhausted' | 'EventAgeExceeded' | 'ZeroReservedConcurrency';
  /** How often the function was run. */
  attempts: number;
  /** The error that the function returned last, as JSON. */
  response?: string;
}

function recordOf(state: AccountState, fn: FunctionState, { payload, condition, attempts, response }: FailedEvent) {
  return {
    version: '1.0',
    timestamp: new Date(state.now()).toISOString(),
    requestContext: {
      requestId: randomUUID(),
      functionArn: `${fn.arn}:$LATEST`,
      condition,
      approximateInvokeCount: attempts,
    },
    requestPayload: payload,
    ...(response !== undefined && {
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      responsePayload: JSON.parse(response),
    }),
  };
}

/** Sends the record, if the function has a destination. @returns false if it could not be sent */
export function sendToDestination(state: AccountState, fn: FunctionState, event: FailedEvent): boolean {
  const arn = fn.eventInvoke?.onFailure;
  // Destinations other than queues are not emulated: what they received can't be seen here.
  if (!arn?.includes(':sqs:')) return true;
  const role = [...state.iam.roles.values()].find((each) => each.arn === fn.roleArn);
  const record = recordOf(state, fn, event);
  return role !== undefined && sendAs(state, roleCaller(state, role), arn, { body: JSON.stringify(record) });
}
