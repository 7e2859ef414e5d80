import { GetObjectCommand } from '@aws-sdk/client-s3';
import {
  CreateReceiptRuleCommand,
  CreateReceiptRuleSetCommand,
  DeleteReceiptRuleCommand,
  DeleteReceiptRuleSetCommand,
  DescribeActiveReceiptRuleSetCommand,
  type ReceiptAction,
  type ReceiptRule,
  SetActiveReceiptRuleSetCommand,
  UpdateReceiptRuleCommand,
} from '@aws-sdk/client-ses';
import t, { type Test } from 'tap';
import { createAws } from '../../../../src/aws/clients.js';
import { makeOperatorAccount } from '../../../../src/commands/demo/operator-account.js';
import { addBucket, addRole, clients, policy, refusal, sessionOf, start } from '../../support.js';

const RuleSetName = 'inbound';
const fromSes = (Condition: object = {}) => ({
  Effect: 'Allow',
  Principal: { Service: 'ses.amazonaws.com' },
  Action: 's3:PutObject',
  Resource: 'arn:aws:s3:::mail/inbound/*',
  Condition,
});

async function open(t: Test) {
  const { sandbox, ses, s3 } = await start(t, { now: () => Date.parse('2026-05-04T10:00:00Z') });
  const bucket = addBucket(sandbox, 'mail', { policy: policy(fromSes()) });
  await ses.send(new CreateReceiptRuleSetCommand({ RuleSetName }));
  const activate = (name?: string) => refusal(ses.send(new SetActiveReceiptRuleSetCommand({ RuleSetName: name })));
  return {
    sandbox,
    ses,
    s3,
    bucket,
    activate,
    create: (Rule: ReceiptRule, After?: string) =>
      refusal(ses.send(new CreateReceiptRuleCommand({ RuleSetName, Rule, After }))),
    update: (Rule: ReceiptRule) => refusal(ses.send(new UpdateReceiptRuleCommand({ RuleSetName, Rule }))),
    async active() {
      const { Metadata, Rules } = await ses.send(new DescribeActiveReceiptRuleSetCommand({}));
      return { Metadata, Rules };
    },
  };
}

const store = (more: Partial<ReceiptAction['S3Action']> = {}): ReceiptAction => ({
  S3Action: { BucketName: 'mail', ObjectKeyPrefix: 'inbound/', ...more },
});

t.test('a rule set from its creation to its end', async (t) => {
  const { ses, activate, active, create, update } = await open(t);
  const remove = () => refusal(ses.send(new DeleteReceiptRuleSetCommand({ RuleSetName })));
  t.strictSame(await active(), { Metadata: undefined, Rules: undefined }, 'none is active');
  t.equal(await create({ Name: 'plain' }), 'fine');
  const full: ReceiptRule = {
    Name: 'full',
    Enabled: true,
    TlsPolicy: 'Require',
    Recipients: ['bots.example.com', 'ada@example.com'],
    Actions: [
      { AddHeaderAction: { HeaderName: 'X-Seen', HeaderValue: 'yes' } },
      store({ KmsKeyArn: 'arn:aws:kms:us-east-1:111122223333:key/1' }),
      { BounceAction: { SmtpReplyCode: '550', Message: 'no', Sender: 'ada@example.com' } },
      { StopAction: { Scope: 'RuleSet' } },
    ],
    ScanEnabled: true,
  };
  t.equal(await create(full), 'fine');
  t.equal(await activate(RuleSetName), 'fine');
  const plain = {
    Name: 'plain',
    Enabled: false,
    TlsPolicy: 'Optional',
    Recipients: [],
    Actions: [],
    ScanEnabled: false,
  };
  t.strictSame(await active(), {
    Metadata: { Name: RuleSetName, CreatedTimestamp: new Date('2026-05-04T10:00:00Z') },
    Rules: [full, plain],
  });

  t.equal(await create({ Name: 'last' }, 'plain'), 'fine');
  t.equal(await create({ Name: 'second', Actions: [], Recipients: [] }, 'full'), 'fine');
  t.equal(await update({ Name: 'full', Enabled: true }), 'fine');
  const rules = async () => (await active()).Rules?.map(({ Name, Enabled }) => `${Name} ${Enabled}`);
  t.strictSame(await rules(), ['full true', 'second false', 'plain false', 'last false']);
  const drop = () => refusal(ses.send(new DeleteReceiptRuleCommand({ RuleSetName, RuleName: 'plain' })));
  t.equal(await drop(), 'fine');
  t.equal(await drop(), 'fine', 'once more is fine');
  t.strictSame(await rules(), ['full true', 'second false', 'last false']);

  t.equal(await remove(), '400 CannotDeleteException: Cannot delete active rule set: inbound');
  t.equal(await activate(), 'fine');
  t.strictSame(await active(), { Metadata: undefined, Rules: undefined });
  t.equal(await remove(), 'fine');
  t.equal(await remove(), 'fine', 'once more is fine');
  t.equal(await activate(RuleSetName), '400 RuleSetDoesNotExistException: Rule set does not exist: inbound');
});

t.test('refusals', async (t) => {
  const { ses, create, update } = await open(t);
  await create({ Name: 'there' });
  const set = (name: string) => refusal(ses.send(new CreateReceiptRuleSetCommand({ RuleSetName: name })));
  const name = (member: string) =>
    `400 ValidationError: Value at '${member}' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9_.-]+$`;
  t.equal(await set(RuleSetName), '400 AlreadyExistsException: Rule set already exists: inbound');
  for (const wrong of ['', '-x', 'x.', 'a b', 'x'.repeat(65)]) t.equal(await set(wrong), name('ruleSetName'), wrong);
  for (const right of ['x', 'a.b-c_d', 'x'.repeat(64)]) t.equal(await set(right), 'fine', right);
  t.equal(await create({ Name: 'there' }), '400 AlreadyExistsException: Rule already exists: there');
  t.equal(await create({ Name: '-' }), name('rule.name'));
  t.equal(await create({ Name: 'new' }, 'gone'), '400 RuleDoesNotExistException: Rule does not exist: gone');
  t.equal(await update({ Name: 'gone' }), '400 RuleDoesNotExistException: Rule does not exist: gone');
  const elsewhere = { RuleSetName: 'gone', Rule: { Name: 'new' }, RuleName: 'new' };
  for (const sent of [
    ses.send(new CreateReceiptRuleCommand(elsewhere)),
    ses.send(new UpdateReceiptRuleCommand(elsewhere)),
    ses.send(new DeleteReceiptRuleCommand(elsewhere)),
  ]) {
    t.equal(await refusal(sent), '400 RuleSetDoesNotExistException: Rule set does not exist: gone');
  }
  t.equal(
    await create({
      Name: 'new',
      Actions: [{ LambdaAction: { FunctionArn: 'arn:aws:lambda:us-east-1:1:function:f' } }],
    }),
    "501 NotImplemented: The embedded AWS's SES does not support LambdaAction.",
  );
});

t.test('SES rejects a bucket that it can’t write to', async (t) => {
  const { sandbox, s3, bucket, create, update } = await open(t);
  const denied = '400 InvalidS3ConfigurationException: Could not write to bucket: mail';
  const rule = 'arn:aws:ses:us-east-1:111122223333:receipt-rule-set/inbound:receipt-rule/store';
  const conditions: Array<[what: string, condition: object, expected: string]> = [
    ['no condition', {}, 'fine'],
    ['its account', { StringEquals: { 'AWS:SourceAccount': sandbox.account } }, 'fine'],
    ['its account, the old way', { StringEquals: { 'aws:Referer': sandbox.account } }, 'fine'],
    ['another account', { StringEquals: { 'AWS:SourceAccount': '444455556666' } }, denied],
    ['this rule', { StringEquals: { 'AWS:SourceArn': rule } }, 'fine'],
    ['another rule', { StringEquals: { 'AWS:SourceArn': `${rule}-2` } }, denied],
  ];
  for (const [what, condition, expected] of conditions) {
    bucket.policy = policy(fromSes(condition));
    sandbox.state.ses.ruleSets.set(RuleSetName, { name: RuleSetName, created: new Date(0), rules: [] });
    t.equal(await create({ Name: 'store', Actions: [store()] }), expected, what);
  }
  bucket.policy = policy(fromSes());
  t.equal(await create({ Name: 'store', Actions: [store()] }), 'fine');
  t.equal(await update({ Name: 'store', Actions: [store({ ObjectKeyPrefix: 'other/' })] }), denied);
  t.equal(await update({ Name: 'store', Actions: [store({ ObjectKeyPrefix: undefined })] }), denied, 'no prefix');
  t.equal(
    await update({ Name: 'store', Actions: [store({ BucketName: 'gone' })] }),
    '400 InvalidS3ConfigurationException: Could not write to bucket: gone',
  );
  bucket.policy = undefined;
  t.equal(await update({ Name: 'store', Actions: [store()] }), denied, 'no policy');

  const notice = await s3.send(new GetObjectCommand({ Bucket: 'mail', Key: 'inbound/AMAZON_SES_SETUP_NOTIFICATION' }));
  t.match(await notice.Body?.transformToString(), /^Subject: Amazon SES Setup Notification\r$/m);
});

t.test('with a role, it is the role that writes', async (t) => {
  const { sandbox, bucket, create, update } = await open(t);
  bucket.policy = undefined;
  const allow = { Effect: 'Allow', Action: 's3:PutObject', Resource: 'arn:aws:s3:::mail/inbound/*' };
  const trust = (Service: string) => policy({ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' });
  const writer = addRole(sandbox, 'writer', policy(allow), { trust: trust('ses.amazonaws.com') });
  const { arn: other } = addRole(sandbox, 'other', policy(allow), { trust: trust('ec2.amazonaws.com') });
  const { arn: reader } = addRole(sandbox, 'reader', policy(), { trust: trust('ses.amazonaws.com') });
  const Actions = [store({ IamRoleArn: writer.arn })];
  t.equal(await create({ Name: 'store', Actions }), 'fine');
  const cases: Array<[role: string, expected: string]> = [
    [writer.arn, 'fine'],
    [reader, '400 InvalidS3ConfigurationException: Could not write to bucket: mail'],
    [other, '400 InvalidParameterValue: Could not assume the provided IAM role'],
    [`${other}-gone`, '400 InvalidParameterValue: Could not assume the provided IAM role'],
  ];
  for (const [IamRoleArn, expected] of cases) {
    t.equal(await update({ Name: 'store', Actions: [store({ IamRoleArn })] }), expected, IamRoleArn);
  }

  const pass = { Effect: 'Allow', Action: 'iam:PassRole', Resource: writer.arn };
  const may = async (name: string, ...statements: object[]) => {
    const { ses } = clients(sandbox, sessionOf(sandbox, addRole(sandbox, name, policy(...statements))));
    return await refusal(ses.send(new UpdateReceiptRuleCommand({ RuleSetName, Rule: { Name: 'store', Actions } })));
  };
  const operate = { Effect: 'Allow', Action: 'ses:*', Resource: '*' };
  t.match(
    await may('operator', operate),
    /^403 AccessDenied: .* not authorized to perform: iam:PassRole on resource: /,
  );
  t.equal(await may('passer', operate, pass), 'fine');
});

t.test('permissions', async (t) => {
  const { sandbox } = await open(t);
  const { ses } = clients(sandbox, sessionOf(sandbox, addRole(sandbox, 'nobody', policy())));
  const Rule = { Name: 'new' };
  const cases: Array<[sent: Promise<string>, operation: string]> = [
    [refusal(ses.send(new CreateReceiptRuleSetCommand({ RuleSetName }))), 'CreateReceiptRuleSet'],
    [refusal(ses.send(new DeleteReceiptRuleSetCommand({ RuleSetName }))), 'DeleteReceiptRuleSet'],
    [refusal(ses.send(new CreateReceiptRuleCommand({ RuleSetName, Rule }))), 'CreateReceiptRule'],
    [refusal(ses.send(new UpdateReceiptRuleCommand({ RuleSetName, Rule }))), 'UpdateReceiptRule'],
    [refusal(ses.send(new DeleteReceiptRuleCommand({ RuleSetName, RuleName: 'x' }))), 'DeleteReceiptRule'],
    [refusal(ses.send(new SetActiveReceiptRuleSetCommand({}))), 'SetActiveReceiptRuleSet'],
    [refusal(ses.send(new DescribeActiveReceiptRuleSetCommand({}))), 'DescribeActiveReceiptRuleSet'],
  ];
  for (const [sent, operation] of cases) {
    t.match(
      await sent,
      new RegExp(`^403 AccessDenied: .* is not authorized to perform: ses:${operation} on resource: \\*`),
    );
  }
});

t.test('an operator’s account stores the mail of its domain', async (t) => {
  const { sandbox, ses } = await start(t);
  const { endpoint: endpointUrl, region, administrator: credentials, account } = sandbox;
  const aws = createAws({ region, endpointUrl, credentials });
  t.teardown(() => aws.close());
  const { bucket } = await makeOperatorAccount(aws, account, region, 'bots.example.com');
  const { Metadata, Rules } = await ses.send(new DescribeActiveReceiptRuleSetCommand({}));
  t.match(Metadata, { Name: 'agentkeys' });
  t.match(Rules, [
    {
      Enabled: true,
      Recipients: ['bots.example.com'],
      Actions: [{ S3Action: { BucketName: bucket, ObjectKeyPrefix: 'inbound/' } }],
    },
  ]);
  t.equal(sandbox.state.s3.buckets.get(bucket)?.objects.size, 0);
  t.match(sandbox.snapshot(), {
    ses: { active: 'agentkeys', ruleSets: { agentkeys: { rules: [{ Name: 'store-mail' }] } } },
  });
});
