/**
 * Lambda: event source mappings, of SQS's queues only.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
import { randomUUID } from 'node:crypto';
import { decide } from '../../access/authorize.js';
import { roleCaller } from '../../access/callers.js';
import type { EventSourceMapping } from '../../account/queues.js';
import type { AccountState, FunctionState } from '../../account/state.js';
import { milliseconds, queueOf } from '../../delivery/queue.js';
import type { Access, Operation, OperationCall } from '../../operation.js';
import { type MarkerInput, markerPage } from '../pagination.js';
import {
  checkTags,
  findFunction,
  functionArn,
  functionName,
  invalidParameter,
  lambdaRefusal,
  resourceConflict,
  resourceNotFound,
} from './common.js';

interface Settings {
  FunctionName?: string;
  Enabled?: boolean;
  BatchSize?: number;
  MaximumBatchingWindowInSeconds?: number;
  FunctionResponseTypes?: string[];
  ScalingConfig?: { MaximumConcurrency?: number };
}

interface CreateInput extends Settings {
  FunctionName: string;
  EventSourceArn?: string;
  Tags?: Record<string, string>;
}

interface MappingInput {
  UUID: string;
}

const members = [
  ...['FunctionName', 'EventSourceArn', 'UUID', 'Enabled', 'BatchSize', 'MaximumBatchingWindowInSeconds'],
  ...['FunctionResponseTypes', 'ScalingConfig'],
];

/** What the execution role must be allowed to do with the queue. */
const needed = ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'];

/** @throws {AwsRefusal} InvalidParameterValueException */
function checkSettings(input: Settings, batchSize: number, window: number): void {
  const unknown = Object.keys(input).filter((member) => !members.includes(member));
  if (unknown.length > 0) {
    throw invalidParameter(`The embedded AWS does not support ${unknown.join(', ')} of an event source mapping.`);
  }
  const inRange = (value: number, least: number, most: number) => value >= least && value <= most;
  if (!inRange(batchSize, 1, 10_000)) throw invalidParameter('Batch size must be between 1 and 10000.');
  if (!inRange(window, 0, 300)) throw invalidParameter('Maximum batch window must be between 0 and 300 seconds.');
  if (batchSize > 10 && window < 1) {
    throw invalidParameter(
      'Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10',
    );
  }
  const { MaximumConcurrency: concurrency } = input.ScalingConfig ?? {};
  if (concurrency !== undefined && !inRange(concurrency, 2, 1000)) {
    throw invalidParameter('MaximumConcurrency must be between 2 and 1000.');
  }
  if ((input.FunctionResponseTypes ?? []).some((type) => type !== 'ReportBatchItemFailures')) {
    throw invalidParameter('FunctionResponseTypes must be ReportBatchItemFailures.');
  }
}

/** What Lambda looks at when a mapping is created or updated: the role's permissions and the queue. @throws {AwsRefusal} */
function checkQueue(state: AccountState, fn: FunctionState, arn: string): void {
  const role = [...state.iam.roles.values()].find((each) => each.arn === fn.roleArn);
  for (const action of needed) {
    if (role && decide(state, roleCaller(state, role), { action: `sqs:${action}`, resource: arn }).allowed) continue;
    throw invalidParameter(`The function execution role does not have permissions to call ${action} on SQS`);
  }
  const queue = queueOf(state, arn);
  if (queue === undefined) {
    throw invalidParameter(
      'Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist.',
    );
  }
  const visibility = milliseconds(queue, 'VisibilityTimeout') / 1000;
  if (visibility < fn.timeout) {
    throw invalidParameter(
      `Queue visibility timeout: ${visibility} seconds is less than Function timeout: ${fn.timeout} seconds`,
    );
  }
}

/** Completes a change when its time has come. */
function settle(state: AccountState, mapping: EventSourceMapping): void {
  if (mapping.change === undefined || mapping.settlesAt > state.now()) return;
  if (mapping.change === 'Deleting') state.lambda.mappings.delete(mapping.id);
  mapping.change = undefined;
}

/** The mappings that exist, by their ids. */
export function mappingsOf(state: AccountState): EventSourceMapping[] {
  for (const mapping of [...state.lambda.mappings.values()]) settle(state, mapping);
  return [...state.lambda.mappings.values()];
}

/** @throws {AwsRefusal} ResourceNotFoundException */
export function findMapping(state: AccountState, { UUID }: MappingInput): EventSourceMapping {
  const mapping = mappingsOf(state).find(({ id }) => id === UUID);
  if (mapping === undefined) throw resourceNotFound('The resource you requested does not exist.');
  return mapping;
}

/** @throws {AwsRefusal} ResourceInUseException while a change is in progress */
function findIdle(state: AccountState, input: MappingInput, verb: string): EventSourceMapping {
  const mapping = findMapping(state, input);
  if (mapping.change === undefined) return mapping;
  const message = `Cannot ${verb} the event source mapping because it is in use.`;
  throw lambdaRefusal('ResourceInUseException', message, 400);
}

function startChange(state: AccountState, mapping: EventSourceMapping, change: string): void {
  mapping.change = change;
  mapping.modified = new Date(state.now());
  mapping.settlesAt = state.now() + state.delays.eventSourceMapping;
  setTimeout(() => state.pollQueue(mapping.queueArn), state.delays.eventSourceMapping).unref();
}

function describe(state: AccountState, mapping: EventSourceMapping) {
  const { id, arn, queueArn, batchSize, batchingWindow, maximumConcurrency, responseTypes, modified } = mapping;
  return {
    UUID: id,
    EventSourceMappingArn: arn,
    EventSourceArn: queueArn,
    FunctionArn: functionArn(state, mapping.functionName),
    BatchSize: batchSize,
    MaximumBatchingWindowInSeconds: batchingWindow,
    FunctionResponseTypes: responseTypes,
    ScalingConfig: maximumConcurrency === undefined ? undefined : { MaximumConcurrency: maximumConcurrency },
    LastModified: modified,
    State: mapping.change ?? (mapping.enabled ? 'Enabled' : 'Disabled'),
    StateTransitionReason: 'USER_INITIATED',
  };
}

const arnOf = ({ partition, region, account }: AccountState, id: string): string =>
  `arn:${partition}:lambda:${region}:${account}:event-source-mapping:${id}`;

const path = '/2015-03-31/event-source-mappings';

/** An operation on one mapping; the function is a condition key. */
const mappingAccess =
  (action: string) =>
  ({ input, state }: OperationCall<MappingInput>): Access[] => {
    const { functionName: name = '' } = state.lambda.mappings.get(input.UUID) ?? {};
    const context = { 'lambda:FunctionArn': functionArn(state, name) };
    return [{ action: `lambda:${action}`, resource: arnOf(state, input.UUID), context }];
  };

const createEventSourceMapping: Operation<CreateInput> = {
  service: 'lambda',
  name: 'CreateEventSourceMapping',
  mutates: true,
  route: { method: 'POST', path, status: 202 },
  access: ({ input, state }) => {
    const context = { 'lambda:FunctionArn': functionArn(state, functionName(input.FunctionName)) };
    const create = { action: 'lambda:CreateEventSourceMapping', resource: '*', context };
    return input.Tags === undefined
      ? [create]
      : [create, { action: 'lambda:TagResource', resource: arnOf(state, '*') }];
  },
  run({ input: { Tags: tags = {}, ...input }, state }) {
    const { EventSourceArn: queueArn = '', BatchSize: batchSize = 10, ScalingConfig: scaling } = input;
    const { MaximumBatchingWindowInSeconds: batchingWindow = 0, FunctionResponseTypes: responseTypes = [] } = input;
    checkSettings(input, batchSize, batchingWindow);
    checkTags(tags);
    if (queueArn.split(':')[2] !== 'sqs') {
      throw invalidParameter(`The embedded AWS supports queues of SQS as event sources only, not ${queueArn}.`);
    }
    const fn = findFunction(state, input.FunctionName);
    const same = mappingsOf(state).find((each) => each.queueArn === queueArn && each.functionName === fn.name);
    if (same) {
      throw resourceConflict(
        `An event source mapping with SQS arn (" ${queueArn} ") and function (" ${fn.name} ") already exists. Please update or delete the existing mapping with UUID ${same.id}`,
      );
    }
    checkQueue(state, fn, queueArn);
    const id = randomUUID();
    const mapping: EventSourceMapping = {
      id,
      arn: arnOf(state, id),
      functionName: fn.name,
      queueArn,
      batchSize,
      batchingWindow,
      maximumConcurrency: scaling?.MaximumConcurrency,
      responseTypes,
      enabled: input.Enabled ?? true,
      settlesAt: 0,
      modified: new Date(0),
      tags: new Map(Object.entries(tags)),
    };
    startChange(state, mapping, 'Creating');
    state.lambda.mappings.set(id, mapping);
    return describe(state, mapping);
  },
};

const updateEventSourceMapping: Operation<MappingInput & Settings> = {
  service: 'lambda',
  name: 'UpdateEventSourceMapping',
  mutates: true,
  route: { method: 'PUT', path: `${path}/{UUID}`, status: 202 },
  access: mappingAccess('UpdateEventSourceMapping'),
  run({ input, state }) {
    const mapping = findIdle(state, input, 'update');
    const { BatchSize = mapping.batchSize, MaximumBatchingWindowInSeconds = mapping.batchingWindow } = input;
    checkSettings(input, BatchSize, MaximumBatchingWindowInSeconds);
    const fn = findFunction(state, input.FunctionName ?? mapping.functionName);
    checkQueue(state, fn, mapping.queueArn);
    Object.assign(mapping, {
      functionName: fn.name,
      batchSize: BatchSize,
      batchingWindow: MaximumBatchingWindowInSeconds,
      enabled: input.Enabled ?? mapping.enabled,
      responseTypes: input.FunctionResponseTypes ?? mapping.responseTypes,
      // An empty ScalingConfig removes the limit.
      maximumConcurrency: input.ScalingConfig ? input.ScalingConfig.MaximumConcurrency : mapping.maximumConcurrency,
    });
    startChange(state, mapping, 'Updating');
    return describe(state, mapping);
  },
};

const getEventSourceMapping: Operation<MappingInput> = {
  service: 'lambda',
  name: 'GetEventSourceMapping',
  mutates: false,
  route: { method: 'GET', path: `${path}/{UUID}` },
  access: mappingAccess('GetEventSourceMapping'),
  run: ({ input, state }) => describe(state, findMapping(state, input)),
};

const deleteEventSourceMapping: Operation<MappingInput> = {
  service: 'lambda',
  name: 'DeleteEventSourceMapping',
  mutates: true,
  route: { method: 'DELETE', path: `${path}/{UUID}`, status: 202 },
  access: mappingAccess('DeleteEventSourceMapping'),
  run({ input, state }) {
    const mapping = findIdle(state, input, 'delete');
    startChange(state, mapping, 'Deleting');
    return describe(state, mapping);
  },
};

const listEventSourceMappings: Operation<MarkerInput & { FunctionName?: string; EventSourceArn?: string }> = {
  service: 'lambda',
  name: 'ListEventSourceMappings',
  mutates: false,
  route: {
    method: 'GET',
    path,
    query: { FunctionName: 'FunctionName', EventSourceArn: 'EventSourceArn', Marker: 'Marker', MaxItems: 'MaxItems' },
  },
  access: () => [{ action: 'lambda:ListEventSourceMappings', resource: '*' }],
  run({ input, state }) {
    const { FunctionName: name, EventSourceArn: arn } = input;
    const found = mappingsOf(state).filter(
      (mapping) =>
        (name === undefined || mapping.functionName === functionName(name)) &&
        (arn === undefined || mapping.queueArn === arn),
    );
    const { EventSourceMappings, Marker } = markerPage('EventSourceMappings', found, input);
    return {
      EventSourceMappings: (EventSourceMappings as EventSourceMapping[]).map((each) => describe(state, each)),
      NextMarker: Marker,
    };
  },
};

export const eventSourceMappingOperations: Operation[] = [
  createEventSourceMapping,
  updateEventSourceMapping,
  getEventSourceMapping,
  deleteEventSourceMapping,
  listEventSourceMappings,
];
