/**
 * A bucket that encrypts with KMS, on the embedded AWS: the function may use that key and no other, and the statements that the plan shows
 * are enough. What the plan shows is in plan/kms-key.test.ts.
 */
import { PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketEncryptionCommand,
  PutObjectCommand,
  type ServerSideEncryptionRule,
} from '@aws-sdk/client-s3';
import t from 'tap';
import { accessTable } from '../../../../src/commands/demo/access.js';
import { routedKeys } from '../../../../src/commands/demo/mail.js';
import type { Entry } from '../../../../src/reconcile/plan.js';
import { delivered, deployed, expectedKeys, failedKeys, inboundKeys, keysIn, messages } from '../../../support/mail.js';
import { type Operator, startOperator } from '../../../support/operator.js';

const roleName = 'agentkeys-ses-routing-role';
const keys = 'arn:aws:kms:us-east-1:111122223333:key';
const one = `${keys}/11111111-1111-1111-1111-111111111111`;
const two = `${keys}/22222222-2222-2222-2222-222222222222`;
const [signup] = messages.filter(({ file }) => file === 'routed-signup.eml');
if (signup === undefined) throw new Error('there is no such fixture');
const [copy = ''] = routedKeys(signup);

/** Sets the bucket's default encryption to a key; without one, to AWS's own for S3. */
function encryptedWith(
  { aws, bucket }: Operator,
  KMSMasterKeyID?: string,
  more: Partial<ServerSideEncryptionRule> = {},
) {
  const byDefault = { SSEAlgorithm: 'aws:kms' as const, ...(KMSMasterKeyID && { KMSMasterKeyID }) };
  const Rules = [{ ApplyServerSideEncryptionByDefault: byDefault, ...more }];
  return aws.s3.send(new PutBucketEncryptionCommand({ Bucket: bucket, ServerSideEncryptionConfiguration: { Rules } }));
}

function inTwoLayers(KMSMasterKeyID: string): Partial<ServerSideEncryptionRule> {
  return { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms:dsse', KMSMasterKeyID } };
}

/** The key an object is encrypted with. */
async function keyOf({ aws, bucket }: Operator, Key: string): Promise<string | undefined> {
  return (await aws.s3.send(new HeadObjectCommand({ Bucket: bucket, Key }))).SSEKMSKeyId;
}

/** The kinds of resource whose use of the key the plan notes. */
const all = ['bucket key', 'data role', 'broker role'];

/** The plan's entries on the key, as JSON has them. */
async function notesOf({ run }: Operator): Promise<Entry[]> {
  const { stdout, stderr, status } = await run(['deploy', '--dry-run', '--json']);
  if (status !== 0) throw new Error(stderr);
  const entries: Entry[] = JSON.parse(stdout).plan.entries;
  return entries.filter(({ resource }) => all.includes(resource));
}

/** The statement that an entry shows. */
const statementOf = (entry: Entry | undefined) => JSON.parse(String(entry?.differences[0]?.to));

/** Grants a role what an entry shows. */
function grant({ aws }: Operator, RoleName: string, entry: Entry | undefined, PolicyName = 'key') {
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [statementOf(entry)] });
  return aws.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
}

interface Named {
  name: string;
  key?: string;
  more?: Partial<ServerSideEncryptionRule>;
  /** The copies' key. */
  with?: string | RegExp;
  notes: string[];
  /** Sends one message only; the others send all of them. */
  one?: true;
}

const named: Named[] = [
  { name: 'a key by its ARN', key: one, with: one, notes: all },
  { name: 'a key by its id', key: one.slice(keys.length + 1), with: one, notes: all, one: true },
  { name: 'a multi-Region key', key: `${keys}/mrk-1`, with: `${keys}/mrk-1`, notes: all, one: true },
  { name: 'a key by an alias', key: 'alias/mail', with: /:key\//, notes: all },
  {
    name: "a key by an alias's ARN",
    key: 'arn:aws:kms:us-east-1:111122223333:alias/mail',
    with: /:key\//,
    notes: all,
    one: true,
  },
  { name: 'a key, with S3 Bucket Keys', key: one, more: { BucketKeyEnabled: true }, with: one, notes: all, one: true },
  { name: 'a key, in two layers', key: one, more: inTwoLayers(one), with: one, notes: all, one: true },
  { name: "AWS's own key for S3", notes: [], one: true },
  {
    name: "AWS's own key for S3, by its alias",
    key: 'arn:aws:kms:us-east-1:111122223333:alias/aws/s3',
    notes: [],
    one: true,
  },
];

for (const { name, key, more, with: expected, notes, one: single } of named) {
  t.test(`${name}: mail is routed, and encrypted with it again`, async (t) => {
    const operator = await startOperator(t);
    await encryptedWith(operator, key, more);
    await deployed(operator);
    await delivered(operator, single && [signup]);
    t.strictSame(await keysIn(operator), single ? [copy, signup.key].sort() : expectedKeys);
    t.match(await keyOf(operator, copy), expected);
    t.strictSame((await deployed(operator)).writes, [], 'and a second deploy writes nothing');
    t.strictSame(
      (await notesOf(operator)).map(({ resource }) => resource),
      notes,
    );
  });
}

t.test("without the key's statement the mail waits, and nothing is lost", async (t) => {
  const operator = await startOperator(t);
  await encryptedWith(operator, one);
  await deployed(operator);
  const PolicyName = `${roleName}-inline`;
  const policy = JSON.parse(operator.sandbox.state.iam.roles.get(roleName)?.inline.get(PolicyName) ?? '');
  const without = policy.Statement.filter(({ Sid }: { Sid: string }) => Sid !== 'UseBucketKey');
  t.equal(without.length, policy.Statement.length - 1);
  await operator.aws.iam.send(
    new PutRolePolicyCommand({
      RoleName: roleName,
      PolicyName,
      PolicyDocument: JSON.stringify({ ...policy, Statement: without }),
    }),
  );
  await delivered(operator);
  t.strictSame(await keysIn(operator), inboundKeys);
  const read = inboundKeys.filter((key) => !key.endsWith('AMAZON_SES_SETUP_NOTIFICATION'));
  t.strictSame(failedKeys(operator), read, 'every message that was read failed, and none was reported as gone');

  t.strictSame((await deployed(operator)).writes, ['iam:PutRolePolicy']);
  t.equal((await operator.run(['backfill', '--mail-domain', 'bots.litentry.org'])).status, 0);
  t.strictSame(await keysIn(operator), expectedKeys);
});

t.test(
  "the function may use the bucket's key and no other: what was stored under another waits for backfill",
  async (t) => {
    const operator = await startOperator(t);
    const { aws, bucket, sandbox } = operator;
    await encryptedWith(operator, one);
    await deployed(operator);
    const under = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: two } as const;
    await aws.s3.send(new PutObjectCommand({ Bucket: bucket, Key: signup.key, Body: signup.raw, ...under }));
    await sandbox.settled();
    t.strictSame(failedKeys(operator), [signup.key]);
    t.strictSame(await keysIn(operator), [signup.key]);

    t.equal((await operator.run(['backfill', '--mail-domain', 'bots.litentry.org'])).status, 0);
    t.strictSame(await keysIn(operator), [copy, signup.key].sort());
    t.equal(await keyOf(operator, copy), one, "the copy is under the bucket's own key");
  },
);

t.test('another default key is a difference: the next deploy changes the statement', async (t) => {
  const operator = await startOperator(t);
  await encryptedWith(operator, one);
  await deployed(operator);
  await encryptedWith(operator, two);
  await delivered(operator, [signup]);
  t.strictSame(failedKeys(operator), [signup.key]);
  t.strictSame((await deployed(operator)).writes, ['iam:PutRolePolicy']);
  await delivered(operator, [signup]);
  t.strictSame(await keysIn(operator), [copy, signup.key].sort());
});

t.test('with the statements that the plan shows, the broker and each agent read their own mail', async (t) => {
  for (const key of [one, 'alias/mail']) {
    const operator = await startOperator(t);
    const { sandbox, bucket } = operator;
    await encryptedWith(operator, key);
    await deployed(operator);
    await delivered(operator);
    const access = async () => {
      // The broker's broad grant is another matter: here it is gone.
      sandbox.state.iam.roles.get('agentkeys-broker-host')?.attached.clear();
      return accessTable(sandbox, bucket, messages);
    };
    t.notOk((await access()).asExpected, 'without them neither can');
    const [, dataRole, broker] = await notesOf(operator);
    await grant(operator, 'agentkeys-data-role', dataRole);
    await grant(operator, 'agentkeys-broker-host', broker);
    const { asExpected, lines } = await access();
    t.ok(asExpected, lines.join('\n'));
    t.strictSame(
      (await notesOf(operator)).map(({ resource }) => resource),
      ['bucket key', 'data role'],
      'the broker needs no more',
    );
  }
});

t.test('every reader of a message needs permission to use the key', async (t) => {
  const operator = await startOperator(t);
  await encryptedWith(operator, one);
  await deployed(operator);
  await delivered(operator, [signup]);
  const { Body } = await operator.aws.s3.send(new GetObjectCommand({ Bucket: operator.bucket, Key: copy }));
  t.ok(signup.raw.equals((await Body?.transformToByteArray()) ?? Buffer.alloc(0)));
});
