import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  ListRulesCommand,
  ListTagsForResourceCommand,
  ListTargetsByRuleCommand,
  PutRuleCommand,
  type PutRuleCommandInput,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import t from 'tap';
import type { Statement } from '../../../../src/policy/document.js';
import { addExecutionRole } from '../../functions.js';
import { addUser, clients, start } from '../../support.js';

const ruleArn = 'arn:aws:events:us-east-1:111122223333:rule/inbound';
const functionArn = 'arn:aws:lambda:us-east-1:111122223333:function:router';
const EventPattern = '{"source":["aws.s3"]}';
const rule: PutRuleCommandInput = { Name: 'inbound', EventPattern };
const absent = {
  name: 'ResourceNotFoundException',
  message: 'Rule inbound does not exist on EventBus default.',
  $metadata: { httpStatusCode: 400 },
};

t.test('a rule from its creation to its end', async (t) => {
  const { sandbox } = await start(t);
  const { events } = clients(sandbox);
  const describe = async () => {
    const { $metadata, ...described } = await events.send(new DescribeRuleCommand({ Name: 'inbound' }));
    return described;
  };
  const shown = {
    Name: 'inbound',
    Arn: ruleArn,
    EventPattern,
    State: 'ENABLED',
    EventBusName: 'default',
    CreatedBy: '111122223333',
  };
  await t.rejects(describe(), absent);
  const Tags = [{ Key: 'managed-by', Value: 'test' }];
  const put = await events.send(new PutRuleCommand({ ...rule, Description: 'mail', State: 'DISABLED', Tags }));
  t.equal(put.RuleArn, ruleArn);
  t.same(await describe(), { ...shown, State: 'DISABLED', Description: 'mail' });
  await events.send(
    new PutTargetsCommand({
      Rule: 'inbound',
      EventBusName: 'arn:aws:events:us-east-1:111122223333:event-bus/default',
      Targets: [{ Id: 'router', Arn: functionArn, RetryPolicy: { MaximumRetryAttempts: 3 } }],
    }),
  );
  await events.send(new PutRuleCommand({ ...rule, Tags: [{ Key: 'other', Value: 'x' }] }));
  t.same(await describe(), shown, 'replaced as a whole');
  const { Tags: kept } = await events.send(new ListTagsForResourceCommand({ ResourceARN: ruleArn }));
  t.same(kept, Tags, 'but for its tags');
  const { Targets } = await events.send(new ListTargetsByRuleCommand({ Rule: 'inbound' }));
  t.same(Targets, [{ Id: 'router', Arn: functionArn, RetryPolicy: { MaximumRetryAttempts: 3 } }], 'and its targets');

  await events.send(new DisableRuleCommand({ Name: 'inbound' }));
  t.match(await describe(), { State: 'DISABLED' });
  await events.send(new EnableRuleCommand({ Name: 'inbound' }));
  t.match(await describe(), { State: 'ENABLED' });

  const remove = () => events.send(new DeleteRuleCommand({ Name: 'inbound' }));
  await t.rejects(remove(), { name: 'ValidationException', message: "Rule can't be deleted since it has targets." });
  const removed = await events.send(new RemoveTargetsCommand({ Rule: 'inbound', Ids: ['router', 'gone'] }));
  t.match(removed, {
    FailedEntryCount: 1,
    FailedEntries: [
      {
        TargetId: 'gone',
        ErrorCode: 'ResourceNotFoundException',
        ErrorMessage: "Rule 'inbound' does not have a target with the Id 'gone'.",
      },
    ],
  });
  await remove();
  await t.rejects(describe(), absent);
  await t.resolves(remove(), 'once more is fine');
});

t.test('a role for the rule', async (t) => {
  const { sandbox } = await start(t);
  const { arn: RoleArn } = addExecutionRole(sandbox, 'events');
  const { events } = clients(sandbox);
  await events.send(new PutRuleCommand({ ...rule, RoleArn }));
  t.match(await events.send(new DescribeRuleCommand({ Name: 'inbound' })), { RoleArn });
});

t.test('refusals', async (t) => {
  const { sandbox } = await start(t);
  const { events } = clients(sandbox);
  const cases: Array<[input: PutRuleCommandInput, name: string, message: string | RegExp]> = [
    [{ ...rule, Name: 'in bound' }, 'ValidationException', /Value 'in bound' at 'name' failed to satisfy constraint/],
    [{ Name: 'x' }, 'ValidationException', 'Parameter(s) EventPattern or ScheduleExpression must be specified.'],
    [
      { Name: 'x', ScheduleExpression: 'rate(1 day)' },
      'ValidationException',
      'The embedded AWS does not support ScheduleExpression.',
    ],
    [
      { ...rule, State: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS' },
      'ValidationException',
      'The embedded AWS does not support the state ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS.',
    ],
    [
      { ...rule, EventPattern: '{' },
      'InvalidEventPatternException',
      'Event pattern is not valid. Reason: Invalid JSON',
    ],
    [
      { ...rule, EventPattern: '{"source":[{"cidr":"10.0.0.0/8"}]}' },
      'InvalidEventPatternException',
      'Event pattern is not valid. Reason: Unrecognized match type cidr',
    ],
    [{ ...rule, EventBusName: 'other' }, 'ResourceNotFoundException', 'Event bus other does not exist.'],
  ];
  for (const [input, name, message] of cases) {
    await t.rejects(events.send(new PutRuleCommand(input)), { name, message, $metadata: { httpStatusCode: 400 } });
  }
  const Targets = [{ Id: 'router', Arn: functionArn }];
  await t.rejects(events.send(new PutTargetsCommand({ Rule: 'inbound', Targets })), absent);
  await t.rejects(events.send(new RemoveTargetsCommand({ Rule: 'inbound', Ids: ['router'] })), absent);
  await t.rejects(events.send(new ListTargetsByRuleCommand({ Rule: 'inbound' })), absent);
  await t.rejects(events.send(new EnableRuleCommand({ Name: 'inbound' })), absent);
  await t.rejects(events.send(new ListTagsForResourceCommand({ ResourceARN: ruleArn })), absent);
});

t.test('lists in pages', async (t) => {
  const { sandbox } = await start(t);
  const { events } = clients(sandbox);
  for (const Name of ['a-1', 'a-2', 'a-3', 'b-1']) await events.send(new PutRuleCommand({ Name, EventPattern }));
  const list = (NextToken?: string) => events.send(new ListRulesCommand({ NamePrefix: 'a', Limit: 2, NextToken }));
  const first = await list();
  const second = await list(first.NextToken);
  t.match(first.Rules, [{ Name: 'a-1', State: 'ENABLED' }, { Name: 'a-2' }]);
  t.match(second, { Rules: [{ Name: 'a-3', Arn: /rule\/a-3$/ }], NextToken: undefined });
  t.match((await events.send(new ListRulesCommand({}))).Rules, { length: 4 });
  await t.rejects(list('bogus'), { name: 'ValidationException' });
  await events.send(
    new PutTargetsCommand({
      Rule: 'a-1',
      Targets: [
        { Id: 'x', Arn: functionArn },
        { Id: 'y', Arn: functionArn },
      ],
    }),
  );
  const targets = await events.send(new ListTargetsByRuleCommand({ Rule: 'a-1', Limit: 1 }));
  t.match(targets.Targets, [{ Id: 'x' }]);
  const { NextToken } = targets;
  t.match((await events.send(new ListTargetsByRuleCommand({ Rule: 'a-1', NextToken }))).Targets, [{ Id: 'y' }]);
});

t.test('permissions of the caller', async (t) => {
  const { sandbox } = await start(t);
  const { arn: RoleArn } = addExecutionRole(sandbox, 'events');
  const allow = (Action: string, Resource = ruleArn): Statement => ({ Effect: 'Allow', Action, Resource });
  const tagged = { ...rule, Tags: [{ Key: 'a', Value: 'b' }] };
  const cases: Array<[statements: Statement[], input: PutRuleCommandInput, missing: string | undefined]> = [
    [[], rule, 'events:PutRule'],
    [[allow('events:PutRule', `${ruleArn}-2`)], rule, 'events:PutRule'],
    [[allow('events:PutRule')], rule, undefined],
    [[allow('events:PutRule')], tagged, 'events:TagResource'],
    [[allow('events:PutRule'), allow('events:TagResource')], tagged, undefined],
    [[allow('events:PutRule')], { ...rule, RoleArn }, 'iam:PassRole'],
    [[allow('events:PutRule'), allow('iam:PassRole', RoleArn)], { ...rule, RoleArn }, undefined],
  ];
  for (const [index, [statements, input, missing]] of cases.entries()) {
    const { events } = clients(sandbox, addUser(sandbox, `user-${index}`, statements));
    const put = events.send(new PutRuleCommand(input));
    if (missing === undefined) await t.resolves(put, `case ${index}`);
    else await t.rejects(put, { name: 'AccessDeniedException', message: new RegExp(missing) }, `case ${index}`);
  }
  const { events } = clients(sandbox, addUser(sandbox, 'nobody', []));
  await t.rejects(events.send(new ListRulesCommand({})), { message: /events:ListRules on resource: .*:rule\/\*/ });
  await t.rejects(events.send(new ListTargetsByRuleCommand({ Rule: 'inbound' })), { message: /rule\/inbound/ });
});
