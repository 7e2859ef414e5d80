import {
  CreateRuleSetCommand,
  DeleteRuleSetCommand,
  GetRuleSetCommand,
  ListRuleSetsCommand,
  paginateListRuleSets,
} from '@aws-sdk/client-mailmanager';
import { DescribeActiveReceiptRuleSetCommand } from '@aws-sdk/client-ses';
import t from 'tap';
import { addRole, clients, policy, refusal, sessionOf, start } from '../../support.js';

const RoleArn = 'arn:aws:iam::111122223333:role/mail-manager';
const Rules = [
  { Name: 'store', Actions: [{ WriteToS3: { RoleArn, S3Bucket: 'mail', S3Prefix: 'inbound/' } }] },
  { Actions: [{ Drop: {} }] },
];

t.test('rule sets of Mail Manager', async (t) => {
  const now = Date.parse('2026-05-04T10:00:00Z');
  const { sandbox, mailmanager } = await start(t, { now: () => now });
  const { RuleSetId = '' } = await mailmanager.send(new CreateRuleSetCommand({ RuleSetName: 'inbound', Rules }));
  const { $metadata: _, ...found } = await mailmanager.send(new GetRuleSetCommand({ RuleSetId }));
  t.strictSame(found, {
    RuleSetId,
    RuleSetArn: `arn:aws:ses:us-east-1:111122223333:mailmanager-rule-set/${RuleSetId}`,
    RuleSetName: 'inbound',
    CreatedDate: new Date(now),
    LastModificationDate: new Date(now),
    Rules,
  });
  for (const n of [1, 2]) await mailmanager.send(new CreateRuleSetCommand({ RuleSetName: `other-${n}`, Rules: [] }));
  const pages: unknown[] = [];
  for await (const { RuleSets = [] } of paginateListRuleSets({ client: mailmanager, pageSize: 2 }, {}))
    pages.push(RuleSets.map(({ RuleSetName }) => RuleSetName));
  t.strictSame(pages, [['inbound', 'other-1'], ['other-2']]);

  await mailmanager.send(new DeleteRuleSetCommand({ RuleSetId }));
  await mailmanager.send(new DeleteRuleSetCommand({ RuleSetId }));
  t.match(await refusal(mailmanager.send(new GetRuleSetCommand({ RuleSetId }))), /^400 ResourceNotFoundException: /);
  t.match(
    await refusal(mailmanager.send(new CreateRuleSetCommand({ RuleSetName: 'a b', Rules }))),
    /^400 ValidationException: /,
  );
  t.strictSame(sandbox.calls.map(({ service, operation }) => `${service}:${operation}`).slice(0, 2), [
    'mailmanager:CreateRuleSet',
    'mailmanager:GetRuleSet',
  ]);
});

t.test('its requests are signed as those of SES are', async (t) => {
  const { ses, mailmanager } = await start(t);
  t.equal(await refusal(ses.send(new DescribeActiveReceiptRuleSetCommand({}))), 'fine');
  t.equal(await refusal(mailmanager.send(new ListRuleSetsCommand({}))), 'fine');
});

t.test('its permissions are named as those of SES are', async (t) => {
  const { sandbox, mailmanager } = await start(t);
  const { RuleSetId = '' } = await mailmanager.send(new CreateRuleSetCommand({ RuleSetName: 'inbound', Rules }));
  const as = (Action: string, Resource: string) =>
    clients(sandbox, sessionOf(sandbox, addRole(sandbox, 'reader', policy({ Effect: 'Allow', Action, Resource }))))
      .mailmanager;
  const sets = 'arn:aws:ses:us-east-1:111122223333:mailmanager-rule-set/*';
  t.equal(await refusal(as('ses:ListRuleSets', '*').send(new ListRuleSetsCommand({}))), 'fine');
  t.equal(await refusal(as('ses:GetRuleSet', sets).send(new GetRuleSetCommand({ RuleSetId }))), 'fine');
  t.match(
    await refusal(as('ses:ListRuleSets', '*').send(new GetRuleSetCommand({ RuleSetId }))),
    /^400 AccessDeniedException: .* ses:GetRuleSet on resource: arn:aws:ses:/,
  );
});
