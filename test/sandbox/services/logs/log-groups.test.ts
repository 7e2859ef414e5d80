import {
  CreateLogGroupCommand,
  type CreateLogGroupCommandInput,
  DeleteLogGroupCommand,
  DeleteRetentionPolicyCommand,
  DescribeLogGroupsCommand,
  type DescribeLogGroupsCommandInput,
  ListTagsForResourceCommand,
  PutRetentionPolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import t from 'tap';
import type { Statement } from '../../../../src/policy/document.js';
import { addUser, clients, start } from '../../support.js';

const logGroupName = '/aws/lambda/router';
const arn = `arn:aws:logs:us-east-1:111122223333:log-group:${logGroupName}`;
const absent = {
  name: 'ResourceNotFoundException',
  message: 'The specified log group does not exist.',
  $metadata: { httpStatusCode: 400 },
};

t.test('a group from its creation to its end', async (t) => {
  const now = Date.UTC(2026, 0, 2);
  const { sandbox } = await start(t, { now: () => now });
  const { logs } = clients(sandbox);
  await logs.send(new CreateLogGroupCommand({ logGroupName, tags: { a: '1', b: '2' } }));
  const described = async () => (await logs.send(new DescribeLogGroupsCommand({}))).logGroups;
  const group = {
    logGroupName,
    creationTime: now,
    metricFilterCount: 0,
    arn: `${arn}:*`,
    logGroupArn: arn,
    logGroupClass: 'STANDARD',
    storedBytes: 0,
  };
  t.same(await described(), [group]);
  await logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 30 }));
  t.same(await described(), [{ ...group, retentionInDays: 30 }]);
  await logs.send(new DeleteRetentionPolicyCommand({ logGroupName }));
  t.same(await described(), [group]);

  const tags = async () => (await logs.send(new ListTagsForResourceCommand({ resourceArn: arn }))).tags;
  t.same(await tags(), { a: '1', b: '2' });
  await logs.send(new TagResourceCommand({ resourceArn: arn, tags: { c: '3' } }));
  await logs.send(new UntagResourceCommand({ resourceArn: arn, tagKeys: ['a', 'absent'] }));
  t.same(await tags(), { b: '2', c: '3' });

  await t.rejects(logs.send(new CreateLogGroupCommand({ logGroupName })), {
    name: 'ResourceAlreadyExistsException',
    message: 'The specified log group already exists',
  });
  await logs.send(new DeleteLogGroupCommand({ logGroupName }));
  t.same(await described(), []);
  await logs.send(new CreateLogGroupCommand({ logGroupName: 'rare', logGroupClass: 'INFREQUENT_ACCESS' }));
  t.match(await described(), [{ logGroupName: 'rare', logGroupClass: 'INFREQUENT_ACCESS' }]);
  await logs.send(new DeleteLogGroupCommand({ logGroupName: 'rare' }));
  await t.rejects(logs.send(new DeleteLogGroupCommand({ logGroupName })), absent);
  await t.rejects(logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 1 })), absent);
  await t.rejects(tags(), absent);
});

t.test('lists in pages, by prefix', async (t) => {
  const { sandbox } = await start(t);
  const { logs } = clients(sandbox);
  for (const name of ['a/3', 'a/1', 'b/1', 'a/2']) await logs.send(new CreateLogGroupCommand({ logGroupName: name }));
  const list = async (input: DescribeLogGroupsCommandInput) => {
    const { logGroups = [], nextToken } = await logs.send(new DescribeLogGroupsCommand(input));
    return { names: logGroups.map((group) => group.logGroupName), nextToken };
  };
  const first = await list({ logGroupNamePrefix: 'a', limit: 2 });
  t.same(first.names, ['a/1', 'a/2']);
  const second = await list({ logGroupNamePrefix: 'a', limit: 2, nextToken: first.nextToken });
  t.same(second, { names: ['a/3'], nextToken: undefined });
  t.same((await list({})).names, ['a/1', 'a/2', 'a/3', 'b/1']);
  await t.rejects(list({ nextToken: 'bogus' }), {
    name: 'InvalidParameterException',
    message: 'The specified nextToken is invalid.',
  });
});

t.test('refusals', async (t) => {
  const { sandbox } = await start(t);
  const { logs } = clients(sandbox);
  const cases: Array<[input: CreateLogGroupCommandInput, message: RegExp]> = [
    [{ logGroupName: 'a b' }, /^1 validation error detected: Value 'a b' at 'logGroupName'/],
    [{ logGroupName: 'a', logGroupClass: 'COLD' as 'STANDARD' }, /'COLD' at 'logGroupClass' failed to satisfy/],
    [{ logGroupName: 'a', kmsKeyId: 'key' }, /^The embedded AWS does not support CreateLogGroup's kmsKeyId.$/],
  ];
  for (const [input, message] of cases) {
    const refused = { name: 'InvalidParameterException', message };
    await t.rejects(logs.send(new CreateLogGroupCommand(input)), refused);
  }
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  for (const retentionInDays of [0, 2, 31, 3654]) {
    await t.rejects(logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays })), {
      name: 'InvalidParameterException',
      message: new RegExp(`Value '${retentionInDays}' at 'retentionInDays'`),
    });
  }
  await t.rejects(logs.send(new DescribeLogGroupsCommand({ logGroupNamePattern: 'x' })), {
    message: "The embedded AWS does not support DescribeLogGroups' logGroupNamePattern.",
  });
});

t.test('permissions of the caller', async (t) => {
  const { sandbox } = await start(t);
  const allow = (Action: string, Resource: string): Statement => ({ Effect: 'Allow', Action, Resource });
  const tags = { a: 'b' };
  const group = `${arn}:*`;
  const cases: Array<[statements: Statement[], input: CreateLogGroupCommandInput, missing: string | undefined]> = [
    [[allow('logs:CreateLogGroup', `${arn}-2:*`)], { logGroupName }, 'logs:CreateLogGroup'],
    [[allow('logs:CreateLogGroup', group)], { logGroupName, tags }, `logs:TagResource on resource: ${arn}`],
    [[allow('logs:CreateLogGroup', group)], { logGroupName }, undefined],
    [
      [allow('logs:CreateLogGroup', '*'), allow('logs:TagResource', arn)],
      { logGroupName: `${logGroupName}`, tags },
      undefined,
    ],
  ];
  for (const [index, [statements, input, missing]] of cases.entries()) {
    const { logs } = clients(sandbox, addUser(sandbox, `user-${index}`, statements));
    const created = logs.send(new CreateLogGroupCommand(input));
    const denied = { name: 'AccessDeniedException', message: new RegExp(`${missing}`) };
    await (missing === undefined ? t.resolves(created, `case ${index}`) : t.rejects(created, denied, `case ${index}`));
    sandbox.state.logs.groups.clear();
  }
  const one = clients(sandbox, addUser(sandbox, 'one', [allow('logs:*', group)]));
  await t.rejects(one.logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName })), {
    message: /logs:DescribeLogGroups on resource: arn:aws:logs:us-east-1:111122223333:log-group::log-stream:/,
  });
  const all = clients(
    sandbox,
    addUser(sandbox, 'all', [allow('logs:DescribeLogGroups', arn.replace(logGroupName, '*'))]),
  );
  await t.resolves(all.logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName })));
  await t.rejects(all.logs.send(new DeleteLogGroupCommand({ logGroupName })), { message: /logs:DeleteLogGroup/ });
});
