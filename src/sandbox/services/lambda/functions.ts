/**
 * Lambda: functions and their code.
 */
import { createHash } from 'node:crypto';
import { fromBufferPromise } from 'yauzl';
import { decide } from '../../access/authorize.js';
import type { AccountState, FunctionState } from '../../account/state.js';
import type { Access, Operation, OperationCall } from '../../operation.js';
import {
  checkNoUpdate,
  checkRevision,
  checkTags,
  type FunctionInput,
  findFunction,
  functionAccess,
  functionArn,
  functionName,
  invalidParameter,
  keepPrevious,
  passRoleAccess,
  resourceConflict,
  startUpdate,
  validation,
} from './common.js';
import { checkRolePermissions, connectedAfter } from './connected-resources.js';
import {
  assumableRole,
  type ConfigurationInput,
  checkConfiguration,
  describeFunction,
  loggingAfter,
  mayDecrypt,
} from './function-configuration.js';

interface CreateFunctionInput extends FunctionInput, ConfigurationInput {
  Role: string;
  /** With `ZipFile` in base64. */
  Code: { ZipFile?: string; ImageUri?: string };
  PackageType?: string;
  Architectures?: string[];
  Tags?: Record<string, string>;
}

interface UpdateFunctionCodeInput extends FunctionInput {
  /** In base64. */
  ZipFile?: string;
  Architectures?: string[];
  RevisionId?: string;
}

const createAccess = ({ input, state }: OperationCall<CreateFunctionInput>): Access[] => {
  const resource = functionArn(state, functionName(input.FunctionName));
  const tagging = input.Tags === undefined ? [] : [{ action: 'lambda:TagResource', resource }];
  return [{ action: 'lambda:CreateFunction', resource }, ...tagging, ...passRoleAccess(input.Role)];
};

/**
 * The bytes of a ZipFile.
 * @param zipFile Base64, as it is on the wire.
 * @throws {AwsRefusal} InvalidParameterValueException for what is no zip
 */
async function zipOf(zipFile: string | undefined): Promise<Pick<FunctionState, 'zip' | 'codeSha256'>> {
  if (zipFile === undefined) {
    throw invalidParameter(
      'The embedded AWS takes code as ZipFile only: it does not support code from S3 or an image.',
    );
  }
  const zip = Buffer.from(zipFile, 'base64');
  await fromBufferPromise(zip).catch(() => {
    throw invalidParameter('Could not unzip uploaded file. Please check your file, then try to upload again.');
  });
  return { zip, codeSha256: createHash('sha256').update(zip).digest('base64') };
}

/** A container image is described only. @throws {AwsRefusal} InvalidParameterValueException without one */
function imageOf(uri: string | undefined): Pick<FunctionState, 'zip' | 'codeSha256'> {
  if (uri === undefined)
    throw invalidParameter('Please provide ImageUri when creating a function with packageType Image.');
  return { zip: Buffer.alloc(0), codeSha256: createHash('sha256').update(uri).digest('hex') };
}

/** @throws {AwsRefusal} ValidationException for an architecture that Lambda does not have; InvalidParameterValueException for one that the region does not have */
function checkArchitectures({ region, lambda }: AccountState, architectures: string[]): string[] {
  const [architecture = '', ...others] = architectures;
  if (others.length > 0 || !['x86_64', 'arm64'].includes(architecture)) {
    const value = `[${architectures.join(', ')}]`;
    throw validation('architectures', value, 'satisfy enum value set: [x86_64, arm64]');
  }
  if (architecture === 'arm64' && lambda.withoutArm === true) {
    // https://github.com/reply-fr/sustainable-personal-accounts/issues/53
    throw invalidParameter(
      `Architecture "arm64" is not supported in ${region}. Please select "x86_64" or remove the Architectures value from your request and try again`,
    );
  }
  return architectures;
}

const createFunction: Operation<CreateFunctionInput> = {
  service: 'lambda',
  name: 'CreateFunction',
  mutates: true,
  route: { method: 'POST', path: '/2015-03-31/functions', status: 201 },
  access: createAccess,
  async run({ input, state, caller }) {
    // First, because it is asynchronous: everything after it runs without interruption.
    const image = input.PackageType === 'Image';
    const code = image ? imageOf(input.Code.ImageUri) : await zipOf(input.Code.ZipFile);
    const name = functionName(input.FunctionName);
    if (state.lambda.functions.has(name)) throw resourceConflict(`Function already exist: ${name}`);
    checkConfiguration(input, ['FunctionName', 'Code', 'Architectures', 'Tags', 'PackageType']);
    checkTags(input.Tags);
    if (image && (input.Runtime ?? input.Handler) !== undefined)
      throw invalidParameter(
        "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image",
      );
    const { Runtime: runtime = '', Handler: handler = '' } = input;
    if (!image && (runtime === '' || handler === '')) {
      throw invalidParameter(
        'Runtime and Handler are mandatory parameters for functions created with deployment packages.',
      );
    }
    const architectures = checkArchitectures(state, input.Architectures ?? ['x86_64']);
    const role = assumableRole(state, input.Role);
    const connected = connectedAfter({ connected: {} }, input);
    checkRolePermissions(state, role, connected);
    const fn: FunctionState = {
      name,
      arn: functionArn(state, name),
      roleArn: role.arn,
      boundRoleId: role.id,
      runtime,
      handler,
      ...(image && { packageType: 'Image' }),
      architectures,
      description: input.Description ?? '',
      memory: input.MemorySize ?? 128,
      timeout: input.Timeout ?? 3,
      environment: input.Environment?.Variables ?? {},
      ...code,
      logging: loggingAfter({}, input.LoggingConfig),
      connected,
      revisionId: '',
      modified: new Date(0),
      state: 'Pending',
      lastUpdate: 'InProgress',
      settlesAt: 0,
      policy: [],
      tags: new Map(Object.entries(input.Tags ?? {})),
    };
    startUpdate(state, fn);
    state.lambda.functions.set(name, fn);
    return describeFunction(fn, mayDecrypt(state, caller, fn));
  },
};

const getFunction: Operation<FunctionInput> = {
  service: 'lambda',
  name: 'GetFunction',
  mutates: false,
  route: { method: 'GET', path: '/2015-03-31/functions/{FunctionName}' },
  access: functionAccess('GetFunction'),
  run({ input, state, caller, sourceIp }) {
    const fn = findFunction(state, input.FunctionName);
    // A caller who may not list tags gets the reason instead of the tags.
    const action = 'lambda:ListTags';
    const mayListTags = decide(state, caller, { action, resource: fn.arn }, sourceIp).allowed;
    const denied = `User: ${caller.principal.arn} is not authorized to perform: ${action} on resource: ${fn.arn}`;
    return {
      Configuration: describeFunction(fn, mayDecrypt(state, caller, fn)),
      Code: { RepositoryType: 'S3', Location: `${state.endpoint}/functions/${fn.name}` },
      Tags: mayListTags && fn.tags.size > 0 ? Object.fromEntries(fn.tags) : undefined,
      TagsError: mayListTags ? undefined : { ErrorCode: 'AccessDeniedException', Message: denied },
      Concurrency:
        fn.reservedConcurrency === undefined ? undefined : { ReservedConcurrentExecutions: fn.reservedConcurrency },
    };
  },
};

const updateFunctionCode: Operation<UpdateFunctionCodeInput> = {
  service: 'lambda',
  name: 'UpdateFunctionCode',
  mutates: true,
  route: { method: 'PUT', path: '/2015-03-31/functions/{FunctionName}/code' },
  access: functionAccess('UpdateFunctionCode'),
  async run({ input, state, caller }) {
    const { ZipFile, Architectures, RevisionId, FunctionName, ...others } = input;
    const code = await zipOf(ZipFile);
    const fn = findFunction(state, FunctionName);
    checkConfiguration(others, []);
    if (fn.packageType === 'Image')
      throw invalidParameter('Please provide ImageUri when updating a function with packageType Image.');
    checkNoUpdate(fn);
    checkRevision(fn, RevisionId, 'GetFunction/GetAlias');
    keepPrevious(fn);
    Object.assign(fn, code, { architectures: checkArchitectures(state, Architectures ?? fn.architectures) });
    startUpdate(state, fn);
    return describeFunction(fn, mayDecrypt(state, caller, fn));
  },
};

const deleteFunction: Operation<FunctionInput> = {
  service: 'lambda',
  name: 'DeleteFunction',
  mutates: true,
  route: { method: 'DELETE', path: '/2015-03-31/functions/{FunctionName}', status: 204 },
  access: functionAccess('DeleteFunction'),
  run({ input, state }) {
    state.lambda.functions.delete(findFunction(state, input.FunctionName).name);
  },
};

export const functionOperations: Operation[] = [createFunction, getFunction, updateFunctionCode, deleteFunction];
