/**
 * What Lambda's operations share: finding the function, its errors, and what a caller must be allowed to do.
 */
import { randomUUID } from 'node:crypto';
import type { AccountState, FunctionState } from '../../account/state.js';
import { type Access, AwsRefusal, type OperationCall } from '../../operation.js';
import { checkTagKeys, tagRules } from '../tags.js';

export interface FunctionInput {
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

/** An error of Lambda's, which has a `Type` in addition to code and message. */
export function lambdaRefusal(code: string, message: string, status: number): AwsRefusal {
  return new AwsRefusal(code, message, status, { Type: status < 500 ? 'User' : 'Service' });
}

export const invalidParameter = (message: string): AwsRefusal =>
  lambdaRefusal('InvalidParameterValueException', message, 400);

/**
 * The refusal of a value that the API's model does not allow, which Lambda finds before anything else.
 *
 * @param member In lower camel case: `statementId`.
 * @param rule What the member must do: `have value less than or equal to 900`.
 */
export const validation = (member: string, value: unknown, rule: string): AwsRefusal =>
  lambdaRefusal(
    'ValidationException',
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must ${rule}`,
    400,
  );

/** @throws {AwsRefusal} InvalidParameterValueException for a reserved key. https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html */
export function checkTags(tags: Record<string, string> = {}): void {
  checkTagKeys(Object.keys(tags), tagRules(invalidParameter));
}

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
  if (fn.lastUpdate === 'InProgress' && fn.settlesAt <= state.now()) settle(fn);
  return fn;
}

/** Completes a creation or an update. A function whose creation failed stays Failed. */
function settle(fn: FunctionState): void {
  fn.revisionId = randomUUID();
  if (fn.failure !== undefined) {
    if (fn.state === 'Pending') fn.state = 'Failed';
    fn.lastUpdate = 'Failed';
    return;
  }
  fn.state = 'Active';
  fn.lastUpdate = 'Successful';
  delete fn.previous;
}

/** The function that Lambda runs: until an update has succeeded, the previous version. */
export function runningVersion(fn: FunctionState): FunctionState {
  return { ...fn, ...fn.previous };
}

/** The permission that most operations need: their own action on the function. */
export function functionAccess(action: string): (call: OperationCall<FunctionInput>) => Access[] {
  return ({ input, state }) => [
    { action: `lambda:${action}`, resource: functionArn(state, functionName(input.FunctionName)) },
  ];
}

/**
 * Compares the RevisionId of a request with the function's, where it has one.
 * @param reader The operation that returns the latest one.
 * @throws {AwsRefusal} PreconditionFailedException
 */
export function checkRevision(fn: FunctionState, revisionId: string | undefined, reader: string): void {
  if (revisionId !== undefined && revisionId !== fn.revisionId) {
    const message = `The Revision Id provided does not match the latest Revision Id. Call the ${reader} API to retrieve the latest Revision Id`;
    throw lambdaRefusal('PreconditionFailedException', message, 412);
  }
}

/** @throws {AwsRefusal} ResourceConflictException while the function is being created, and in any other state but Active */
export function checkActive(fn: FunctionState): void {
  if (fn.state !== 'Active') {
    const message = `The operation cannot be performed at this time. The function is currently in the following state: ${fn.state}`;
    throw resourceConflict(message);
  }
}

/** Who gives a function a role must be allowed to pass it. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html */
export function passRoleAccess(role: string | undefined): Access[] {
  if (role === undefined) return [];
  return [{ action: 'iam:PassRole', resource: role, context: { 'iam:PassedToService': 'lambda.amazonaws.com' } }];
}

/** @throws {AwsRefusal} ResourceConflictException while a creation or an update is in progress */
export function checkNoUpdate(fn: FunctionState): void {
  checkActive(fn);
  if (fn.lastUpdate === 'InProgress') {
    throw resourceConflict(
      `The operation cannot be performed at this time. An update is in progress for resource: ${fn.arn}`,
    );
  }
}

/** What an update replaces. After a failed update, that is what was before it. */
export function keepPrevious(fn: FunctionState): void {
  const { zip, codeSha256, roleArn, boundRoleId, runtime, handler, memory, timeout, environment } = fn;
  fn.previous ??= { zip, codeSha256, roleArn, boundRoleId, runtime, handler, memory, timeout, environment };
}

/** Begins a creation, or a change of code or configuration: a new revision, and an update with a duration. */
export function startUpdate(state: AccountState, fn: FunctionState): void {
  delete fn.failure;
  if (state.lambda.nextFailure !== undefined) fn.failure = state.lambda.nextFailure;
  delete state.lambda.nextFailure;
  fn.revisionId = randomUUID();
  fn.modified = new Date(state.now());
  fn.lastUpdate = 'InProgress';
  fn.settlesAt = state.now() + state.delays.functionUpdate;
}
