/**
 * CloudWatch Logs: log groups, how long they keep what is in them, and their tags.
 */

import type { AccountState, LogGroup } from '../../account/state.js';
import { type Access, AwsRefusal, type Operation, type OperationCall } from '../../operation.js';
import { page } from '../page.js';

export interface NamesGroup {
  logGroupName: string;
}

/** A group's ARN as tagging has it; most other places write `:*` after it. */
export const groupArn = (state: AccountState, name: string): string =>
  `arn:${state.partition}:logs:${state.region}:${state.account}:log-group:${name}`;

export const logsRefusal = (code: string, message: string): AwsRefusal => new AwsRefusal(code, message);

/** @throws {AwsRefusal} ResourceNotFoundException */
export function findGroup(state: AccountState, name: string): LogGroup {
  const group = state.logs.groups.get(name);
  if (group === undefined) throw logsRefusal('ResourceNotFoundException', 'The specified log group does not exist.');
  return group;
}

/** Puts a new, empty group into the account. */
export function makeGroup(state: AccountState, name: string, tags: Record<string, string> = {}): LogGroup {
  const group: LogGroup = {
    name,
    arn: groupArn(state, name),
    created: new Date(state.now()),
    streams: new Map(),
    tags: new Map(Object.entries(tags)),
  };
  state.logs.groups.set(name, group);
  return group;
}

/**
 * What an operation on a group asks of its caller. Policies name groups by `…:log-group:<name>:*`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
 */
export const groupAccess =
  (action: string) =>
  ({ input, state }: OperationCall<NamesGroup>): Access[] => [
    { action: `logs:${action}`, resource: `${groupArn(state, input.logGroupName)}:*` },
  ];

interface CreateLogGroupInput extends NamesGroup {
  tags?: Record<string, string>;
}

const createLogGroup: Operation<CreateLogGroupInput> = {
  service: 'logs',
  name: 'CreateLogGroup',
  mutates: true,
  access: (call) => [
    ...groupAccess('CreateLogGroup')(call),
    ...(call.input.tags === undefined
      ? []
      : [{ action: 'logs:TagResource', resource: groupArn(call.state, call.input.logGroupName) }]),
  ],
  run({ input, state }) {
    const { logGroupName, tags, ...others } = input;
    if (Object.keys(others).length > 0) {
      const names = Object.keys(others).join(', ');
      throw logsRefusal('InvalidParameterException', `The embedded AWS does not emulate CreateLogGroup's ${names}.`);
    }
    if (!/^[.\-_/#A-Za-z0-9]{1,512}$/.test(logGroupName)) {
      const message = `1 validation error detected: Value '${logGroupName}' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+`;
      throw logsRefusal('InvalidParameterException', message);
    }
    if (state.logs.groups.has(logGroupName)) {
      throw logsRefusal('ResourceAlreadyExistsException', 'The specified log group already exists');
    }
    makeGroup(state, logGroupName, tags);
  },
};

const deleteLogGroup: Operation<NamesGroup> = {
  service: 'logs',
  name: 'DeleteLogGroup',
  mutates: true,
  access: groupAccess('DeleteLogGroup'),
  run({ input, state }) {
    state.logs.groups.delete(findGroup(state, input.logGroupName).name);
  },
};

const bytesIn = (group: LogGroup): number =>
  [...group.streams.values()].flat().reduce((sum, { message }) => sum + Buffer.byteLength(message) + 26, 0);

interface DescribeLogGroupsInput {
  logGroupNamePrefix?: string;
  nextToken?: string;
  limit?: number;
}

const describeLogGroups: Operation<DescribeLogGroupsInput> = {
  service: 'logs',
  name: 'DescribeLogGroups',
  mutates: false,
  // Whatever prefix is asked for: https://github.com/hashicorp/terraform-provider-aws/issues/8804
  access: ({ state }) => [{ action: 'logs:DescribeLogGroups', resource: `${groupArn(state, '')}:log-stream:` }],
  run({ input, state }) {
    const { logGroupNamePrefix = '', nextToken, limit = 50, ...others } = input;
    if (Object.keys(others).length > 0) {
      const names = Object.keys(others).join(', ');
      throw logsRefusal('InvalidParameterException', `The embedded AWS does not emulate DescribeLogGroups' ${names}.`);
    }
    const groups = [...state.logs.groups.values()]
      .filter(({ name }) => name.startsWith(logGroupNamePrefix))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const { items, token } = page(groups, nextToken, limit, 'InvalidParameterException');
    return {
      logGroups: items.map((group) => ({
        logGroupName: group.name,
        creationTime: group.created.getTime(),
        retentionInDays: group.retentionDays,
        metricFilterCount: 0,
        arn: `${group.arn}:*`,
        logGroupArn: group.arn,
        logGroupClass: 'STANDARD',
        storedBytes: bytesIn(group),
      })),
      nextToken: token,
    };
  },
};

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const retentions = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const putRetentionPolicy: Operation<NamesGroup & { retentionInDays: number }> = {
  service: 'logs',
  name: 'PutRetentionPolicy',
  mutates: true,
  access: groupAccess('PutRetentionPolicy'),
  run({ input, state }) {
    const { retentionInDays } = input;
    if (!retentions.includes(retentionInDays)) {
      const message = `1 validation error detected: Value '${retentionInDays}' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [${retentions.join(', ')}]`;
      throw logsRefusal('InvalidParameterException', message);
    }
    findGroup(state, input.logGroupName).retentionDays = retentionInDays;
  },
};

const deleteRetentionPolicy: Operation<NamesGroup> = {
  service: 'logs',
  name: 'DeleteRetentionPolicy',
  mutates: true,
  access: groupAccess('DeleteRetentionPolicy'),
  run({ input, state }) {
    findGroup(state, input.logGroupName).retentionDays = undefined;
  },
};

interface NamesResource {
  resourceArn: string;
}

const tagAccess =
  (action: string) =>
  ({ input }: OperationCall<NamesResource>): Access[] => [{ action: `logs:${action}`, resource: input.resourceArn }];

/** The group that tagging means: its ARN comes without `:*`. */
const tagged = (state: AccountState, { resourceArn }: NamesResource): LogGroup =>
  findGroup(state, resourceArn.replace(/^.*:log-group:/, ''));

const tagResource: Operation<NamesResource & { tags: Record<string, string> }> = {
  service: 'logs',
  name: 'TagResource',
  mutates: true,
  access: tagAccess('TagResource'),
  run({ input, state }) {
    const { tags } = tagged(state, input);
    for (const [key, value] of Object.entries(input.tags)) tags.set(key, value);
  },
};

const untagResource: Operation<NamesResource & { tagKeys: string[] }> = {
  service: 'logs',
  name: 'UntagResource',
  mutates: true,
  access: tagAccess('UntagResource'),
  run({ input, state }) {
    const { tags } = tagged(state, input);
    for (const key of input.tagKeys) tags.delete(key);
  },
};

const listTagsForResource: Operation<NamesResource> = {
  service: 'logs',
  name: 'ListTagsForResource',
  mutates: false,
  access: tagAccess('ListTagsForResource'),
  run: ({ input, state }) => ({ tags: Object.fromEntries(tagged(state, input).tags) }),
};

export const groupOperations: Operation[] = [
  createLogGroup,
  deleteLogGroup,
  describeLogGroups,
  putRetentionPolicy,
  deleteRetentionPolicy,
  tagResource,
  untagResource,
  listTagsForResource,
];
