/**
 * What verify says of Mail Manager, of Object Lock and of opt-in Regions.
 */
import { CreateRuleSetCommand, MailManagerClient, type S3Action } from '@aws-sdk/client-mailmanager';
import { type ObjectLockRule, PutBucketVersioningCommand, PutObjectLockConfigurationCommand } from '@aws-sdk/client-s3';
import { SESClient, SetActiveReceiptRuleSetCommand } from '@aws-sdk/client-ses';
import t from 'tap';
import type { Check } from '../../../src/commands/verify/check.js';
import { isOptIn } from '../../../src/commands/verify/receipt-rules.js';
import { type Deployed, startDeployed } from './operator.js';

const title = 'receiving: SES stores mail in this bucket';
const RoleArn = 'arn:aws:iam::111122223333:role/mail-manager';

/** The checks on receiving, by their names. */
function receivingOf(checks: Check[]): Record<string, Check> {
  const found = checks.find(({ name }) => name === title);
  return Object.fromEntries((found?.checks ?? (found ? [found] : [])).map((check) => [check.name, check]));
}

/** Adds a rule set of Mail Manager that stores mail. */
async function addRuleSet({ aws, bucket }: Deployed, action: Partial<S3Action> = {}, Name?: string): Promise<void> {
  const WriteToS3 = { RoleArn, S3Bucket: bucket, S3Prefix: 'inbound/', ...action };
  const Rules = [
    { Name: 'header', Actions: [{ AddHeader: { HeaderName: 'X-Seen', HeaderValue: 'yes' } }] },
    { ...(Name && { Name }), Actions: [{ WriteToS3 }] },
  ];
  await aws.client(MailManagerClient).send(new CreateRuleSetCommand({ RuleSetName: 'inbound', Rules }));
}

const noReceiptRules = ({ aws }: Deployed) => aws.client(SESClient).send(new SetActiveReceiptRuleSetCommand({}));

t.test('Mail Manager', async (t) => {
  t.test('that stores mail here is a way in', async (t) => {
    const operator = await startDeployed(t);
    await noReceiptRules(operator);
    await addRuleSet(operator, {}, 'store');
    const { failed, skipped, checks } = await operator.verify();
    t.strictSame(failed, []);
    t.match(receivingOf(checks), {
      'Mail Manager rule set inbound, rule store': {
        outcome: 'OK',
        reason: "not checked: the rule's conditions, and whether an ingress endpoint uses the rule set",
      },
    });
    t.ok(
      skipped.includes('isolation, by the policies > SES > stores mail in inbound/'),
      'it stores with a role of its own',
    );
  });

  const cases: Array<[what: string, action: Partial<S3Action>, outcome: string, reason: RegExp]> = [
    [
      'under another prefix',
      { S3Prefix: 'mail/' },
      'FAIL',
      /^it stores mail under mail\/, but only mail under inbound/,
    ],
    ['under no prefix', { S3Prefix: undefined }, 'FAIL', /^it stores mail under no prefix/],
    ['under a prefix without a slash', { S3Prefix: 'inbound' }, 'SKIP', /AWS does not document whether a slash/],
    ['under a key', { S3SseKmsKeyId: 'alias/mail' }, 'SKIP', /^it stores mail under the key alias\/mail/],
  ];
  for (const [what, action, outcome, reason] of cases) {
    t.test(`that stores mail ${what}`, async (t) => {
      const operator = await startDeployed(t);
      await noReceiptRules(operator);
      await addRuleSet(operator, action);
      const { status, checks } = await operator.verify();
      const found = receivingOf(checks)['Mail Manager rule set inbound, rule 2'];
      t.equal(found?.outcome, outcome);
      t.match(found?.reason, reason);
      t.equal(status, outcome === 'FAIL' ? 1 : 0);
    });
  }

  t.test('that stores mail elsewhere, beside a receipt rule', async (t) => {
    const operator = await startDeployed(t);
    await addRuleSet(operator, { S3Bucket: 'another' });
    // As answers of AWS's may be, by their types.
    const bare = { created: new Date(), modified: new Date() };
    const { mailManagerRuleSets } = operator.sandbox.state.ses;
    mailManagerRuleSets.set('rs-1', { id: 'rs-1', name: 'no-rules', rules: undefined as never, ...bare });
    mailManagerRuleSets.set('rs-2', { id: 'rs-2', name: 'no-actions', rules: [{ Name: 'idle' }], ...bare });
    t.strictSame(Object.keys(receivingOf((await operator.verify()).checks)), [
      'receipt rule store-mail',
      'the bucket has no default Object Lock retention',
    ]);
    await noReceiptRules(operator);
    const { skipped, checks } = await operator.verify();
    t.ok(skipped.includes(title));
    t.equal(
      receivingOf(checks)[title]?.reason,
      'no receipt rule set is active in this account and region; no rule set of Mail Manager stores mail in it; mail may be received in another region.',
    );
  });

  t.test('that cannot be read is skipped, with the reason', async (t) => {
    const operator = await startDeployed(t);
    operator.sandbox.intercept(({ service }) =>
      service === 'mailmanager' ? { kind: 'refuse', code: 'AccessDeniedException', status: 400 } : undefined,
    );
    const beside = await operator.verify();
    t.equal(beside.status, 0);
    t.match(receivingOf(beside.checks), {
      'receipt rule store-mail': { outcome: 'OK' },
      'Mail Manager': { outcome: 'SKIP', reason: /^Mail Manager was not checked: AWS denied access/ },
    });
    await noReceiptRules(operator);
    const alone = await operator.verify();
    t.match(receivingOf(alone.checks)[title], {
      outcome: 'SKIP',
      reason:
        /^no receipt rule set is active in .*; mail may be received in another region\. Mail Manager was not checked: AWS denied access/,
    });
    operator.sandbox.intercept(({ operation }) =>
      operation === 'DescribeActiveReceiptRuleSet' ? { kind: 'refuse', code: 'AccessDenied', status: 403 } : undefined,
    );
    const neither = await operator.verify();
    t.match(
      receivingOf(neither.checks)[title]?.reason,
      /^The receipt rules were not checked: AWS denied access.* Mail Manager was not checked: AWS denied access/,
    );
  });

  t.test('is not reported by an interrupted run', async (t) => {
    const operator = await startDeployed(t);
    const interruption = new AbortController();
    operator.sandbox.intercept(({ service }) => {
      if (service !== 'mailmanager') return undefined;
      interruption.abort();
      return { kind: 'refuse', code: 'AccessDeniedException', status: 400 };
    });
    const { status, stdout } = await operator.verify([], { signal: interruption.signal });
    t.equal(status, 130);
    t.notMatch(stdout, 'Mail Manager');
  });
});

t.test('a default Object Lock retention', async (t) => {
  const name = 'the bucket has no default Object Lock retention';
  const operator = await startDeployed(t);
  const { aws, bucket: Bucket } = operator;
  await aws.s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  const lock = (Rule?: ObjectLockRule) =>
    aws.s3.send(
      new PutObjectLockConfigurationCommand({
        Bucket,
        ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule },
      }),
    );
  await lock();
  t.equal(receivingOf((await operator.verify()).checks)[name]?.outcome, 'OK', 'Object Lock alone');
  for (const [DefaultRetention, period] of [
    [{ Mode: 'GOVERNANCE', Days: 30 }, '30 days (GOVERNANCE)'],
    [{ Mode: 'COMPLIANCE', Years: 2 }, '2 years (COMPLIANCE)'],
  ] as const) {
    await lock({ DefaultRetention });
    const { failed, checks } = await operator.verify();
    t.strictSame(failed, [`${title} > ${name}`]);
    t.match(receivingOf(checks)[name], {
      reason: `new objects are locked for ${period}, and SES stores no mail in such a bucket`,
      fix: /^remove the default retention: aws s3api put-object-lock-configuration --bucket /,
    });
  }
  operator.sandbox.intercept(({ operation }) =>
    operation === 'GetObjectLockConfiguration' ? { kind: 'refuse', code: 'AccessDenied', status: 403 } : undefined,
  );
  const denied = await operator.verify();
  t.strictSame(denied.failed, []);
  t.match(receivingOf(denied.checks)[name], { outcome: 'SKIP', reason: /^AWS denied access/ });
});

t.test('a bucket in an opt-in Region', async (t) => {
  const operator = await startDeployed(t, { region: 'eu-south-1' });
  const rule = 'receipt rule store-mail';
  const without = await operator.verify();
  t.strictSame(without.failed, [`${title} > ${rule}`]);
  t.match(receivingOf(without.checks)[rule], {
    reason: 'the bucket is in the opt-in Region eu-south-1, where SES stores no mail',
    fix: /^use a bucket in a Region that is enabled by default/,
  });
  for (const set of operator.sandbox.state.ses.ruleSets.values())
    for (const { Actions } of set.rules)
      for (const { S3Action } of Actions) if (S3Action) S3Action.IamRoleArn = RoleArn;
  const { failed, checks } = await operator.verify();
  t.strictSame(failed, []);
  t.match(receivingOf(checks)[rule], { outcome: 'SKIP', reason: /AWS's documentation has said both$/ });
});

t.test('opt-in Regions', async (t) => {
  const optIn = (partition: string, region: string) => isOptIn({ partition, region });
  for (const region of ['us-east-1', 'us-west-2', 'ap-northeast-3', 'sa-east-1', 'eu-north-1'])
    t.notOk(optIn('aws', region), region);
  for (const region of ['af-south-1', 'eu-south-1', 'ap-southeast-3', 'mx-central-1', 'il-central-1', 'ca-west-1'])
    t.ok(optIn('aws', region), region);
  t.notOk(optIn('aws-us-gov', 'us-gov-west-1'));
  t.notOk(optIn('aws-cn', 'cn-north-1'));
});
