import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import t from 'tap';
import type { Statement } from '../../../src/policy/document.js';
import { addExecutionRole, createFunction, invoke, logging } from '../functions.js';
import { clients, start } from '../support.js';

t.test('the log', async (t) => {
  const { sandbox } = await start(t);
  const { logs } = clients(sandbox);
  const code = `
    console.log('loading');
    export const handler = async () => {
      console.log('a %s', 'line', { of: 'several' });
      console.warn('two\\nlines');
      process.stdout.write('{"plain":true}\\n');
    };`;
  addExecutionRole(sandbox, 'log', [logging]);
  await createFunction(sandbox, 'log', code);
  const { log, payload } = await invoke(sandbox, 'log');
  t.equal(payload, null, 'nothing returned is null');
  const id = /^START RequestId: (\S+) Version: \$LATEST$/.exec(String(log[1]))?.[1];
  const lines = [
    /^[-\dT:.]+Z\tundefined\tINFO\tloading$/,
    `START RequestId: ${id} Version: $LATEST`,
    new RegExp(`^[-\\dT:.]+Z\t${id}\tINFO\ta line \\{ of: 'several' \\}$`),
    new RegExp(`^[-\\dT:.]+Z\t${id}\tWARN\ttwo\rlines$`),
    '{"plain":true}',
    `END RequestId: ${id}`,
    new RegExp(
      `^REPORT RequestId: ${id}\tDuration: [\\d.]+ ms\tBilled Duration: \\d+ ms\tMemory Size: 128 MB\tMax Memory Used: \\d+ MB$`,
    ),
  ];
  t.match(log, [...lines, '']);
  const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: '/aws/lambda/log' }));
  t.match(
    events.map(({ message }) => message?.slice(0, -1)),
    lines,
    'in the group that the role may create',
  );
});

t.test('the role decides whether there is a log', async (t) => {
  const stream = 'arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/quiet:*';
  const allow = (...actions: string[]): Statement => ({
    Effect: 'Allow',
    Action: actions.map((action) => `logs:${action}`),
    Resource: stream,
  });
  const cases: Array<[what: string, group: boolean, allowed: Statement[], streams?: number[]]> = [
    ['no group and no right to make one', false, [allow('CreateLogStream', 'PutLogEvents')], undefined],
    ['a group, and the two rights', true, [allow('CreateLogStream', 'PutLogEvents')], [3]],
    ['no right to make a stream', true, [allow('PutLogEvents')], []],
    ['no right to write', true, [allow('CreateLogStream')], [0]],
    ['everything', false, [allow('CreateLogGroup', 'CreateLogStream', 'PutLogEvents')], [3]],
  ];
  for (const [what, group, allowed, streams] of cases) {
    const { sandbox } = await start(t);
    const { groups } = sandbox.state.logs;
    const name = '/aws/lambda/quiet';
    const arn = stream.slice(0, -2);
    if (group) groups.set(name, { name, arn, created: new Date(), streams: new Map(), tags: new Map() });
    addExecutionRole(sandbox, 'quiet', allowed);
    await createFunction(sandbox, 'quiet', 'export const handler = async () => {};');
    await invoke(sandbox, 'quiet');
    const counts = groups.get(name)?.streams.values();
    t.same(counts && [...counts].map(({ length }) => length), streams, what);
  }
});
