/**
 * IAM's quotas on the embedded AWS, which enforces them. Which quota stops what is in plan/iam-quotas.test.ts.
 */
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  PutRolePolicyCommand,
  TagRoleCommand,
} from '@aws-sdk/client-iam';
import t from 'tap';
import { type Operator, startOperator } from '../../support/operator.js';
import { brokerOf, RoleName, shape, snapshotOf } from './broker-role.js';

const bucketArn = 'arn:aws:s3:::agentkeys-mail-111122223333';
const statement = (Action: string, Resource: string | string[]) => ({ Effect: 'Allow', Action, Resource });
const text = (...Statement: object[]) => JSON.stringify({ Statement });
const wide = text(statement('s3:*', '*'));
/** A policy of about this many characters, on no bucket. */
const filler = (size: number) => text(statement('sqs:*', `arn:aws:sqs:us-east-1:111122223333:${'q'.repeat(size)}`));

const removeGrants = ['deploy', '--remove-broad-grants', '--yes'];
const restoreGrants = ['teardown', '--broker', '--yes'];

const put = ({ aws }: Operator, PolicyName: string, PolicyDocument: string) =>
  aws.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));

async function attach({ aws }: Operator, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const { Policy } = await aws.iam.send(
      new CreatePolicyCommand({ PolicyName: `theirs-${n}`, PolicyDocument: text(statement('sqs:*', '*')) }),
    );
    await aws.iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: Policy?.Arn }));
  }
}

async function tagged({ aws }: Operator, count: number): Promise<void> {
  const Tags = Array.from({ length: count }, (_, n) => ({ Key: `theirs-${n}`, Value: 'x' }));
  await aws.iam.send(new TagRoleCommand({ RoleName, Tags }));
}

/** The output as a single line. */
const words = (output: string) => output.replace(/\s+/g, ' ');

t.test('what does not fit is reported, and nothing fails half-way', async (t) => {
  const operator = await startOperator(t);
  await shape(operator, { inline: { wide, filler: filler(8_900) } });
  const limited = await operator.run(removeGrants);
  t.equal(limited.status, 0, limited.stderr);
  const snapshot = snapshotOf(operator);
  const { status, stdout, stderr, writes } = await operator.run(removeGrants);
  t.equal(status, 0, stderr);
  t.strictSame(writes, []);
  t.match(words(stdout), "the role's inline policies would total 10334 characters, and IAM allows 10240");
  t.strictSame(snapshotOf(operator), snapshot);
});

t.test('of two grants, the one that fits is removed', async (t) => {
  const operator = await startOperator(t);
  await shape(operator, { inline: { a: wide, b: wide } });
  // One for the record of whether the broker reads inbound/, one for the first grant.
  await tagged(operator, 48);
  const { status, stdout, stderr } = await operator.run(removeGrants);
  t.equal(status, 0, stderr);
  t.match(stdout, /^- broad grant {5}agentkeys-broker-host\/a$/m);
  t.match(
    words(stdout),
    /! broad grant agentkeys-broker-host\/b .* one more tag on the role, which already has the maximum/,
  );
  t.notMatch(brokerOf(operator).inline.get('a'), '"Resource":"*"');
  t.equal(brokerOf(operator).inline.get('b'), wide);
});

t.test('restored later: too many policies attached', async (t) => {
  const operator = await startOperator(t);
  await shape(operator, { attached: ['AmazonS3FullAccess', 'AmazonS3ReadOnlyAccess'] });
  await operator.run(removeGrants);
  await attach(operator, 9);
  const down = await operator.run(restoreGrants);
  t.equal(down.status, 0, down.stderr);
  t.match(
    words(down.stdout),
    /not reattached: 10 managed policies are attached, which is IAM's default quota; detach one, or attach arn:aws:iam::aws:policy\/AmazonS3\w+Access yourself/,
  );
  t.match(
    words(down.stdout),
    '! broker policy agentkeys-broker-host/agentkeys-ses-routing-broker kept until everything is restored',
  );
  t.equal(brokerOf(operator).inline.size, 2, 'the access to other buckets is kept');
  brokerOf(operator).attached.delete('arn:aws:iam::111122223333:policy/theirs-0');
  const again = await operator.run(restoreGrants);
  t.equal(again.status, 0, again.stderr);
  t.match([...brokerOf(operator).attached].join(), /AmazonS3FullAccess/);
  t.match([...brokerOf(operator).attached].join(), /AmazonS3ReadOnlyAccess/);
  t.equal(brokerOf(operator).inline.size + brokerOf(operator).tags.size, 0);
});

const mail = text(
  statement('s3:*', [
    bucketArn,
    `${bucketArn}/*`,
    ...Array.from({ length: 20 }, (_, n) => `${bucketArn}/folder-${n}/*`),
  ]),
);

t.test("restored later: it fits only without this tool's own policies, which are deleted first", async (t) => {
  const operator = await startOperator(t);
  await shape(operator, { inline: { mail } });
  await operator.run(removeGrants);
  await put(operator, 'filler', filler(10_240 - mail.length - 200));
  const down = await operator.run(restoreGrants);
  t.equal(down.status, 0, down.stderr);
  t.strictSame(down.writes.slice(0, 3), ['iam:DeleteRolePolicy', 'iam:UntagRole', 'iam:PutRolePolicy']);
  t.equal(brokerOf(operator).inline.get('mail'), mail);
  t.strictSame([...brokerOf(operator).inline.keys()].sort(), ['filler', 'mail']);
});

t.test('restored later: it does not fit at all', async (t) => {
  const operator = await startOperator(t);
  await shape(operator, { inline: { mail } });
  await operator.run(removeGrants);
  await put(operator, 'filler', filler(9_150));
  const snapshot = snapshotOf(operator);
  const down = await operator.run(restoreGrants);
  t.equal(down.status, 0, down.stderr);
  t.match(
    words(down.stdout),
    /! broad grant agentkeys-broker-host\/mail not restored: the role's inline policies would total \d+ characters, and IAM allows 10240; make room, then run this again \(it stays saved as arn:aws:iam::111122223333:policy\/agentkeys-ses-routing\/saved-/,
  );
  t.strictSame(snapshotOf(operator), snapshot);
  brokerOf(operator).inline.delete('filler');
  const again = await operator.run(restoreGrants);
  t.equal(again.status, 0, again.stderr);
  t.strictSame([...brokerOf(operator).inline], [['mail', mail]]);
});
