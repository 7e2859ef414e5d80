/**
 * Lambda: the statements of a function's own policy.
 * https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
 */
import { randomUUID } from 'node:crypto';
import type { Statement } from '../../../policy/document.js';
import type { FunctionState } from '../../account/state.js';
import type { Operation } from '../../operation.js';
import {
  checkRevision,
  type FunctionInput,
  findFunction,
  functionAccess,
  invalidParameter,
  resourceConflict,
  resourceNotFound,
  validation,
} from './common.js';

interface AddPermissionInput extends FunctionInput {
  StatementId: string;
  Action: string;
  Principal: string;
  SourceArn?: string;
  SourceAccount?: string;
  RevisionId?: string;
}

interface RemovePermissionInput extends FunctionInput {
  StatementId: string;
  RevisionId?: string;
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html. @throws {AwsRefusal} ValidationException */
function checkStatementId(id: string): void {
  if (!/^[\w-]+$/.test(id)) {
    throw validation('statementId', id, 'satisfy regular expression pattern: ([a-zA-Z0-9-_]+)');
  }
  if (id.length > 100) throw validation('statementId', id, 'have length less than or equal to 100');
}

/** A service's host name, an account, an ARN, or everybody. @throws {AwsRefusal} InvalidParameterValueException */
function principalOf(principal: string): Statement['Principal'] {
  if (principal === '*') return '*';
  if (/^[a-z0-9-]+\.amazonaws\.com$/.test(principal)) return { Service: principal };
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:aws:iam::${principal}:root` };
  if (/^arn:[^:]+:(iam|sts)::\d{12}:/.test(principal)) return { AWS: principal };
  throw invalidParameter('The provided principal was invalid. Please check the principal and try again.');
}

function conditionOf({ SourceArn, SourceAccount }: AddPermissionInput): Statement['Condition'] {
  return {
    ...(SourceAccount === undefined ? {} : { StringEquals: { 'AWS:SourceAccount': SourceAccount } }),
    ...(SourceArn === undefined ? {} : { ArnLike: { 'AWS:SourceArn': SourceArn } }),
  };
}

function statementOf(fn: FunctionState, input: AddPermissionInput): Statement {
  const { FunctionName, StatementId, Action, Principal, SourceArn, SourceAccount, RevisionId, ...others } = input;
  if (Object.keys(others).length > 0) {
    throw invalidParameter(`The embedded AWS does not support AddPermission's ${Object.keys(others).join(', ')}.`);
  }
  const condition = conditionOf(input);
  const statement: Statement = {
    Sid: StatementId,
    Effect: 'Allow',
    Principal: principalOf(Principal),
    Action,
    Resource: fn.arn,
  };
  return Object.keys({ ...condition }).length > 0 ? { ...statement, Condition: condition } : statement;
}

const addPermission: Operation<AddPermissionInput> = {
  service: 'lambda',
  name: 'AddPermission',
  mutates: true,
  route: { method: 'POST', path: '/2015-03-31/functions/{FunctionName}/policy', status: 201 },
  access: functionAccess('AddPermission'),
  run({ input, state }) {
    checkStatementId(input.StatementId);
    const fn = findFunction(state, input.FunctionName);
    checkRevision(fn, input.RevisionId, 'GetPolicy');
    if (fn.policy.some(({ Sid }) => Sid === input.StatementId)) {
      throw resourceConflict(
        `The statement id (${input.StatementId}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
      );
    }
    const statement = statementOf(fn, input);
    fn.policy = [...fn.policy, statement];
    // The policy has no revision of its own: it is the function's.
    fn.revisionId = randomUUID();
    return { Statement: JSON.stringify(statement) };
  },
};

const removePermission: Operation<RemovePermissionInput> = {
  service: 'lambda',
  name: 'RemovePermission',
  mutates: true,
  route: {
    method: 'DELETE',
    path: '/2015-03-31/functions/{FunctionName}/policy/{StatementId}',
    query: { RevisionId: 'RevisionId' },
    status: 204,
  },
  access: functionAccess('RemovePermission'),
  run({ input, state }) {
    const fn = findFunction(state, input.FunctionName);
    checkRevision(fn, input.RevisionId, 'GetPolicy');
    const kept = fn.policy.filter(({ Sid }) => Sid !== input.StatementId);
    if (kept.length === fn.policy.length) {
      throw resourceNotFound(`Statement ${input.StatementId} is not found in resource policy.`);
    }
    fn.policy = kept;
    fn.revisionId = randomUUID();
  },
};

const getPolicy: Operation<FunctionInput> = {
  service: 'lambda',
  name: 'GetPolicy',
  mutates: false,
  route: { method: 'GET', path: '/2015-03-31/functions/{FunctionName}/policy' },
  access: functionAccess('GetPolicy'),
  run({ input, state }) {
    const fn = findFunction(state, input.FunctionName);
    if (fn.policy.length === 0) throw resourceNotFound('The resource you requested does not exist.');
    const policy = { Version: '2012-10-17', Id: 'default', Statement: fn.policy };
    return { Policy: JSON.stringify(policy), RevisionId: fn.revisionId };
  },
};

export const permissionOperations: Operation[] = [addPermission, removePermission, getPolicy];
