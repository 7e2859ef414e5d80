/**
 * CloudWatch Logs: log streams and the events in them.
 */

import type { AccountState, LogGroup } from '../../account/state.js';
import type { Access, Operation, OperationCall } from '../../operation.js';
import { page } from '../page.js';
import { findGroup, groupAccess, groupArn, logsRefusal, type NamesGroup } from './groups.js';

interface NamesStream extends NamesGroup {
  logStreamName: string;
}

interface LogEvent {
  timestamp: number;
  message: string;
}

/** A span of event times, milliseconds since 1970. */
interface Span {
  startTime?: number;
  endTime?: number;
}

export const streamArn = (state: AccountState, group: string, stream: string): string =>
  `${groupArn(state, group)}:log-stream:${stream}`;

const streamAccess =
  (action: string) =>
  ({ input, state }: OperationCall<NamesStream>): Access[] => [
    { action: `logs:${action}`, resource: streamArn(state, input.logGroupName, input.logStreamName) },
  ];

/** @throws {AwsRefusal} ResourceNotFoundException */
function findStream(group: LogGroup, name: string): LogEvent[] {
  const stream = group.streams.get(name);
  if (stream === undefined) throw logsRefusal('ResourceNotFoundException', 'The specified log stream does not exist.');
  return stream;
}

/**
 * The events of a span.
 * @param last whether an event at `endTime` itself is one: for FilterLogEvents it is, for GetLogEvents it isn't.
 *   https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
 *   https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
 */
function within(
  events: LogEvent[],
  { startTime = 0, endTime = Number.POSITIVE_INFINITY }: Span,
  last: 'with the last' | 'without the last',
): LogEvent[] {
  const end = last === 'with the last' ? endTime + 1 : endTime;
  return events.filter(({ timestamp }) => timestamp >= startTime && timestamp < end);
}

const createLogStream: Operation<NamesStream> = {
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

const putLogEvents: Operation<NamesStream & { logEvents: LogEvent[] }> = {
  service: 'logs',
  name: 'PutLogEvents',
  mutates: true,
  access: streamAccess('PutLogEvents'),
  run({ input, state }) {
    const stream = findStream(findGroup(state, input.logGroupName), input.logStreamName);
    const { logEvents } = input;
    if (logEvents.some(({ timestamp }, index) => timestamp < Number(logEvents[index - 1]?.timestamp ?? 0))) {
      const message = 'Log events in a single PutLogEvents request must be in chronological order.';
      throw logsRefusal('InvalidParameterException', message);
    }
    stream.push(...logEvents);
    return { nextSequenceToken: String(stream.length) };
  },
};

interface DescribeLogStreamsInput extends NamesGroup {
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
    const { items, token } = page(streams, nextToken, limit, 'InvalidParameterException');
    return { logStreams: items, nextToken: token };
  },
};

interface GetLogEventsInput extends NamesStream, Span {
  nextToken?: string;
  limit?: number;
  startFromHead?: boolean;
}

/** At the end of the stream the same token comes back: that is how a reader knows that there is no more for now. */
const getLogEvents: Operation<GetLogEventsInput> = {
  service: 'logs',
  name: 'GetLogEvents',
  mutates: false,
  access: streamAccess('GetLogEvents'),
  run({ input, state }) {
    const { limit = 10_000, startFromHead = false } = input;
    const stream = findStream(findGroup(state, input.logGroupName), input.logStreamName);
    const events = within(stream, input, 'without the last');
    const first = startFromHead ? 0 : Math.max(0, events.length - limit);
    const [, direction, position] = /^([fb])\/(\d+)$/.exec(input.nextToken ?? `f/${first}`) ?? [];
    if (direction === undefined) {
      throw logsRefusal('InvalidParameterException', 'The specified nextToken is invalid.');
    }
    const from = direction === 'f' ? Number(position) : Math.max(0, Number(position) - limit);
    const to = direction === 'f' ? Math.min(events.length, from + limit) : Number(position);
    return {
      events: events.slice(from, to).map((event) => ({ ...event, ingestionTime: event.timestamp })),
      nextForwardToken: `f/${to}`,
      nextBackwardToken: `b/${from}`,
    };
  },
};

interface FilterLogEventsInput extends NamesGroup, Span {
  logStreamNames?: string[];
  logStreamNamePrefix?: string;
  filterPattern?: string;
  nextToken?: string;
  limit?: number;
}

const filterLogEvents: Operation<FilterLogEventsInput> = {
  service: 'logs',
  name: 'FilterLogEvents',
  mutates: false,
  access: groupAccess('FilterLogEvents'),
  run({ input, state }) {
    const { logStreamNames, logStreamNamePrefix = '', filterPattern, nextToken, limit = 10_000 } = input;
    if (filterPattern) {
      throw logsRefusal(
        'InvalidParameterException',
        `The embedded AWS does not emulate filterPattern: ${filterPattern}`,
      );
    }
    const events = [...findGroup(state, input.logGroupName).streams]
      .filter(([name]) => name.startsWith(logStreamNamePrefix) && (logStreamNames?.includes(name) ?? true))
      .flatMap(([name, stream]) =>
        within(stream, input, 'with the last').map(({ timestamp, message }, index) => ({
          logStreamName: name,
          timestamp,
          message,
          ingestionTime: timestamp,
          eventId: `${name}:${index}`,
        })),
      )
      .sort((a, b) => a.timestamp - b.timestamp);
    const { items, token } = page(events, nextToken, limit, 'InvalidParameterException');
    return { events: items, searchedLogStreams: [], nextToken: token };
  },
};

export const streamOperations: Operation[] = [
  createLogStream,
  putLogEvents,
  describeLogStreams,
  getLogEvents,
  filterLogEvents,
];
