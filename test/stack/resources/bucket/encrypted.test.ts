/**
 * A bucket that encrypts with KMS: the function gets leave to use that key and no other, and the operator is told what else needs it.
 */
import { PutRolePermissionsBoundaryCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
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

/** Has the bucket encrypt with a key by default; without one, AWS's own for S3. */
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

/** Whose use of a key a plan tells of. */
const told = ['bucket key', 'data role', 'broker role'];
const all = told;

/** The plan's entries on the key, as JSON has them. */
async function toldOf({ run }: Operator, options: Parameters<Operator['run']>[1] = {}): Promise<Entry[]> {
  const { stdout, stderr, status } = await run(['deploy', '--dry-run', '--json'], options);
  if (status !== 0) throw new Error(stderr);
  const entries: Entry[] = JSON.parse(stdout).plan.entries;
  return entries.filter(({ resource }) => told.includes(resource));
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
  tells: string[];
  /** One message is enough: how the key is named has been seen with all of them. */
  one?: true;
}

const named: Named[] = [
  { name: 'a key by its ARN', key: one, with: one, tells: all },
  { name: 'a key by its id', key: one.slice(keys.length + 1), with: one, tells: all },
  { name: 'a multi-Region key', key: `${keys}/mrk-1`, with: `${keys}/mrk-1`, tells: all, one: true },
  { name: 'a key by an alias', key: 'alias/mail', with: /:key\//, tells: all },
  {
    name: "a key by an alias's ARN",
    key: 'arn:aws:kms:us-east-1:111122223333:alias/mail',
    with: /:key\//,
    tells: all,
    one: true,
  },
  { name: 'a key, with S3 Bucket Keys', key: one, more: { BucketKeyEnabled: true }, with: one, tells: all, one: true },
  { name: 'a key, in two layers', key: one, more: inTwoLayers(one), with: one, tells: all, one: true },
  { name: "AWS's own key for S3", tells: [] },
  {
    name: "AWS's own key for S3, by its alias",
    key: 'arn:aws:kms:us-east-1:111122223333:alias/aws/s3',
    tells: [],
    one: true,
  },
];

for (const { name, key, more, with: expected, tells, one: single } of named) {
  t.test(`${name}: mail is routed, and encrypted with it again`, async (t) => {
    const operator = await startOperator(t);
    await encryptedWith(operator, key, more);
    await deployed(operator);
    await delivered(operator, single && [signup]);
    t.strictSame(await keysIn(operator), single ? [copy, signup.key].sort() : expectedKeys);
    t.match(await keyOf(operator, copy), expected);
    t.strictSame((await deployed(operator)).writes, [], 'and a second deploy writes nothing');
    t.strictSame(
      (await toldOf(operator)).map(({ resource }) => resource),
      tells,
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
  t.strictSame(failedKeys(operator), read, 'every message that was read has failed, and was not called gone');

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
  const again = await deployed(operator);
  t.strictSame(again.writes, ['iam:PutRolePolicy']);
  const lines = again.stdout.split('\n');
  const at = lines.findIndex((line) => line.startsWith('~ '));
  t.strictSame(lines.slice(at, at + 11), [
    `~ execution role  ${roleName}`,
    '    mail that was stored under the key from before, and is not routed yet, stays',
    '    where it is: backfill routes it, if you may use that key',
    `    - policy ${roleName}-inline: Allow kms:Decrypt,`,
    '      kms:GenerateDataKey on',
    `      ${one}`,
    '      when kms:ViaService StringEquals s3.us-east-1.amazonaws.com',
    `    + policy ${roleName}-inline: Allow kms:Decrypt,`,
    '      kms:GenerateDataKey on',
    `      ${two}`,
    '      when kms:ViaService StringEquals s3.us-east-1.amazonaws.com',
  ]);
  await delivered(operator, [signup]);
  t.strictSame(await keysIn(operator), [copy, signup.key].sort());
});

t.test('what is told, to the letter', async (t) => {
  const operator = await startOperator(t);
  await encryptedWith(operator, one);
  await deployed(operator);
  const env = { DATA_ROLE_ARN: 'arn:aws:iam::111122223333:role/agents' };
  const dry = await operator.run(['deploy', '--dry-run', '--detailed-exitcode', '--mail-domain', 'bots.litentry.org'], {
    env,
  });
  t.equal(dry.status, 0, 'it does not count as something to do');
  const lines = dry.stdout.split('\n');
  const from = lines.findIndex((line) => line.startsWith('! bucket key'));
  const to = lines.findIndex((line) => line.startsWith('= log group'));
  const decrypt = `      {"Sid":"DecryptMail","Effect":"Allow","Action":"kms:Decrypt","Resource":"${one}","Condition":{"StringEquals":{"kms:ViaService":"s3.us-east-1.amazonaws.com"}}}`;
  t.strictSame(lines.slice(from, to), [
    `! bucket key      ${one}`,
    '    the mail is encrypted with it. Its own policy, which is not read here, must',
    '    leave it to the IAM policies of account 111122223333 who may use it, as the',
    '    default key policy does; where it does not, add to it:',
    '    + key policy:',
    '      {"Sid":"IamPoliciesDecideThroughS3","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":["kms:Decrypt","kms:GenerateDataKey"],"Resource":"*","Condition":{"StringEquals":{"kms:ViaService":"s3.us-east-1.amazonaws.com"}}}',
    '! data role       arn:aws:iam::111122223333:role/agents',
    '    agents, who assume it, can not read the mail that is routed to them without',
    "    kms:Decrypt on the bucket's key; where the role does not have it, allow it:",
    '    + statement:',
    decrypt,
    '! broker role     agentkeys-broker-host',
    '    the broker can not read the mail in inbound/ without kms:Decrypt on the',
    "    bucket's key; where the role does not have it, allow it:",
    '    + statement:',
    decrypt,
  ]);
  const [, dataRole] = await toldOf(operator);
  t.equal(dataRole?.name, 'arn:aws:iam::111122223333:role/agentkeys-data-role', 'without DATA_ROLE_ARN');
});

t.test(
  'what is told is what is missing, and enough: the statements are given, and everybody reads its own',
  async (t) => {
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
      t.notOk((await access()).asExpected, 'nobody can read');
      const [, dataRole, broker] = await toldOf(operator);
      await grant(operator, 'agentkeys-data-role', dataRole);
      await grant(operator, 'agentkeys-broker-host', broker);
      const { asExpected, lines } = await access();
      t.ok(asExpected, lines.join('\n'));
      t.strictSame(
        (await toldOf(operator)).map(({ resource }) => resource),
        ['bucket key', 'data role'],
        'the broker is told of no more',
      );
    }
  },
);

t.test('the statements name the bucket key through S3, not the key by itself', async (t) => {
  const operator = await startOperator(t);
  await encryptedWith(operator, one);
  for (const entry of await toldOf(operator))
    t.strictSame(statementOf(entry).Condition, { StringEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } });
});

t.test("a policy that can't be judged counts as none", async (t) => {
  const operator = await startOperator(t);
  await encryptedWith(operator, one);
  const allow = (more: object) => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'kms:*', Resource: '*', ...more }],
  });
  const RoleName = 'agentkeys-broker-host';
  const telling = async (document: object) => {
    await operator.aws.iam.send(
      new PutRolePolicyCommand({ RoleName, PolicyName: 'key', PolicyDocument: JSON.stringify(document) }),
    );
    return (await toldOf(operator)).some(({ resource }) => resource === 'broker role');
  };
  t.notOk(await telling(allow({})));
  t.ok(await telling(allow({ Condition: { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } } })), 'from one network only');
  t.ok(await telling(allow({ Condition: { MadeUpOperator: { 'aws:username': 'x' } } })), 'an operator unknown here');
  t.ok(await telling(allow({ Resource: two })), 'another key');

  const PermissionsBoundary = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
  await operator.aws.iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary }));
  t.ok(await telling(allow({})), 'a boundary that holds it back');
});

t.test('a broker that is not looked after is told of by its name', async (t) => {
  const operator = await startOperator(t);
  await encryptedWith(operator, one);
  const cases: Array<[flags: string[], name: string]> = [
    [['--no-broker'], 'agentkeys-broker-host'],
    [['--broker-instance-profile', 'agentkeys-broker-host'], 'agentkeys-broker-host'],
  ];
  for (const [flags, name] of cases) {
    const { stdout } = await operator.run(['deploy', '--dry-run', ...flags]);
    t.match(stdout, `! broker role     ${name}\n`, flags.join(' '));
  }
  operator.sandbox.state.iam.roles.delete('agentkeys-broker-host');
  t.match((await operator.run(['deploy', '--dry-run'])).stdout, '! broker role     agentkeys-broker-host\n');
});

t.test("an alias is advised against, and a key of another account's is that account's to open", async (t) => {
  const operator = await startOperator(t);
  await encryptedWith(operator, 'alias/mail');
  const [alias] = await toldOf(operator);
  t.match(alias?.note, /It is named by an alias, .*: name it by its ARN\. Its own policy/);
  await encryptedWith(operator, 'arn:aws:kms:us-east-1:999988887777:key/1');
  const [foreign] = await toldOf(operator);
  t.match(
    foreign?.note,
    /where it does not \(that is done in account 999988887777, which it belongs to\), add to it:$/,
  );
  t.strictSame(statementOf(foreign).Principal, { AWS: 'arn:aws:iam::111122223333:root' });
});

t.test('a message that is read needs the key, as every reader does', async (t) => {
  const operator = await startOperator(t);
  await encryptedWith(operator, one);
  await deployed(operator);
  await delivered(operator, [signup]);
  const { Body } = await operator.aws.s3.send(new GetObjectCommand({ Bucket: operator.bucket, Key: copy }));
  t.ok(signup.raw.equals((await Body?.transformToByteArray()) ?? Buffer.alloc(0)));
});
