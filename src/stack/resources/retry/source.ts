/**
 * How events get into the retry queue and out of it: the function's on-failure destination, and the event source mapping by which Lambda runs
 * the function with them again. The rule's target, with its dead-letter queue, is the rule's.
 */
import {
  type EventSourceMappingConfiguration,
  GetFunctionEventInvokeConfigCommand,
  ListEventSourceMappingsCommand,
} from '@aws-sdk/client-lambda';
import { firstFailure, ifExists } from '../../../aws/errors.js';
import { NotYet, until } from '../../../aws/waits.js';
import type { Write } from '../../../aws/writes.js';
import { attention, type Difference, difference, differences, type Entry, unchanged } from '../../../reconcile/plan.js';
import type { Resource } from '../../resource.js';
import type { Names, ReadScope, Scope } from '../../scope.js';
import { isManaged, missingTags, tagDifferences } from '../../tags.js';
import { asynchronous } from '../function/changes.js';
import { creationFailed } from '../function/health.js';
import type { ExistingFunction, FunctionState } from '../function/state.js';
import { ofTheFunction } from './names.js';
import { destinationTag, fromSlotTag, keptSlot, slotTagValue } from './slots.js';

export interface RetrySourceState {
  /** The mappings of the queue, of any function. */
  mappings: EventSourceMappingConfiguration[];
  /** Where Lambda sends records of events that succeeded and that failed: ARNs. */
  onSuccess?: string | undefined;
  onFailure?: string | undefined;
}

/** What its plan depends on. */
interface SourceView {
  retrySource: RetrySourceState | undefined;
  function: FunctionState;
}

const kind = 'event source';
const destinationKind = 'destination';

/**
 * Ten records a batch, without waiting for more; at most two batches at a time, the least that Lambda takes, so that retries don't take
 * the function's concurrency from new mail. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
 */
const desired = {
  BatchSize: 10,
  MaximumBatchingWindowInSeconds: 0,
  FunctionResponseTypes: ['ReportBatchItemFailures' as const],
  ScalingConfig: { MaximumConcurrency: 2 },
};

/** States in which Lambda is changing a mapping to what was asked for. */
const becoming = ['Creating', 'Enabling', 'Updating'];

export const retrySource: Resource<RetrySourceState | undefined, SourceView> = {
  async read(scope) {
    if (!scope.settings.retryQueue) return undefined;
    return until({ ...scope, deadline: 60_000 }, () => readOnce(scope));
  },

  deploy({ retrySource: have, function: { existing } }, scope) {
    if (have === undefined) return [];
    const { names } = scope;
    // The queue is for this function's events only: another function would take them.
    const others = have.mappings.filter((mapping) => !isOwn(mapping, names));
    if (others.length > 0) {
      const functions = others.map(({ FunctionArn }) => FunctionArn).join(', ');
      const note = `the queue ${names.retryQueueName} is an event source of another function, which would take this one's events: ${functions}. Remove that mapping, or deploy with --no-retry-queue`;
      return [{ ...attention(kind, names.retryQueueName, note), blocks: true }];
    }
    // The settings of a function that is created again are gone, and so is its destination.
    const current = creationFailed(existing) ? { mappings: have.mappings } : have;
    return [mappingEntry(current, names), destinationEntry(current, existing?.tags ?? {}, scope)];
  },

  teardown({ retrySource: have, function: { existing } }, { names }) {
    if (have === undefined) return [];
    const own = have.mappings.filter((mapping) => isOwn(mapping, names));
    const entries = own.map(
      ({ UUID }): Entry => ({
        resource: kind,
        name: names.retryQueueName,
        action: 'delete',
        differences: [],
        writes: [{ call: 'lambda:DeleteEventSourceMapping', input: { UUID } }],
      }),
    );
    // DeleteFunction deletes the destination too; of a function that is not managed, it is removed, or is again what it was.
    const stays = existing !== undefined && !isManaged(existing.tags);
    if (stays && have.onFailure === names.retryQueueArn) entries.push(destinationReturned(have, existing, names));
    return entries;
  },

  permissions({ names, settings, identity }) {
    if (!settings.retryQueue) return [];
    const { partition, region, account } = identity;
    // Mappings have IDs for names.
    const mappings = [`arn:${partition}:lambda:${region}:${account}:event-source-mapping:*`];
    const condition = ofTheFunction(names);
    return [
      { for: 'read', actions: ['lambda:ListEventSourceMappings'], resources: ['*'] },
      { for: 'deploy', actions: ['lambda:CreateEventSourceMapping'], resources: ['*'], condition },
      { for: 'deploy', actions: ['lambda:UpdateEventSourceMapping'], resources: mappings, condition },
      { for: 'deploy', actions: ['lambda:PutFunctionEventInvokeConfig'], resources: [names.functionArn] },
      { for: 'teardown', actions: ['lambda:DeleteEventSourceMapping'], resources: mappings, condition },
      {
        for: 'teardown',
        actions: ['lambda:PutFunctionEventInvokeConfig', 'lambda:UntagResource'],
        resources: [names.functionArn],
      },
    ];
  },

  async settle(write, answer, scope) {
    if (!/EventSourceMapping$/.test(write.call)) return;
    const { UUID } = answer as EventSourceMappingConfiguration;
    await until({ ...scope, deadline: 120_000 }, () => settled(scope, UUID));
  },
};

async function listMappings({ aws, names }: ReadScope): Promise<EventSourceMappingConfiguration[]> {
  const command = new ListEventSourceMappingsCommand({ EventSourceArn: names.retryQueueArn });
  const { EventSourceMappings = [] } = (await ifExists(aws.lambda.send(command))) ?? {};
  return EventSourceMappings;
}

async function readOnce(scope: ReadScope): Promise<RetrySourceState | NotYet> {
  const { aws, names } = scope;
  const FunctionName = names.functionName;
  const [mappings, config] = await firstFailure([
    listMappings(scope),
    ifExists(aws.lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName }))),
  ]);
  // Until it is gone, Lambda accepts no other for the same queue and function.
  if (mappings.some(({ State }) => State === 'Deleting'))
    return new NotYet('Lambda to delete the event source mapping');
  const { OnSuccess, OnFailure } = config?.DestinationConfig ?? {};
  return {
    mappings,
    onSuccess: OnSuccess?.Destination,
    onFailure: OnFailure?.Destination,
  };
}

/**
 * Whether Lambda has completed a change of a mapping; one that was deleted is not listed. Listed, not got: a permission that is limited to
 * the function's mappings says nothing of one that no longer exists.
 */
async function settled(scope: ReadScope, UUID: string | undefined): Promise<true | NotYet> {
  const mapping = (await listMappings(scope)).find((each) => each.UUID === UUID);
  return [...becoming, 'Deleting'].includes(String(mapping?.State))
    ? new NotYet('Lambda to complete the change of the event source mapping')
    : true;
}

/** A mapping names the function by its ARN, or by that of a version or an alias of it, which is not this tool's. */
function isOwn({ FunctionArn }: EventSourceMappingConfiguration, { functionArn }: Names): boolean {
  return FunctionArn === functionArn;
}

function lines(mapping: Partial<EventSourceMappingConfiguration>): Record<string, string | undefined> {
  const { State = 'Enabled' } = mapping;
  return {
    state: becoming.includes(State) ? 'Enabled' : State,
    'batch size': mapping.BatchSize?.toString(),
    'batching window': `${mapping.MaximumBatchingWindowInSeconds} s`,
    'response types': mapping.FunctionResponseTypes?.join(', '),
    'maximum concurrency': mapping.ScalingConfig?.MaximumConcurrency?.toString(),
    // Lambda deletes events that a filter does not match.
    filters: mapping.FilterCriteria?.Filters?.length ? 'present' : undefined,
  };
}

function mappingEntry({ mappings: [mapping] }: RetrySourceState, names: Names): Entry {
  const common = { resource: kind, name: names.retryQueueName };
  if (mapping === undefined) {
    const shown = Object.entries(lines(desired)).flatMap(([field, to]) =>
      to === undefined ? [] : [difference(field, undefined, to)],
    );
    const input = { FunctionName: names.functionName, EventSourceArn: names.retryQueueArn, ...desired, Enabled: true };
    return {
      ...common,
      action: 'create',
      differences: shown,
      writes: [{ call: 'lambda:CreateEventSourceMapping', input }],
    };
  }
  const { filters, ...have } = lines(mapping);
  const changed: Difference[] = [
    ...differences(have, lines(desired)),
    ...(filters === undefined ? [] : [difference('filters', filters, undefined)]),
  ];
  if (changed.length === 0) return unchanged(kind, names.retryQueueName);
  const unfiltered = filters === undefined ? {} : { FilterCriteria: {} };
  const input = { UUID: mapping.UUID, ...desired, ...unfiltered, Enabled: true };
  return {
    ...common,
    action: 'update',
    differences: changed,
    writes: [{ call: 'lambda:UpdateEventSourceMapping', input }],
  };
}

function destinationEntry(
  have: RetrySourceState,
  tags: Record<string, string>,
  { names, settings }: Pick<Scope, 'names' | 'settings'>,
): Entry {
  const { onFailure: from } = have;
  const { functionName, retryQueueArn: to } = names;
  if (from === to) return unchanged(destinationKind, functionName);
  const common = { resource: destinationKind, name: functionName };
  const put = putDestination(have, names, to, asynchronous);
  if (from === undefined)
    return { ...common, action: 'create', differences: [difference('on failure', undefined, to)], writes: [put] };
  const value = slotTagValue(from);
  if (!settings.takeRetrySlots || value === undefined)
    return keptSlot({
      ...common,
      what: 'on-failure destination',
      field: 'on failure',
      from,
      to,
      events: 'Events that the function fails on',
    });
  const record = missingTags(tags, { [destinationTag]: value });
  return {
    ...common,
    action: 'update',
    differences: [difference('on failure', from, to), ...tagDifferences(tags, record)],
    writes: [
      // Recorded before it is replaced.
      ...(Object.keys(record).length === 0
        ? []
        : [{ call: 'lambda:TagResource' as const, input: { Resource: names.functionArn, Tags: record } }]),
      put,
    ],
  };
}

/** The destination that others had set, or none. */
function destinationReturned(have: RetrySourceState, { tags, eventInvoke }: ExistingFunction, names: Names): Entry {
  const { functionName, functionArn, retryQueueArn } = names;
  const before = fromSlotTag(tags[destinationTag]);
  const common = { resource: destinationKind, name: functionName };
  const put = putDestination(have, names, before, eventInvoke);
  if (before === undefined) return { ...common, action: 'delete', differences: [], writes: [put] };
  return {
    ...common,
    action: 'update',
    note: 'as it was before --take-retry-slots',
    differences: [
      difference('on failure', retryQueueArn, before),
      difference(`tag ${destinationTag}`, tags[destinationTag], undefined),
    ],
    writes: [put, { call: 'lambda:UntagResource', input: { Resource: functionArn, TagKeys: [destinationTag] } }],
  };
}

/** Put, not Update: there may be no configuration yet, and Update does not remove a destination. It is given everything. */
function putDestination(
  { onSuccess }: RetrySourceState,
  { functionName }: Names,
  onFailure: string | undefined,
  { maximumRetryAttempts, maximumEventAge }: typeof asynchronous,
): Write {
  return {
    call: 'lambda:PutFunctionEventInvokeConfig',
    input: {
      FunctionName: functionName,
      MaximumRetryAttempts: maximumRetryAttempts,
      MaximumEventAgeInSeconds: maximumEventAge,
      DestinationConfig: {
        OnSuccess: onSuccess === undefined ? {} : { Destination: onSuccess },
        OnFailure: onFailure === undefined ? {} : { Destination: onFailure },
      },
    },
  };
}
