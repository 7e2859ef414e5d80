/**
 * CloudWatch Logs: the events of log streams.
 */
import type { LogGroup } from '../../account/state.js';
import type { Operation } from '../../operation.js';
import { tokenPage } from '../pagination.js';
import { findGroup, type GroupInput, groupAccess, logsRefusal } from './log-groups.js';
import { type StreamInput, streamAccess } from './log-streams.js';

interface LogEvent {
  timestamp: number;
  message: string;
}

/** A span of event times, milliseconds since 1970. */
interface Span {
  startTime?: number;
  endTime?: number;
}

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
function eventsWithin<Event extends LogEvent>(
  events: Event[],
  { startTime = 0, endTime = Number.POSITIVE_INFINITY }: Span,
  last: 'with the last' | 'without the last',
): Event[] {
  const end = last === 'with the last' ? endTime + 1 : endTime;
  return events.filter(({ timestamp }) => timestamp >= startTime && timestamp < end);
}

const putLogEvents: Operation<StreamInput & { logEvents: LogEvent[] }> = {
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

interface GetLogEventsInput extends StreamInput, Span {
  nextToken?: string;
  limit?: number;
  startFromHead?: boolean;
}

/** At the end of the stream the same token is returned, so that a reader knows it has everything. */
const getLogEvents: Operation<GetLogEventsInput> = {
  service: 'logs',
  name: 'GetLogEvents',
  mutates: false,
  access: streamAccess('GetLogEvents'),
  run({ input, state }) {
    const { limit = 10_000, startFromHead = false } = input;
    const stream = findStream(findGroup(state, input.logGroupName), input.logStreamName);
    const events = eventsWithin(stream, input, 'without the last');
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

interface FilterLogEventsInput extends GroupInput, Span {
  logStreamNames?: string[];
  logStreamNamePrefix?: string;
  filterPattern?: string;
  nextToken?: string;
  limit?: number;
}

/**
 * The term of a pattern that is one term in quotes; of no pattern, the empty term, which each message contains.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 * @throws {AwsRefusal} InvalidParameterException for any other pattern
 */
function termOf(pattern: string): string {
  const [, term] = /^(?:"([a-z0-9]+)")?$/i.exec(pattern) ?? [pattern, null];
  if (term === null) {
    throw logsRefusal('InvalidParameterException', `The embedded AWS does not support filterPattern: ${pattern}`);
  }
  return term ?? '';
}

const filterLogEvents: Operation<FilterLogEventsInput> = {
  service: 'logs',
  name: 'FilterLogEvents',
  mutates: false,
  access: groupAccess('FilterLogEvents'),
  run({ input, state }) {
    const { logStreamNames, logStreamNamePrefix = '', filterPattern = '', nextToken, limit = 10_000 } = input;
    const term = termOf(filterPattern);
    const events = [...findGroup(state, input.logGroupName).streams]
      .filter(([name]) => name.startsWith(logStreamNamePrefix) && (logStreamNames?.includes(name) ?? true))
      .flatMap(([name, stream]) =>
        // An event keeps its id, whichever others are asked for.
        eventsWithin(
          stream.map((event, index) => ({ ...event, eventId: `${name}:${index}` })),
          input,
          'with the last',
        ).map((event) => ({ ...event, logStreamName: name, ingestionTime: event.timestamp })),
      )
      .filter(({ message }) => message.includes(term))
      .sort((a, b) => a.timestamp - b.timestamp);
    const { items, token } = tokenPage(events, nextToken, limit, 'InvalidParameterException');
    return { events: items, searchedLogStreams: [], nextToken: token };
  },
};

export const logEventOperations: Operation[] = [putLogEvents, getLogEvents, filterLogEvents];
