import {
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  type DescribeLogStreamsCommandInput,
  FilterLogEventsCommand,
  type FilterLogEventsCommandInput,
  GetLogEventsCommand,
  type GetLogEventsCommandInput,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import t, { type Test } from 'tap';
import { addUser, clients, start } from '../../support.js';

const logGroupName = '/aws/lambda/router';
const arn = `arn:aws:logs:us-east-1:111122223333:log-group:${logGroupName}`;

/** A group with two streams: `a` with the events 10, 20, 30, `b` with 15, and `empty`. */
async function prepared(t: Test) {
  const { sandbox } = await start(t);
  const { logs } = clients(sandbox);
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  for (const [logStreamName, ...times] of [['a', 10, 20, 30], ['b', 15], ['empty']] as const) {
    await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
    const logEvents = times.map((timestamp) => ({ timestamp, message: `${logStreamName}-${timestamp}` }));
    await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
  }
  return { sandbox, logs };
}

t.test('streams', async (t) => {
  const { sandbox, logs } = await prepared(t);
  const list = async (input: Partial<DescribeLogStreamsCommandInput> = {}) =>
    await logs.send(new DescribeLogStreamsCommand({ logGroupName, ...input }));
  const stream = (name: string, times: object = {}) => {
    return { logStreamName: name, arn: `${arn}:log-stream:${name}`, storedBytes: 0, ...times };
  };
  t.same((await list()).logStreams, [
    stream('a', { firstEventTimestamp: 10, lastEventTimestamp: 30, lastIngestionTime: 30 }),
    stream('b', { firstEventTimestamp: 15, lastEventTimestamp: 15, lastIngestionTime: 15 }),
    stream('empty'),
  ]);
  const names = async (input: Partial<DescribeLogStreamsCommandInput>) =>
    (await list(input)).logStreams?.map(({ logStreamName }) => logStreamName);
  t.same(await names({ logStreamNamePrefix: 'e' }), ['empty']);
  t.same(await names({ descending: true }), ['empty', 'b', 'a']);
  t.same(await names({ orderBy: 'LastEventTime' }), ['empty', 'b', 'a']);
  t.same(await names({ orderBy: 'LastEventTime', descending: true }), ['a', 'b', 'empty']);
  const { nextToken } = await list({ limit: 2 });
  t.same(await names({ limit: 2, nextToken }), ['empty']);
  await t.rejects(logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName: 'a' })), {
    name: 'ResourceAlreadyExistsException',
    message: 'The specified log stream already exists',
  });
  const { logGroups } = await logs.send(new DescribeLogGroupsCommand({}));
  t.match(logGroups, [{ storedBytes: 4 * (4 + 26) }]);
  t.equal(sandbox.state.logs.groups.get(logGroupName)?.streams.size, 3);
});

t.test('events of a stream', async (t) => {
  const { logs } = await prepared(t);
  const get = async (input: Partial<GetLogEventsCommandInput> = {}) => {
    const { events = [], ...tokens } = await logs.send(
      new GetLogEventsCommand({ logGroupName, logStreamName: 'a', ...input }),
    );
    return { messages: events.map(({ message }) => message), ...tokens };
  };
  t.same((await get()).messages, ['a-10', 'a-20', 'a-30']);
  t.same((await get({ startTime: 20 })).messages, ['a-20', 'a-30']);
  t.same((await get({ endTime: 20 })).messages, ['a-10'], 'up to but not including the end');
  const last = await get({ limit: 2 });
  t.same(last.messages, ['a-20', 'a-30'], 'the latest ones');
  const back = await get({ limit: 2, nextToken: last.nextBackwardToken });
  t.same(back.messages, ['a-10']);
  const head = await get({ limit: 2, startFromHead: true });
  t.same(head.messages, ['a-10', 'a-20']);
  const rest = await get({ limit: 2, nextToken: head.nextForwardToken });
  t.same(rest.messages, ['a-30']);
  const end = await get({ limit: 2, nextToken: rest.nextForwardToken });
  t.match(end, { messages: [], nextForwardToken: rest.nextForwardToken }, 'the same token at the end');
  await t.rejects(get({ nextToken: 'bogus' }), { name: 'InvalidParameterException' });
  await t.rejects(get({ logStreamName: 'absent' }), {
    name: 'ResourceNotFoundException',
    message: 'The specified log stream does not exist.',
  });
  await t.rejects(get({ logGroupName: 'absent' }), { message: 'The specified log group does not exist.' });
  const logEvents = [
    { timestamp: 50, message: 'later' },
    { timestamp: 40, message: 'sooner' },
  ];
  await t.rejects(logs.send(new PutLogEventsCommand({ logGroupName, logStreamName: 'a', logEvents })), {
    name: 'InvalidParameterException',
    message: 'Log events in a single PutLogEvents request must be in chronological order.',
  });
});

t.test('events of a group', async (t) => {
  const { logs } = await prepared(t);
  const filter = (input: Partial<FilterLogEventsCommandInput> = {}) =>
    logs.send(new FilterLogEventsCommand({ logGroupName, ...input }));
  const messages = async (input: Partial<FilterLogEventsCommandInput> = {}) =>
    (await filter(input)).events?.map(({ message }) => message);
  t.match((await filter()).events, [
    { logStreamName: 'a', timestamp: 10, message: 'a-10', ingestionTime: 10, eventId: String },
    { logStreamName: 'b', timestamp: 15, message: 'b-15' },
    { logStreamName: 'a', message: 'a-20' },
    { message: 'a-30' },
  ]);
  t.same(await messages({ startTime: 15, endTime: 30 }), ['b-15', 'a-20', 'a-30'], 'up to and including the end');
  t.same(await messages({ startTime: 15, endTime: 29 }), ['b-15', 'a-20']);
  t.same(await messages({ logStreamNames: ['b', 'empty'] }), ['b-15']);
  t.same(await messages({ logStreamNamePrefix: 'a' }), ['a-10', 'a-20', 'a-30']);
  const { nextToken } = await filter({ limit: 3 });
  t.same(await messages({ limit: 3, nextToken }), ['a-30']);
  await t.rejects(filter({ filterPattern: 'ERROR' }), {
    name: 'InvalidParameterException',
    message: 'The embedded AWS does not support filterPattern: ERROR',
  });
});

t.test('permissions of the caller', async (t) => {
  const { sandbox } = await prepared(t);
  const user = addUser(sandbox, 'writer', [{ Effect: 'Allow', Action: 'logs:*', Resource: `${arn}:log-stream:a` }]);
  const { logs } = clients(sandbox, user);
  const logEvents = [{ timestamp: 60, message: 'x' }];
  await t.resolves(logs.send(new PutLogEventsCommand({ logGroupName, logStreamName: 'a', logEvents })));
  await t.rejects(logs.send(new PutLogEventsCommand({ logGroupName, logStreamName: 'b', logEvents })), {
    name: 'AccessDeniedException',
    message: new RegExp(`logs:PutLogEvents on resource: ${arn}:log-stream:b`),
  });
  await t.rejects(logs.send(new FilterLogEventsCommand({ logGroupName })), { message: /logs:FilterLogEvents/ });
});
