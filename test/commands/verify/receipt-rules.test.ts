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
const wayIn = "the mail's way in: SES stores it in this bucket";

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

t.test('what is wrong with the rule is told with what to do', async (t) => {
  const operator = await startDeployed(t);
  const key = 'arn:aws:kms:us-east-1:111122223333:key/0000';
  const policy = operator.sandbox.state.s3.buckets.get(operator.bucket);
  if (policy?.policy === undefined) return t.fail('no policy');
  // SES takes a rule only where it may write.
  policy.policy = policy.policy.replace('/inbound/*', '/*');
  const cases: Array<[rule: Partial<ReceiptRule>, action: object, reason: string, mend: string]> = [
    [
      {},
      { ObjectKeyPrefix: 'mail/' },
      'it stores under mail/, and only what is under inbound/ is routed',
      'prefix inbound/',
    ],
    [{}, { ObjectKeyPrefix: undefined }, 'it stores under no prefix at all', 'prefix inbound/'],
    [
      {},
      { KmsKeyArn: key },
      `it has SES encrypt each message with ${key} before it is stored`,
      'message encryption off',
    ],
    [{ Enabled: false }, {}, 'it is disabled', 'enable it'],
    [
      { Recipients: ['example.org'] },
      {},
      'it takes mail for example.org, not for bots.litentry.org',
      'add the recipient',
    ],
  ];
  for (const [rule, action, reason, mend] of cases) {
    await change(operator, rule, action);
    const { ng, checks } = await operator.verify();
    t.strictSame(ng, [`${wayIn} > receipt rule store-mail`]);
    const [found] = checkOf(checks)?.checks ?? [];
    t.ok(found?.reason?.includes(reason), `${found?.reason}`);
    t.ok(found?.mend?.includes(mend), `${found?.mend}`);
  }
  for (const Recipients of [
    undefined,
    ['BOTS.litentry.org'],
    ['.litentry.org'],
    ['example.org', 'bots.litentry.org'],
  ]) {
    await change(operator, { Recipients });
    t.strictSame((await operator.verify()).ng, [], String(Recipients));
  }
});

t.test('a rule that stores other mail elsewhere in the bucket is no fault, while one does it right', async (t) => {
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
  const { ng, checks } = await operator.verify();
  t.strictSame(ng, []);
  t.strictSame(
    checkOf(checks)?.checks?.map(({ name }) => name),
    ['receipt rule store-mail'],
  );
});

t.test('where no rule here stores mail in the bucket, it is skipped', async (t) => {
  const operator = await startDeployed(t);
  const ses = operator.aws.client(SESClient);
  await ses.send(new DeleteReceiptRuleCommand({ RuleSetName, RuleName: 'store-mail' }));
  const none = await operator.verify();
  t.ok(none.skipped.includes(wayIn));
  t.match(checkOf(none.checks)?.reason, 'no rule of the active set agentkeys stores in it in this account and region');
  await ses.send(new SetActiveReceiptRuleSetCommand({}));
  const inactive = await operator.verify();
  t.match(checkOf(inactive.checks)?.reason, 'no receipt rule set is active in this account and region');

  // Then that SES may not store here is no fault of the policy's.
  const bucket = operator.sandbox.state.s3.buckets.get(operator.bucket);
  if (bucket?.policy === undefined) return t.fail('no policy');
  bucket.policy = bucket.policy.replace('ses.amazonaws.com', 'sns.amazonaws.com');
  t.ok((await operator.verify()).skipped.includes('isolation, by the policies > SES'));
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
  t.match(checkOf(checks)?.reason, 'SES receives no mail in this region');
});

t.test('a rule with a role of its own does not hang on the bucket policy', async (t) => {
  const operator = await startDeployed(t);
  const ses = operator.sandbox.state.ses;
  for (const rule of [...ses.ruleSets.values()].flatMap((set) => set.rules))
    for (const { S3Action } of rule.Actions ?? [])
      if (S3Action !== undefined) S3Action.IamRoleArn = 'arn:aws:iam::111122223333:role/ses-stores';
  const { ng, skipped } = await operator.verify();
  t.strictSame(ng, []);
  t.ok(skipped.includes('isolation, by the policies > SES'));
});
