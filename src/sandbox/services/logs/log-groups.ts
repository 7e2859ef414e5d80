/**
 * CloudWatch Logs: log groups.
 */
import type { AccountState, LogGroup } from '../../account/state.js';
import { type Access, AwsRefusal, type Operation, type OperationCall } from '../../operation.js';
import { tokenPage } from '../pagination.js';
import { checkTagKeys, tagRules } from '../tags.js';

export interface GroupInput {
  logGroupName: string;
}

/** A group's ARN as in tagging; most others end in `:*`. */
export const groupArn = (state: AccountState, name: string): string =>
  `arn:${state.partition}:logs:${state.region}:${state.account}:log-group:${name}`;

export const logsRefusal = (code: string, message: string): AwsRefusal => new AwsRefusal(code, message);

/** @throws {AwsRefusal} InvalidParameterException for a reserved key */
export function checkTags(tags: Record<string, string> = {}): void {
  checkTagKeys(
    Object.keys(tags),
    tagRules((message) => logsRefusal('InvalidParameterException', message)),
  );
}

/** @throws {AwsRefusal} ResourceNotFoundException */
export function findGroup(state: AccountState, name: string): LogGroup {
  const group = state.logs.groups.get(name);
  if (group === undefined) throw logsRefusal('ResourceNotFoundException', 'The specified log group does not exist.');
  return group;
}

/** Adds a new, empty group to the account. */
export function addGroup(state: AccountState, name: string, tags: Record<string, string> = {}): LogGroup {
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
  ({ input, state }: OperationCall<GroupInput>): Access[] => [
    { action: `logs:${action}`, resource: `${groupArn(state, input.logGroupName)}:*` },
  ];

interface CreateLogGroupInput extends GroupInput {
  tags?: Record<string, string>;
  logGroupClass?: string;
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
    const { logGroupName, tags, logGroupClass = 'STANDARD', ...others } = input;
    if (Object.keys(others).length > 0) {
      const names = Object.keys(others).join(', ');
      throw logsRefusal('InvalidParameterException', `The embedded AWS does not support CreateLogGroup's ${names}.`);
    }
    if (!/^[.\-_/#A-Za-z0-9]{1,512}$/.test(logGroupName)) {
      const message = `1 validation error detected: Value '${logGroupName}' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+`;
      throw logsRefusal('InvalidParameterException', message);
    }
    if (state.logs.groups.has(logGroupName)) {
      throw logsRefusal('ResourceAlreadyExistsException', 'The specified log group already exists');
    }
    if (!['STANDARD', 'INFREQUENT_ACCESS', 'DELIVERY'].includes(logGroupClass)) {
      const message = `1 validation error detected: Value '${logGroupClass}' at 'logGroupClass' failed to satisfy constraint: Member must satisfy enum value set: [STANDARD, INFREQUENT_ACCESS, DELIVERY]`;
      throw logsRefusal('InvalidParameterException', message);
    }
    checkTags(tags);
    const group = addGroup(state, logGroupName, tags);
    if (logGroupClass !== 'STANDARD') group.logClass = logGroupClass;
  },
};

const deleteLogGroup: Operation<GroupInput> = {
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
      throw logsRefusal('InvalidParameterException', `The embedded AWS does not support DescribeLogGroups' ${names}.`);
    }
    const groups = [...state.logs.groups.values()]
      .filter(({ name }) => name.startsWith(logGroupNamePrefix))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const { items, token } = tokenPage(groups, nextToken, limit, 'InvalidParameterException');
    return {
      logGroups: items.map((group) => ({
        logGroupName: group.name,
        creationTime: group.created.getTime(),
        retentionInDays: group.retentionDays,
        metricFilterCount: 0,
        arn: `${group.arn}:*`,
        logGroupArn: group.arn,
        logGroupClass: group.logClass ?? 'STANDARD',
        storedBytes: bytesIn(group),
      })),
      nextToken: token,
    };
  },
};

export const logGroupOperations: Operation[] = [createLogGroup, deleteLogGroup, describeLogGroups];
