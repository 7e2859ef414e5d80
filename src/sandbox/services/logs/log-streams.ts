/**
 * CloudWatch Logs: log streams.
 */
import type { AccountState } from '../../account/state.js';
import type { Access, Operation, OperationCall } from '../../operation.js';
import { tokenPage } from '../pagination.js';
import { findGroup, type GroupInput, groupAccess, groupArn, logsRefusal } from './log-groups.js';

export interface StreamInput extends GroupInput {
  logStreamName: string;
}

export const streamArn = (state: AccountState, group: string, stream: string): string =>
  `${groupArn(state, group)}:log-stream:${stream}`;

export const streamAccess =
  (action: string) =>
  ({ input, state }: OperationCall<StreamInput>): Access[] => [
    { action: `logs:${action}`, resource: streamArn(state, input.logGroupName, input.logStreamName) },
  ];

const createLogStream: Operation<StreamInput> = {
  service: 'logs',
  name: 'CreateLogStream',
  mutates: true,
  access: streamAccess('CreateLogStream'),
  run({ input, state }) {
    const { streams } = findGroup(state, input.logGroupName);
    if (streams.has(input.logStreamName)) {
      throw logsRefusal('ResourceAlreadyExistsException', 'The specified log stream already exists');
    }
    streams.set(input.logStreamName, []);
  },
};

interface DescribeLogStreamsInput extends GroupInput {
  logStreamNamePrefix?: string;
  orderBy?: 'LogStreamName' | 'LastEventTime';
  descending?: boolean;
  nextToken?: string;
  limit?: number;
}

const describeLogStreams: Operation<DescribeLogStreamsInput> = {
  service: 'logs',
  name: 'DescribeLogStreams',
  mutates: false,
  access: groupAccess('DescribeLogStreams'),
  run({ input, state }) {
    const { logGroupName, logStreamNamePrefix = '', orderBy, descending, nextToken, limit = 50 } = input;
    const streams = [...findGroup(state, logGroupName).streams]
      .filter(([name]) => name.startsWith(logStreamNamePrefix))
      .map(([name, events]) => ({
        logStreamName: name,
        arn: streamArn(state, logGroupName, name),
        firstEventTimestamp: events.at(0)?.timestamp,
        lastEventTimestamp: events.at(-1)?.timestamp,
        lastIngestionTime: events.at(-1)?.timestamp,
        // "Deprecated for log streams, and is always reported as zero."
        storedBytes: 0,
      }));
    const key = (stream: (typeof streams)[number]) =>
      orderBy === 'LastEventTime' ? Number(stream.lastEventTimestamp ?? 0) : stream.logStreamName;
    streams.sort((a, b) => (key(a) < key(b) ? -1 : 1) * (descending ? -1 : 1));
    const { items, token } = tokenPage(streams, nextToken, limit, 'InvalidParameterException');
    return { logStreams: items, nextToken: token };
  },
};

export const logStreamOperations: Operation[] = [createLogStream, describeLogStreams];
