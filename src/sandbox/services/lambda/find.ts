/**
 * Finding the function that a request means, as it is by now, and the refusals that every operation on it shares.
 */
import { randomUUID } from 'node:crypto';
import type { AccountState, FunctionState } from '../../account/state.js';
import { type Access, AwsRefusal, type OperationCall } from '../../operation.js';

export interface NamesFunction {
  /** A name, an ARN or a partial ARN. https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html#API_GetFunction_RequestSyntax */
  FunctionName: string;
}

/** The name in a function's name, ARN (`arn:aws:lambda:us-east-1:123456789012:function:x`) or partial ARN. */
export function functionName(nameOrArn: string): string {
  return nameOrArn.replace(/^.*function:/, '').replace(/:\$LATEST$/, '');
}

export function functionArn(state: AccountState, name: string): string {
  return `arn:${state.partition}:lambda:${state.region}:${state.account}:function:${name}`;
}

/** A refusal of Lambda's: its errors carry a `Type` beside code and message. */
export function lambdaRefusal(code: string, message: string, status: number): AwsRefusal {
  return new AwsRefusal(code, message, status, { Type: status < 500 ? 'User' : 'Service' });
}

export const invalidParameter = (message: string): AwsRefusal =>
  lambdaRefusal('InvalidParameterValueException', message, 400);

export const resourceConflict = (message: string): AwsRefusal =>
  lambdaRefusal('ResourceConflictException', message, 409);

export const resourceNotFound = (message: string): AwsRefusal =>
  lambdaRefusal('ResourceNotFoundException', message, 404);

/**
 * The function a request means. Pending or InProgress ends when its time has come, and that gives the function a new
 * RevisionId once more. https://github.com/aws/aws-sdk/issues/377
 *
 * @throws {AwsRefusal} ResourceNotFoundException
 */
export function findFunction(state: AccountState, nameOrArn: string): FunctionState {
  const name = functionName(nameOrArn);
  const fn = state.lambda.functions.get(name);
  if (fn === undefined) {
    throw resourceNotFound(`Function not found: ${functionArn(state, name)}`);
  }
  if (fn.lastUpdate === 'InProgress' && fn.settlesAt <= state.now()) {
    fn.state = 'Active';
    fn.lastUpdate = 'Successful';
    fn.revisionId = randomUUID();
  }
  return fn;
}

/** What most operations ask of their caller: their own action on the function. */
export function functionAccess(action: string): (call: OperationCall<NamesFunction>) => Access[] {
  return ({ input, state }) => [
    { action: `lambda:${action}`, resource: functionArn(state, functionName(input.FunctionName)) },
  ];
}

/**
 * Compares the RevisionId of a request with the function's, where it has one.
 * @param reader The operation that tells the latest one.
 * @throws {AwsRefusal} PreconditionFailedException
 */
export function checkRevision(fn: FunctionState, revisionId: string | undefined, reader: string): void {
  if (revisionId !== undefined && revisionId !== fn.revisionId) {
    const message = `The Revision Id provided does not match the latest Revision Id. Call the ${reader} API to retrieve the latest Revision Id`;
    throw lambdaRefusal('PreconditionFailedException', message, 412);
  }
}

/** @throws {AwsRefusal} ResourceConflictException while the function is being created */
export function checkNotPending(fn: FunctionState): void {
  if (fn.state === 'Pending') {
    const message =
      'The operation cannot be performed at this time. The function is currently in the following state: Pending';
    throw resourceConflict(message);
  }
}
