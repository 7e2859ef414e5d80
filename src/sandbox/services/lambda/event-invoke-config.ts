/**
 * Lambda: the settings of asynchronous invocation.
 */
import { decide } from '../../access/authorize.js';
import { roleCaller } from '../../access/callers.js';
import type { AccountState, FunctionState } from '../../account/state.js';
import type { Operation } from '../../operation.js';
import { type FunctionInput, findFunction, functionAccess, invalidParameter, resourceNotFound } from './common.js';

interface EventInvokeConfigInput extends FunctionInput {
  MaximumRetryAttempts?: number;
  MaximumEventAgeInSeconds?: number;
  DestinationConfig?: { OnSuccess?: { Destination?: string }; OnFailure?: { Destination?: string } };
}

/** @throws {AwsRefusal} InvalidParameterValueException. https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html */
function checkEventInvokeConfig(input: EventInvokeConfigInput): void {
  const { MaximumRetryAttempts: retries, MaximumEventAgeInSeconds: age, DestinationConfig } = input;
  if (retries === undefined && age === undefined && DestinationConfig === undefined) {
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
  if (DestinationConfig?.OnSuccess?.Destination) {
    throw invalidParameter('The embedded AWS does not support destinations of successful invocations.');
  }
}

/**
 * Lambda accepts a queue as the destination only if the execution role may send to it.
 * @throws {AwsRefusal} InvalidParameterValueException
 */
function checkDestination(state: AccountState, fn: FunctionState, destination: string | undefined): void {
  if (!destination?.includes(':sqs:')) return;
  const role = [...state.iam.roles.values()].find(({ arn }) => arn === fn.roleArn);
  const access = { action: 'sqs:SendMessage', resource: destination };
  if (role && decide(state, roleCaller(state, role), access).allowed) return;
  throw invalidParameter(
    `The function's execution role does not have permissions to call SendMessage on ${destination}`,
  );
}

/** The on-failure destination after a request; an empty one removes it. */
function destinationAfter({ DestinationConfig }: EventInvokeConfigInput, before?: string): string | undefined {
  if (DestinationConfig?.OnFailure === undefined) return before;
  return DestinationConfig.OnFailure.Destination || undefined;
}

/** @throws {AwsRefusal} ResourceNotFoundException */
function findEventInvokeConfig({ arn, eventInvoke }: FunctionState): NonNullable<FunctionState['eventInvoke']> {
  if (eventInvoke !== undefined) return eventInvoke;
  throw resourceNotFound(`The function ${arn}:$LATEST doesn't have an EventInvokeConfig`);
}

function describeEventInvokeConfig(fn: FunctionState) {
  const { modified, maximumRetryAttempts, maximumEventAgeInSeconds, onFailure } = findEventInvokeConfig(fn);
  return {
    LastModified: modified,
    FunctionArn: `${fn.arn}:$LATEST`,
    MaximumRetryAttempts: maximumRetryAttempts,
    MaximumEventAgeInSeconds: maximumEventAgeInSeconds,
    DestinationConfig: { OnSuccess: {}, OnFailure: onFailure === undefined ? {} : { Destination: onFailure } },
  };
}

const eventInvokeConfigPath = '/2019-09-25/functions/{FunctionName}/event-invoke-config';

/** Replaces the whole configuration: omitted settings are removed. */
const putFunctionEventInvokeConfig: Operation<EventInvokeConfigInput> = {
  service: 'lambda',
  name: 'PutFunctionEventInvokeConfig',
  mutates: true,
  route: { method: 'PUT', path: eventInvokeConfigPath },
  access: functionAccess('PutFunctionEventInvokeConfig'),
  run({ input, state }) {
    const fn = findFunction(state, input.FunctionName);
    checkEventInvokeConfig(input);
    const onFailure = destinationAfter(input);
    checkDestination(state, fn, onFailure);
    fn.eventInvoke = {
      onFailure,
      maximumRetryAttempts: input.MaximumRetryAttempts,
      maximumEventAgeInSeconds: input.MaximumEventAgeInSeconds,
      modified: new Date(state.now()),
    };
    return describeEventInvokeConfig(fn);
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
    const { maximumRetryAttempts, maximumEventAgeInSeconds, onFailure: before } = findEventInvokeConfig(fn);
    const onFailure = destinationAfter(input, before);
    checkDestination(state, fn, onFailure);
    fn.eventInvoke = {
      onFailure,
      maximumRetryAttempts: input.MaximumRetryAttempts ?? maximumRetryAttempts,
      maximumEventAgeInSeconds: input.MaximumEventAgeInSeconds ?? maximumEventAgeInSeconds,
      modified: new Date(state.now()),
    };
    return describeEventInvokeConfig(fn);
  },
};

const getFunctionEventInvokeConfig: Operation<FunctionInput> = {
  service: 'lambda',
  name: 'GetFunctionEventInvokeConfig',
  mutates: false,
  route: { method: 'GET', path: eventInvokeConfigPath },
  access: functionAccess('GetFunctionEventInvokeConfig'),
  run: ({ input, state }) => describeEventInvokeConfig(findFunction(state, input.FunctionName)),
};

const deleteFunctionEventInvokeConfig: Operation<FunctionInput> = {
  service: 'lambda',
  name: 'DeleteFunctionEventInvokeConfig',
  mutates: true,
  route: { method: 'DELETE', path: eventInvokeConfigPath, status: 204 },
  access: functionAccess('DeleteFunctionEventInvokeConfig'),
  run({ input, state }) {
    const fn = findFunction(state, input.FunctionName);
    findEventInvokeConfig(fn);
    fn.eventInvoke = undefined;
  },
};

export const eventInvokeConfigOperations: Operation[] = [
  putFunctionEventInvokeConfig,
  updateFunctionEventInvokeConfig,
  getFunctionEventInvokeConfig,
  deleteFunctionEventInvokeConfig,
];
