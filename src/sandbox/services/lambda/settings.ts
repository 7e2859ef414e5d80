/**
 * What stands beside a function's configuration: asynchronous invocation, concurrency, tags, and the account's limits.
 */

import type { AccountState, FunctionState } from '../../account/state.js';
import type { Access, Operation, OperationCall } from '../../operation.js';
import { findFunction, functionAccess, invalidParameter, type NamesFunction, resourceNotFound } from './find.js';

interface EventInvokeConfigInput extends NamesFunction {
  MaximumRetryAttempts?: number;
  MaximumEventAgeInSeconds?: number;
  DestinationConfig?: { OnSuccess?: object; OnFailure?: object };
}

/** @throws {AwsRefusal} InvalidParameterValueException. https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html */
function checkEventInvokeConfig(input: EventInvokeConfigInput): void {
  const { MaximumRetryAttempts: retries, MaximumEventAgeInSeconds: age, DestinationConfig } = input;
  if (retries === undefined && age === undefined) {
    throw invalidParameter('You must specify at least one of error handling or destination setting.');
  }
  if (retries !== undefined && ![0, 1, 2].includes(retries)) {
    throw invalidParameter(
      `Value '${retries}' at 'maximumRetryAttempts' failed to satisfy constraint: Member must have value between 0 and 2`,
    );
  }
  if (age !== undefined && (age < 60 || age > 21_600)) {
    throw invalidParameter(
      `Value '${age}' at 'maximumEventAgeInSeconds' failed to satisfy constraint: Member must have value between 60 and 21600`,
    );
  }
  if (Object.values(DestinationConfig ?? {}).some((destination) => Object.keys(destination).length > 0)) {
    throw invalidParameter('The embedded AWS does not emulate destinations of asynchronous invocations.');
  }
}

function shownEventInvokeConfig(fn: FunctionState) {
  if (fn.eventInvoke === undefined) {
    throw resourceNotFound(`The function ${fn.arn}:$LATEST doesn't have an EventInvokeConfig`);
  }
  return {
    LastModified: fn.eventInvoke.modified,
    FunctionArn: `${fn.arn}:$LATEST`,
    MaximumRetryAttempts: fn.eventInvoke.maximumRetryAttempts,
    MaximumEventAgeInSeconds: fn.eventInvoke.maximumEventAgeInSeconds,
    DestinationConfig: { OnSuccess: {}, OnFailure: {} },
  };
}

const eventInvokeConfigPath = '/2019-09-25/functions/{FunctionName}/event-invoke-config';

/** Replaces the whole of it: what is not given is gone. */
const putFunctionEventInvokeConfig: Operation<EventInvokeConfigInput> = {
  service: 'lambda',
  name: 'PutFunctionEventInvokeConfig',
  mutates: true,
  route: { method: 'PUT', path: eventInvokeConfigPath },
  access: functionAccess('PutFunctionEventInvokeConfig'),
  run({ input, state }) {
    const fn = findFunction(state, input.FunctionName);
    checkEventInvokeConfig(input);
    fn.eventInvoke = {
      maximumRetryAttempts: input.MaximumRetryAttempts,
      maximumEventAgeInSeconds: input.MaximumEventAgeInSeconds,
      modified: new Date(state.now()),
    };
    return shownEventInvokeConfig(fn);
  },
};

/** Changes what is given and keeps the rest. https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionEventInvokeConfig.html */
const updateFunctionEventInvokeConfig: Operation<EventInvokeConfigInput> = {
  service: 'lambda',
  name: 'UpdateFunctionEventInvokeConfig',
  mutates: true,
  route: { method: 'POST', path: eventInvokeConfigPath },
  access: functionAccess('UpdateFunctionEventInvokeConfig'),
  run({ input, state }) {
    const fn = findFunction(state, input.FunctionName);
    checkEventInvokeConfig(input);
    const { MaximumRetryAttempts, MaximumEventAgeInSeconds } = shownEventInvokeConfig(fn);
    fn.eventInvoke = {
      maximumRetryAttempts: input.MaximumRetryAttempts ?? MaximumRetryAttempts,
      maximumEventAgeInSeconds: input.MaximumEventAgeInSeconds ?? MaximumEventAgeInSeconds,
      modified: new Date(state.now()),
    };
    return shownEventInvokeConfig(fn);
  },
};

const getFunctionEventInvokeConfig: Operation<NamesFunction> = {
  service: 'lambda',
  name: 'GetFunctionEventInvokeConfig',
  mutates: false,
  route: { method: 'GET', path: eventInvokeConfigPath },
  access: functionAccess('GetFunctionEventInvokeConfig'),
  run: ({ input, state }) => shownEventInvokeConfig(findFunction(state, input.FunctionName)),
};

const deleteFunctionEventInvokeConfig: Operation<NamesFunction> = {
  service: 'lambda',
  name: 'DeleteFunctionEventInvokeConfig',
  mutates: true,
  route: { method: 'DELETE', path: eventInvokeConfigPath, status: 204 },
  access: functionAccess('DeleteFunctionEventInvokeConfig'),
  run({ input, state }) {
    const fn = findFunction(state, input.FunctionName);
    shownEventInvokeConfig(fn);
    fn.eventInvoke = undefined;
  },
};

interface PutFunctionConcurrencyInput extends NamesFunction {
  ReservedConcurrentExecutions: number;
}

function reservedBy(functions: Iterable<FunctionState>): number {
  return [...functions].reduce((sum, { reservedConcurrency = 0 }) => sum + reservedConcurrency, 0);
}

const putFunctionConcurrency: Operation<PutFunctionConcurrencyInput> = {
  service: 'lambda',
  name: 'PutFunctionConcurrency',
  mutates: true,
  route: { method: 'PUT', path: '/2017-10-31/functions/{FunctionName}/concurrency' },
  access: functionAccess('PutFunctionConcurrency'),
  run({ input, state }) {
    const fn = findFunction(state, input.FunctionName);
    const { functions, concurrencyLimit } = state.lambda;
    const others = reservedBy([...functions.values()].filter((other) => other !== fn));
    // 100 must stay for the functions that reserve nothing; an account whose quota is smaller can reserve nothing at all.
    const minimum = Math.min(100, concurrencyLimit);
    if (concurrencyLimit - others - input.ReservedConcurrentExecutions < minimum) {
      throw invalidParameter(
        `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${minimum}].`,
      );
    }
    fn.reservedConcurrency = input.ReservedConcurrentExecutions;
    return { ReservedConcurrentExecutions: fn.reservedConcurrency };
  },
};

const getFunctionConcurrency: Operation<NamesFunction> = {
  service: 'lambda',
  name: 'GetFunctionConcurrency',
  mutates: false,
  route: { method: 'GET', path: '/2019-09-30/functions/{FunctionName}/concurrency' },
  access: functionAccess('GetFunctionConcurrency'),
  run: ({ input, state }) => ({
    ReservedConcurrentExecutions: findFunction(state, input.FunctionName).reservedConcurrency,
  }),
};

const deleteFunctionConcurrency: Operation<NamesFunction> = {
  service: 'lambda',
  name: 'DeleteFunctionConcurrency',
  mutates: true,
  route: { method: 'DELETE', path: '/2017-10-31/functions/{FunctionName}/concurrency', status: 204 },
  access: functionAccess('DeleteFunctionConcurrency'),
  run({ input, state }) {
    findFunction(state, input.FunctionName).reservedConcurrency = undefined;
  },
};

/** https://docs.aws.amazon.com/lambda/latest/api/API_AccountLimit.html */
const getAccountSettings: Operation<object> = {
  service: 'lambda',
  name: 'GetAccountSettings',
  mutates: false,
  route: { method: 'GET', path: '/2016-08-19/account-settings' },
  access: () => [{ action: 'lambda:GetAccountSettings', resource: '*' }],
  run({ state }) {
    const functions = [...state.lambda.functions.values()];
    return {
      AccountLimit: {
        TotalCodeSize: 80_530_636_800,
        CodeSizeUnzipped: 262_144_000,
        CodeSizeZipped: 52_428_800,
        ConcurrentExecutions: state.lambda.concurrencyLimit,
        UnreservedConcurrentExecutions: state.lambda.concurrencyLimit - reservedBy(functions),
      },
      AccountUsage: {
        TotalCodeSize: functions.reduce((sum, { zip }) => sum + zip.length, 0),
        FunctionCount: functions.length,
      },
    };
  },
};

interface NamesResource {
  /** The function's ARN. */
  Resource: string;
}

const resourceAccess =
  (action: string) =>
  ({ input }: OperationCall<NamesResource>): Access[] => [{ action: `lambda:${action}`, resource: input.Resource }];

const tagsPath = '/2017-03-31/tags/{Resource}';

const tagged = (state: AccountState, { Resource }: NamesResource) => findFunction(state, Resource);

const tagResource: Operation<NamesResource & { Tags: Record<string, string> }> = {
  service: 'lambda',
  name: 'TagResource',
  mutates: true,
  route: { method: 'POST', path: tagsPath, status: 204 },
  access: resourceAccess('TagResource'),
  run({ input, state }) {
    const { tags } = tagged(state, input);
    for (const [key, value] of Object.entries(input.Tags)) tags.set(key, value);
  },
};

const untagResource: Operation<NamesResource & { TagKeys: string[] }> = {
  service: 'lambda',
  name: 'UntagResource',
  mutates: true,
  route: { method: 'DELETE', path: tagsPath, query: { tagKeys: 'TagKeys[]' }, status: 204 },
  access: resourceAccess('UntagResource'),
  run({ input, state }) {
    const { tags } = tagged(state, input);
    for (const key of input.TagKeys) tags.delete(key);
  },
};

const listTags: Operation<NamesResource> = {
  service: 'lambda',
  name: 'ListTags',
  mutates: false,
  route: { method: 'GET', path: tagsPath },
  access: resourceAccess('ListTags'),
  run: ({ input, state }) => ({ Tags: Object.fromEntries(tagged(state, input).tags) }),
};

export const settingOperations: Operation[] = [
  putFunctionEventInvokeConfig,
  updateFunctionEventInvokeConfig,
  getFunctionEventInvokeConfig,
  deleteFunctionEventInvokeConfig,
  putFunctionConcurrency,
  getFunctionConcurrency,
  deleteFunctionConcurrency,
  getAccountSettings,
  tagResource,
  untagResource,
  listTags,
];
