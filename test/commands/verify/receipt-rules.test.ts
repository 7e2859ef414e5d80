import {
  CreateReceiptRuleCommand,
  DeleteReceiptRuleCommand,
  type ReceiptRule,
  SESClient,
  SetActiveReceiptRuleSetCommand,
  UpdateReceiptRuleCommand,
} from '@aws-sdk/client-ses';
import t from 'tap';
import type { Check } from '../../../src/commands/verify/check.js';
import { type Deployed, startDeployed } from './operator.js';

const RuleSetName = 'agentkeys';
const wayIn = 'receiving: SES stores mail in this bucket';

function checkOf(checks: Check[]): Check | undefined {
  return checks.find(({ name }) => name === wayIn);
}

/** The rule that stores the mail, changed. */
async function change({ aws, bucket }: Deployed, rule: Partial<ReceiptRule>, action: object = {}): Promise<void> {
  const Rule = {
    Name: 'store-mail',
    Enabled: true,
    Recipients: ['bots.litentry.org'],
    Actions: [{ S3Action: { BucketName: bucket, ObjectKeyPrefix: 'inbound/', ...action } }],
    ...rule,
  };
  await aws.client(SESClient).send(new UpdateReceiptRuleCommand({ RuleSetName, Rule }));
}

t.test('each fault of the rule is reported with a fix', async (t) => {
  const operator = await startDeployed(t);
  const key = 'arn:aws:kms:us-east-1:111122223333:key/0000';
  const policy = operator.sandbox.state.s3.buckets.get(operator.bucket);
  if (policy?.policy === undefined) return t.fail('no policy');
  // SES accepts a rule only if it may write to the bucket.
  policy.policy = policy.policy.replace('/inbound/*', '/*');
  const cases: Array<[rule: Partial<ReceiptRule>, action: object, reason: string, fix: string]> = [
    [
      {},
      { ObjectKeyPrefix: 'mail/' },
      'it stores mail under mail/, but only mail under inbound/ is routed',
      'prefix inbound/',
    ],
    [{}, { ObjectKeyPrefix: undefined }, 'it stores mail under no prefix', 'prefix inbound/'],
    [{}, { KmsKeyArn: key }, `SES encrypts each message with ${key} before storing it`, 'message encryption off'],
    [{ Enabled: false }, {}, 'it is disabled', 'enable it'],
    [
      { Recipients: ['example.org'] },
      {},
      'it receives mail for example.org, not for bots.litentry.org',
      'add the recipient',
    ],
  ];
  for (const [rule, action, reason, fix] of cases) {
    await change(operator, rule, action);
    const { failed, checks } = await operator.verify();
    t.strictSame(failed, [`${wayIn} > receipt rule store-mail`]);
    const [found] = checkOf(checks)?.checks ?? [];
    t.ok(found?.reason?.includes(reason), `${found?.reason}`);
    t.ok(found?.fix?.includes(fix), `${found?.fix}`);
  }
  for (const Recipients of [
    undefined,
    ['BOTS.litentry.org'],
    ['.litentry.org'],
    ['example.org', 'bots.litentry.org'],
  ]) {
    await change(operator, { Recipients });
    t.strictSame((await operator.verify()).failed, [], String(Recipients));
  }
});

t.test('a rule that stores other mail elsewhere in the bucket is no fault', async (t) => {
  const operator = await startDeployed(t);
  const bucket = operator.sandbox.state.s3.buckets.get(operator.bucket);
  if (bucket?.policy === undefined) return t.fail('no policy');
  bucket.policy = bucket.policy.replace('/inbound/*', '/*');
  const Rule = {
    Name: 'reports',
    Enabled: true,
    Actions: [
      { AddHeaderAction: { HeaderName: 'X-Report', HeaderValue: 'yes' } },
      { S3Action: { BucketName: operator.bucket, ObjectKeyPrefix: 'reports/' } },
    ],
  };
  await operator.aws.client(SESClient).send(new CreateReceiptRuleCommand({ RuleSetName, Rule }));
  const { failed, checks } = await operator.verify();
  t.strictSame(failed, []);
  t.strictSame(
    checkOf(checks)?.checks?.map(({ name }) => name),
    ['receipt rule store-mail', 'the bucket has no default Object Lock retention'],
  );
});

t.test('no rule here that stores mail in the bucket is a SKIP', async (t) => {
  const operator = await startDeployed(t);
  const ses = operator.aws.client(SESClient);
  await ses.send(new DeleteReceiptRuleCommand({ RuleSetName, RuleName: 'store-mail' }));
  const none = await operator.verify();
  t.ok(none.skipped.includes(wayIn));
  t.match(
    checkOf(none.checks)?.reason,
    'no rule of the active set agentkeys stores mail in it in this account and region',
  );
  await ses.send(new SetActiveReceiptRuleSetCommand({}));
  const inactive = await operator.verify();
  t.match(checkOf(inactive.checks)?.reason, 'no receipt rule set is active in this account and region');

  // Then the policy need not let SES store mail.
  const bucket = operator.sandbox.state.s3.buckets.get(operator.bucket);
  if (bucket?.policy === undefined) return t.fail('no policy');
  bucket.policy = bucket.policy.replace('ses.amazonaws.com', 'sns.amazonaws.com');
  t.ok((await operator.verify()).skipped.includes('isolation, by the policies > SES > stores mail in inbound/'));
});

t.test('a region in which SES receives no mail', async (t) => {
  const { sandbox, verify } = await startDeployed(t);
  sandbox.intercept(({ operation }) =>
    operation === 'DescribeActiveReceiptRuleSet'
      ? { kind: 'refuse', code: 'InvalidAction', status: 400, message: 'Unavailable Operation' }
      : undefined,
  );
  const { status, checks, skipped } = await verify();
  t.equal(status, 0);
  t.ok(skipped.includes(wayIn));
  t.match(checkOf(checks)?.reason, 'SES does not receive mail in this region');
});

t.test('a rule with a role of its own does not depend on the bucket policy', async (t) => {
  const operator = await startDeployed(t);
  const ses = operator.sandbox.state.ses;
  for (const rule of [...ses.ruleSets.values()].flatMap((set) => set.rules))
    for (const { S3Action } of rule.Actions ?? [])
      if (S3Action !== undefined) S3Action.IamRoleArn = 'arn:aws:iam::111122223333:role/ses-stores';
  const { failed, skipped } = await operator.verify();
  t.strictSame(failed, []);
  t.ok(skipped.includes('isolation, by the policies > SES > stores mail in inbound/'));
});
