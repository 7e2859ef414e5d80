/**
 * Lambda: a function's configuration. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
import { Runtime } from '@aws-sdk/client-lambda';
import { decide } from '../../access/authorize.js';
import { serviceCaller } from '../../access/callers.js';
import type { AccountState, FunctionState, LoggingConfig, Role } from '../../account/state.js';
import type { AwsRefusal, Caller, Operation } from '../../operation.js';
import {
  checkNoUpdate,
  checkRevision,
  type FunctionInput,
  findFunction,
  functionAccess,
  invalidParameter,
  keepPrevious,
  passRoleAccess,
  startUpdate,
  validation,
} from './common.js';
import {
  type ConnectedResourcesInput,
  checkRolePermissions,
  connectedAfter,
  connectedMembers,
  describeConnected,
} from './connected-resources.js';

/** The part of a function's configuration that CreateFunction and UpdateFunctionConfiguration both set. */
export interface ConfigurationInput extends ConnectedResourcesInput {
  Role?: string;
  Runtime?: string;
  Handler?: string;
  Description?: string;
  MemorySize?: number;
  Timeout?: number;
  Environment?: { Variables?: Record<string, string> };
  LoggingConfig?: LoggingConfig;
}

const members = [
  ...['Role', 'Runtime', 'Handler', 'Description', 'MemorySize', 'Timeout', 'Environment', 'LoggingConfig'],
  ...connectedMembers,
];

/** Keys that the runtime sets itself. https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const reserved =
  /^(_HANDLER|_X_AMZN_TRACE_ID|AWS_(DEFAULT_)?REGION|AWS_(ACCESS_KEY(_ID)?|SECRET_ACCESS_KEY|SESSION_TOKEN)|AWS_EXECUTION_ENV|AWS_LAMBDA_.*|LAMBDA_(TASK_ROOT|RUNTIME_DIR))$/;

/** Node.js runtimes that functions can no longer be created with. https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html#runtimes-deprecated */
const retired = /^nodejs(4\.3(-edge)?|6\.10|8\.10|1[0246]\.x)?$/;

const environmentLimit = 4096;

interface ConfigurationCheck {
  fails(input: ConfigurationInput): boolean;
  refusal(input: ConfigurationInput): AwsRefusal;
}

const outside = (value: number | undefined, least: number, most: number): boolean =>
  value !== undefined && (value < least || value > most);

/** The bound that a value exceeds. */
const boundOf = (value: number | undefined, least: number, most: number): string =>
  Number(value) < least ? `have value greater than or equal to ${least}` : `have value less than or equal to ${most}`;

const reservedKeys = ({ Environment }: ConfigurationInput): string[] =>
  Object.keys(Environment?.Variables ?? {}).filter((key) => reserved.test(key));

const environmentText = ({ Environment }: ConfigurationInput): string => JSON.stringify(Environment?.Variables ?? {});

const checks: ConfigurationCheck[] = [
  {
    fails: ({ Runtime: runtime }) => runtime !== undefined && !Object.values<string>(Runtime).includes(runtime),
    refusal: ({ Runtime: runtime }) =>
      invalidParameter(
        `Value ${runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [${Object.values(Runtime).join(', ')}] or be a valid ARN`,
      ),
  },
  {
    fails: ({ Runtime: runtime = '' }) => retired.test(runtime),
    refusal: ({ Runtime: runtime }) =>
      invalidParameter(
        `The runtime parameter of ${runtime} is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.`,
      ),
  },
  {
    fails: ({ Handler }) => Handler !== undefined && !/^[^\s]{1,128}$/.test(Handler),
    refusal: ({ Handler }) => validation('handler', Handler, 'satisfy regular expression pattern: [^\\s]+'),
  },
  {
    fails: ({ MemorySize }) => outside(MemorySize, 128, 10240),
    refusal: ({ MemorySize }) => validation('memorySize', MemorySize, boundOf(MemorySize, 128, 10240)),
  },
  {
    fails: ({ Timeout }) => outside(Timeout, 1, 900),
    refusal: ({ Timeout }) => validation('timeout', Timeout, boundOf(Timeout, 1, 900)),
  },
  {
    fails: (input) => reservedKeys(input).length > 0,
    refusal: (input) =>
      invalidParameter(
        'Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. ' +
          `Reserved keys used in this request: ${reservedKeys(input).join(', ')}`,
      ),
  },
  {
    fails: (input) => Buffer.byteLength(environmentText(input)) > environmentLimit,
    refusal: (input) =>
      invalidParameter(
        'Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. ' +
          `String measured: ${environmentText(input)}`,
      ),
  },
  {
    fails: ({ LoggingConfig = {} }) =>
      LoggingConfig.LogFormat !== 'JSON' &&
      (LoggingConfig.ApplicationLogLevel !== undefined || LoggingConfig.SystemLogLevel !== undefined),
    refusal: () => invalidParameter('To set ApplicationLogLevel or SystemLogLevel, LogFormat has to be JSON.'),
  },
];

/**
 * Refuses what Lambda refuses, and what this emulation does not have: it never takes a setting that it then ignores.
 *
 * @param others Members that the operation knows beside those of the configuration.
 * @throws {AwsRefusal} ValidationException for what the API's model does not allow; InvalidParameterValueException
 */
export function checkConfiguration(input: ConfigurationInput, others: string[]): void {
  const unknown = Object.keys(input).filter((member) => !members.includes(member) && !others.includes(member));
  if (unknown.length > 0) {
    throw invalidParameter(`The embedded AWS does not support ${unknown.join(', ')}: leave it out.`);
  }
  for (const { fails, refusal } of checks) {
    if (fails(input)) throw refusal(input);
  }
}

/**
 * The role that Lambda is to assume.
 * @throws {AwsRefusal} InvalidParameterValueException while the role is not there, too new, or does not trust Lambda
 */
export function assumableRole(state: AccountState, roleArn: string): Role {
  const role = [...state.iam.roles.values()].find(({ arn }) => arn === roleArn);
  const old = role !== undefined && role.created.getTime() + state.delays.roleAssumable <= state.now();
  const access = { action: 'sts:AssumeRole', resource: roleArn };
  if (!old || !decide(state, serviceCaller('lambda.amazonaws.com'), access).allowed) {
    throw invalidParameter('The role defined for the function cannot be assumed by Lambda.');
  }
  return role;
}

/** The group a function logs to. */
export const logGroupOf = (fn: FunctionState): string => fn.logging?.LogGroup ?? `/aws/lambda/${fn.name}`;

/** The log settings after a request. Text has no levels. */
export function loggingAfter(fn: Pick<FunctionState, 'logging'>, input: LoggingConfig | undefined): LoggingConfig {
  const { ApplicationLogLevel, SystemLogLevel, ...after } = { ...fn.logging, ...input };
  if (after.LogFormat !== 'JSON') return after;
  return { ...after, ApplicationLogLevel: ApplicationLogLevel ?? 'INFO', SystemLogLevel: SystemLogLevel ?? 'INFO' };
}

/** While the function is Pending there is no last update; while an update is in progress, Lambda's reason reads as for a creation. */
function progress({ state, lastUpdate, failure }: FunctionState) {
  const reason = 'The function is being created.';
  if (state === 'Pending') return { State: state, StateReason: reason, StateReasonCode: 'Creating' };
  if (state === 'Failed') return { State: state, StateReason: failure?.reason, StateReasonCode: failure?.code };
  const idle = { StateReason: 'The function is idle.', StateReasonCode: 'Idle' };
  const now = { State: state, ...(state === 'Inactive' ? idle : {}), LastUpdateStatus: lastUpdate };
  if (lastUpdate === 'Successful') return now;
  const [code, why] = lastUpdate === 'Failed' ? [failure?.code, failure?.reason] : ['Creating', reason];
  return { ...now, LastUpdateStatusReason: why, LastUpdateStatusReasonCode: code };
}

/** Whether a caller may have a function's environment decrypted. */
export function mayDecrypt(state: AccountState, caller: Caller, { connected }: FunctionState): boolean {
  const resource = connected.kmsKey;
  return resource === undefined || decide(state, caller, { action: 'kms:Decrypt', resource }).allowed;
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_EnvironmentResponse.html */
function describeEnvironment({ environment }: FunctionState, decrypted: boolean) {
  if (Object.keys(environment).length === 0) return undefined;
  if (decrypted) return { Variables: environment };
  const Message =
    'Lambda was unable to decrypt your environment variables because the KMS access was denied. Please check your KMS permissions.';
  return { Error: { ErrorCode: 'AccessDeniedException', Message } };
}

/**
 * A function's configuration as Lambda answers with it. https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
 *
 * @param decrypted Whether the caller may have the environment decrypted.
 */
export function describeFunction(fn: FunctionState, decrypted: boolean) {
  return {
    FunctionName: fn.name,
    FunctionArn: fn.arn,
    ...(fn.packageType === undefined ? { Runtime: fn.runtime, Handler: fn.handler } : {}),
    Role: fn.roleArn,
    CodeSize: fn.zip.length,
    Description: fn.description,
    Timeout: fn.timeout,
    MemorySize: fn.memory,
    LastModified: fn.modified.toISOString().replace('Z', '+0000'),
    CodeSha256: fn.codeSha256,
    Version: '$LATEST',
    Environment: describeEnvironment(fn, decrypted),
    RevisionId: fn.revisionId,
    ...progress(fn),
    PackageType: fn.packageType ?? 'Zip',
    Architectures: fn.architectures,
    EphemeralStorage: { Size: 512 },
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    LoggingConfig: { LogFormat: 'Text', ...fn.logging, LogGroup: logGroupOf(fn) },
    ...describeConnected(fn.connected),
  };
}

interface UpdateFunctionConfigurationInput extends FunctionInput, ConfigurationInput {
  RevisionId?: string;
}

const getFunctionConfiguration: Operation<FunctionInput> = {
  service: 'lambda',
  name: 'GetFunctionConfiguration',
  mutates: false,
  route: { method: 'GET', path: '/2015-03-31/functions/{FunctionName}/configuration' },
  access: functionAccess('GetFunctionConfiguration'),
  run({ input, state, caller }) {
    const fn = findFunction(state, input.FunctionName);
    return describeFunction(fn, mayDecrypt(state, caller, fn));
  },
};

const updateFunctionConfiguration: Operation<UpdateFunctionConfigurationInput> = {
  service: 'lambda',
  name: 'UpdateFunctionConfiguration',
  mutates: true,
  route: { method: 'PUT', path: '/2015-03-31/functions/{FunctionName}/configuration' },
  access: (call) => [...functionAccess('UpdateFunctionConfiguration')(call), ...passRoleAccess(call.input.Role)],
  run({ input, state, caller }) {
    const fn = findFunction(state, input.FunctionName);
    checkConfiguration(input, ['FunctionName', 'RevisionId']);
    if (fn.packageType === 'Image' && (input.Runtime ?? input.Handler) !== undefined)
      throw invalidParameter(
        "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image",
      );
    checkNoUpdate(fn);
    checkRevision(fn, input.RevisionId, 'GetFunction/GetAlias');
    const role = input.Role === undefined ? undefined : assumableRole(state, input.Role);
    const connected = connectedAfter(fn, input);
    if (role !== undefined) checkRolePermissions(state, role, connected);
    keepPrevious(fn);
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
    fn.logging = loggingAfter(fn, input.LoggingConfig);
    fn.connected = connected;
    startUpdate(state, fn);
    return describeFunction(fn, mayDecrypt(state, caller, fn));
  },
};

export const functionConfigurationOperations: Operation[] = [getFunctionConfiguration, updateFunctionConfiguration];
