/**
 * The bucket policy of docs/cloud-setup.md, enforced on a bucket of the embedded AWS: each caller tries each request.
 */

import { readFile } from 'node:fs/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import t from 'tap';
import { operatorNames } from '../../src/commands/demo/operator-account.js';
import { evaluate } from '../../src/policy/evaluate.js';
import { createSession } from '../../src/sandbox/index.js';
import { startDeployed } from '../commands/verify/operator.js';
import { walletA, walletB } from '../mailbox/support.js';
import { startOperator } from '../support/operator.js';

const page = await readFile('docs/cloud-setup.md', 'utf8');
const [, policy = ''] = /<!-- bucket-policy -->\n```json\n([\s\S]*?)```/.exec(page) ?? [];

t.test('a wallet can read and list its own folder, and nothing else is allowed', async (t) => {
  const { aws, bucket: Bucket, sandbox } = await startOperator(t);
  const { state, endpoint, region } = sandbox;
  await aws.s3.send(new PutBucketPolicyCommand({ Bucket, Policy: policy }));
  for (const Key of ['inbound/mail', `bots/${walletA}/inbound/mail`, `bots/${walletB}/inbound/mail`])
    await aws.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'mail' }));

  const session = (name: string, tags?: Record<string, string>) => {
    const role = state.iam.roles.get(name);
    if (role === undefined) throw new Error(`there is no role ${name}`);
    role.attached.clear();
    const {
      id: accessKeyId,
      secret: secretAccessKey,
      sessionToken,
    } = createSession(state, role, {
      session: 'x',
      ...(tags && { tags }),
    });
    const credentials = { accessKeyId, secretAccessKey, sessionToken };
    const s3 = new S3Client({ region, endpoint, forcePathStyle: true, maxAttempts: 1, credentials });
    t.teardown(() => s3.destroy());
    return s3;
  };
  const { dataRole, brokerRole } = operatorNames;
  const callers = {
    A: session(dataRole, { agentkeys_user_wallet: walletA }),
    B: session(dataRole, { agentkeys_user_wallet: walletB }),
    untagged: session(dataRole),
    // A role to which no policy of its own grants anything.
    broker: session(brokerRole),
  };
  const get = (Key: string) => (s3: S3Client) => s3.send(new GetObjectCommand({ Bucket, Key }));
  const list = (Prefix?: string) => (s3: S3Client) => s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
  const put = (Key: string) => (s3: S3Client) => s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
  const remove = (Key: string) => (s3: S3Client) => s3.send(new DeleteObjectCommand({ Bucket, Key }));

  const cases: Array<[what: string, attempt: (s3: S3Client) => Promise<unknown>, by: Array<keyof typeof callers>]> = [
    ["read A's mail", get(`bots/${walletA}/inbound/mail`), ['A']],
    ["list A's mail", list(`bots/${walletA}/inbound/`), ['A']],
    ["read B's mail", get(`bots/${walletB}/inbound/mail`), ['B']],
    ["list B's mail", list(`bots/${walletB}/inbound/`), ['B']],
    ['read inbound/', get('inbound/mail'), []],
    ['list inbound/', list('inbound/'), []],
    ['list bots/', list('bots/'), []],
    ['list everything', list(), []],
    ["write A's mail", put(`bots/${walletA}/inbound/other`), []],
    ['write inbound/', put('inbound/other'), []],
    ["delete A's mail", remove(`bots/${walletA}/inbound/mail`), []],
  ];
  for (const [what, attempt, by] of cases)
    for (const [name, s3] of Object.entries(callers)) {
      const outcome = await attempt(s3).then(
        () => 'allowed',
        ({ name }: Error) => name,
      );
      const allowed = by.some((one) => one === name);
      t.equal(outcome, allowed ? 'allowed' : 'AccessDenied', `${what}, ${name}`);
    }
});

t.test('SES stores mail of this receipt rule under inbound/, and does nothing else', async (t) => {
  const rule = 'arn:aws:ses:us-east-1:111122223333:receipt-rule-set/agentkeys:receipt-rule/store-mail';
  const resource = { name: 'the bucket policy', document: JSON.parse(policy) };
  const may = (action: string, key: string, context: Record<string, string>) =>
    evaluate(
      {
        principal: { arn: 'ses.amazonaws.com', service: 'ses.amazonaws.com' },
        action,
        resource: `arn:aws:s3:::agentkeys-mail-111122223333/${key}`,
        resourceAccount: '111122223333',
        context,
      },
      { identity: [], resource },
    ).allowed;
  const ours = { 'aws:SourceAccount': '111122223333', 'aws:SourceArn': rule };
  t.ok(may('s3:PutObject', 'inbound/x', ours));
  t.notOk(may('s3:PutObject', `bots/${walletA}/inbound/x`, ours));
  t.notOk(may('s3:GetObject', 'inbound/x', ours));
  t.notOk(may('s3:PutObject', 'inbound/x', { ...ours, 'aws:SourceAccount': '444455556666' }));
  t.notOk(may('s3:PutObject', 'inbound/x', { ...ours, 'aws:SourceArn': `${rule}-of-somebody` }));
  t.notOk(may('s3:PutObject', 'inbound/x', {}));
});

t.test('verify passes with it, and S3 refuses the policy that the page says it refuses', async (t) => {
  const { aws, bucket: Bucket, verify } = await startDeployed(t);
  await aws.s3.send(new PutBucketPolicyCommand({ Bucket, Policy: policy }));
  t.strictSame((await verify()).failed, []);

  const document = JSON.parse(policy);
  document.Statement[1].Condition = document.Statement[2].Condition;
  const refused = aws.s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify(document) }));
  await t.rejects(refused, { name: 'MalformedPolicy' });
});
