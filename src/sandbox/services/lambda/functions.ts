/**
 * Lambda's operations on a function itself: its creation, its code, its configuration, its end.
 */
import { randomUUID } from 'node:crypto';
import { decide } from '../../access/authorize.js';
import type { AccountState, FunctionState } from '../../account/state.js';
import type { Access, Operation, OperationCall } from '../../operation.js';
import {
  assumableRole,
  type ConfigurationInput,
  checkArchitectures,
  checkConfiguration,
  shown,
  zipOf,
} from './configuration.js';
import {
  checkNotPending,
  checkRevision,
  findFunction,
  functionAccess,
  functionArn,
  functionName,
  invalidParameter,
  type NamesFunction,
  resourceConflict,
} from './find.js';

interface CreateFunctionInput extends NamesFunction, ConfigurationInput {
  Role: string;
  /** With `ZipFile` in base64. */
  Code: { ZipFile?: string };
  Architectures?: string[];
  Tags?: Record<string, string>;
}

interface UpdateFunctionConfigurationInput extends NamesFunction, ConfigurationInput {
  RevisionId?: string;
}

interface UpdateFunctionCodeInput extends NamesFunction {
  /** In base64. */
  ZipFile?: string;
  Architectures?: string[];
  RevisionId?: string;
}

/** Who gives a function a role must be allowed to pass it. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html */
function passRole(role: string | undefined): Access[] {
  if (role === undefined) return [];
  return [{ action: 'iam:PassRole', resource: role, context: { 'iam:PassedToService': 'lambda.amazonaws.com' } }];
}

const createAccess = ({ input, state }: OperationCall<CreateFunctionInput>): Access[] => {
  const resource = functionArn(state, functionName(input.FunctionName));
  const tagging = input.Tags === undefined ? [] : [{ action: 'lambda:TagResource', resource }];
  return [{ action: 'lambda:CreateFunction', resource }, ...tagging, ...passRole(input.Role)];
};

/** @throws {AwsRefusal} ResourceConflictException while a creation or an update is under way */
function checkIdle(fn: FunctionState): void {
  checkNotPending(fn);
  if (fn.lastUpdate === 'InProgress') {
    throw resourceConflict(
      `The operation cannot be performed at this time. An update is in progress for resource: ${fn.arn}`,
    );
  }
}

/** A change of code or configuration: a new revision, and an update that takes its time. */
function changed(state: AccountState, fn: FunctionState): void {
  fn.revisionId = randomUUID();
  fn.modified = new Date(state.now());
  fn.lastUpdate = 'InProgress';
  fn.settlesAt = state.now() + state.delays.functionUpdate;
}

const createFunction: Operation<CreateFunctionInput> = {
  service: 'lambda',
  name: 'CreateFunction',
  mutates: true,
  route: { method: 'POST', path: '/2015-03-31/functions', status: 201 },
  access: createAccess,
  async run({ input, state }) {
    // First, since it takes its time: from here on nobody else can come in between.
    const code = await zipOf(input.Code.ZipFile);
    const name = functionName(input.FunctionName);
    if (state.lambda.functions.has(name)) throw resourceConflict(`Function already exist: ${name}`);
    checkConfiguration(input, ['FunctionName', 'Code', 'Architectures', 'Tags', 'PackageType']);
    if (input.Runtime === undefined || input.Handler === undefined) {
      throw invalidParameter(
        'Runtime and Handler are mandatory parameters for functions created with deployment packages.',
      );
    }
    const architectures = checkArchitectures(input.Architectures ?? ['x86_64']);
    const role = assumableRole(state, input.Role);
    const fn: FunctionState = {
      name,
      arn: functionArn(state, name),
      roleArn: role.arn,
      boundRoleId: role.id,
      runtime: input.Runtime,
      handler: input.Handler,
      architectures,
      description: input.Description ?? '',
      memory: input.MemorySize ?? 128,
      timeout: input.Timeout ?? 3,
      environment: input.Environment?.Variables ?? {},
      ...code,
      logGroup: input.LoggingConfig?.LogGroup,
      revisionId: '',
      modified: new Date(0),
      state: 'Pending',
      lastUpdate: 'InProgress',
      settlesAt: 0,
      policy: [],
      tags: new Map(Object.entries(input.Tags ?? {})),
    };
    changed(state, fn);
    state.lambda.functions.set(name, fn);
    return shown(fn);
  },
};

const getFunction: Operation<NamesFunction> = {
  service: 'lambda',
  name: 'GetFunction',
  mutates: false,
  route: { method: 'GET', path: '/2015-03-31/functions/{FunctionName}' },
  access: functionAccess('GetFunction'),
  run({ input, state, caller, sourceIp }) {
    const fn = findFunction(state, input.FunctionName);
    // Tags are shown to a caller who may list them; any other is told why they are missing.
    const action = 'lambda:ListTags';
    const mayListTags = decide(state, caller, { action, resource: fn.arn }, sourceIp).allowed;
    const denied = `User: ${caller.principal.arn} is not authorized to perform: ${action} on resource: ${fn.arn}`;
    return {
      Configuration: shown(fn),
      Code: { RepositoryType: 'S3', Location: `${state.endpoint}/functions/${fn.name}` },
      Tags: mayListTags && fn.tags.size > 0 ? Object.fromEntries(fn.tags) : undefined,
      TagsError: mayListTags ? undefined : { ErrorCode: 'AccessDeniedException', Message: denied },
      Concurrency:
        fn.reservedConcurrency === undefined ? undefined : { ReservedConcurrentExecutions: fn.reservedConcurrency },
    };
  },
};

const getFunctionConfiguration: Operation<NamesFunction> = {
  service: 'lambda',
  name: 'GetFunctionConfiguration',
  mutates: false,
  route: { method: 'GET', path: '/2015-03-31/functions/{FunctionName}/configuration' },
  access: functionAccess('GetFunctionConfiguration'),
  run: ({ input, state }) => shown(findFunction(state, input.FunctionName)),
};

const updateFunctionCode: Operation<UpdateFunctionCodeInput> = {
  service: 'lambda',
  name: 'UpdateFunctionCode',
  mutates: true,
  route: { method: 'PUT', path: '/2015-03-31/functions/{FunctionName}/code' },
  access: functionAccess('UpdateFunctionCode'),
  async run({ input, state }) {
    const { ZipFile, Architectures, RevisionId, FunctionName, ...others } = input;
    const code = await zipOf(ZipFile);
    const fn = findFunction(state, FunctionName);
    checkConfiguration(others, []);
    checkIdle(fn);
    checkRevision(fn, RevisionId, 'GetFunction/GetAlias');
    Object.assign(fn, code, { architectures: checkArchitectures(Architectures ?? fn.architectures) });
    changed(state, fn);
    return shown(fn);
  },
};

const updateFunctionConfiguration: Operation<UpdateFunctionConfigurationInput> = {
  service: 'lambda',
  name: 'UpdateFunctionConfiguration',
  mutates: true,
  route: { method: 'PUT', path: '/2015-03-31/functions/{FunctionName}/configuration' },
  access: (call) => [...functionAccess('UpdateFunctionConfiguration')(call), ...passRole(call.input.Role)],
  run({ input, state }) {
    const fn = findFunction(state, input.FunctionName);
    checkConfiguration(input, ['FunctionName', 'RevisionId']);
    checkIdle(fn);
    checkRevision(fn, input.RevisionId, 'GetFunction/GetAlias');
    const role = input.Role === undefined ? undefined : assumableRole(state, input.Role);
    // Lambda makes its grant on the environment's key anew only when the role changes: naming the role that it has already
    // changes nothing. https://repost.aws/knowledge-center/lambda-kmsaccessdeniedexception-errors
    if (role !== undefined && role.arn !== fn.roleArn) {
      fn.roleArn = role.arn;
      fn.boundRoleId = role.id;
    }
    fn.runtime = input.Runtime ?? fn.runtime;
    fn.handler = input.Handler ?? fn.handler;
    fn.description = input.Description ?? fn.description;
    fn.memory = input.MemorySize ?? fn.memory;
    fn.timeout = input.Timeout ?? fn.timeout;
    // Given without variables, the environment is emptied.
    fn.environment = input.Environment ? (input.Environment.Variables ?? {}) : fn.environment;
    fn.logGroup = input.LoggingConfig?.LogGroup ?? fn.logGroup;
    changed(state, fn);
    return shown(fn);
  },
};

const deleteFunction: Operation<NamesFunction> = {
  service: 'lambda',
  name: 'DeleteFunction',
  mutates: true,
  route: { method: 'DELETE', path: '/2015-03-31/functions/{FunctionName}', status: 204 },
  access: functionAccess('DeleteFunction'),
  run({ input, state }) {
    state.lambda.functions.delete(findFunction(state, input.FunctionName).name);
  },
};

export const functionOperations: Operation[] = [
  createFunction,
  getFunction,
  getFunctionConfiguration,
  updateFunctionCode,
  updateFunctionConfiguration,
  deleteFunction,
];
