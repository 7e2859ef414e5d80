/**
 * IAM's limits: what would not fit is said in the plan, and nothing fails half-way.
 */
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  PutRolePolicyCommand,
  TagRoleCommand,
} from '@aws-sdk/client-iam';
import t from 'tap';
import { type Operator, startOperator } from '../../support/operator.js';
import { brokerOf, lettersOf, RoleName, type RoleShape, shape } from './brokers-role.js';

const bucketArn = 'arn:aws:s3:::agentkeys-mail-111122223333';
const statement = (Action: string, Resource: string | string[]) => ({ Effect: 'Allow', Action, Resource });
const text = (...Statement: object[]) => JSON.stringify({ Statement });
const wide = text(statement('s3:*', '*'));
/** A policy of about this many characters, on no bucket of ours. */
const filler = (size: number) => text(statement('sqs:*', `arn:aws:sqs:us-east-1:111122223333:${'q'.repeat(size)}`));

const take = ['deploy', '--remove-broad-grants', '--yes'];
const giveBack = ['teardown', '--broker', '--yes'];

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

/** The words of an output, its lines joined. */
const words = (output: string) => output.replace(/\s+/g, ' ');

const cases: Array<{ name: string; role: RoleShape; more?(operator: Operator): Promise<unknown>; says: string }> = [
  {
    name: 'a document that no managed policy can keep',
    role: {
      inline: {
        wide: text(
          statement('s3:*', ['*', ...Array.from({ length: 200 }, (_, n) => `arn:aws:s3:::a-bucket-of-some-name-${n}`)]),
        ),
      },
    },
    says: 'it is too large to be saved: narrow it by hand',
  },
  {
    name: 'a document that is too long as it is written',
    role: { inline: { wide: wide.replace('"*"', `["*","arn:aws:s3:::${'\\u0061'.repeat(1_050)}"]`) } },
    says: 'it is too large to be saved: narrow it by hand',
  },
  {
    name: 'a narrowed policy, longer by the name of the bucket, that has no room',
    role: { inline: { wide, filler: filler(9_570) } },
    says: "it can not be narrowed: the role's inline policies would take 10298 of IAM's 10240 characters; narrow it by hand",
  },
  {
    name: 'a detached policy whose other grants have no room',
    role: { attached: ['AmazonS3FullAccess'], inline: { filler: filler(9_500) } },
    says: "it can not be narrowed: the role's inline policies would take 10274 of IAM's 10240 characters; narrow it by hand",
  },
  {
    name: 'a role with as many tags as it can have',
    role: { inline: { wide } },
    more: (operator) => tagged(operator, 50),
    says: 'what is taken is noted in a tag, and the role has as many as IAM allows: remove one',
  },
];

for (const { name, role, more, says } of cases) {
  t.test(`said, and nothing is taken: ${name}`, async (t) => {
    const operator = await startOperator(t);
    await shape(operator, role);
    await more?.(operator);
    const deployed = await operator.run(['deploy']);
    t.equal(deployed.status, 0, deployed.stderr);
    const letters = lettersOf(operator);
    const { status, stdout, stderr, writes } = await operator.run(take);
    t.equal(status, 0, stderr);
    t.strictSame(writes, []);
    t.match(words(stdout), says);
    t.strictSame(lettersOf(operator), letters);
  });
}

t.test('of two grants, the one that has room is taken', async (t) => {
  const operator = await startOperator(t);
  await shape(operator, { inline: { a: wide, b: wide } });
  await tagged(operator, 49);
  const { status, stdout, stderr } = await operator.run(take);
  t.equal(status, 0, stderr);
  t.match(stdout, /^- broad grant {5}agentkeys-broker-host\/a$/m);
  t.match(words(stdout), /! broad grant agentkeys-broker-host\/b .* the role has as many as IAM allows/);
  t.notMatch(brokerOf(operator).inline.get('a'), '"Resource":"*"');
  t.equal(brokerOf(operator).inline.get('b'), wide);
});

t.test('tags of AWS itself do not count', async (t) => {
  const operator = await startOperator(t);
  await shape(operator, { inline: { wide } });
  await tagged(operator, 48);
  brokerOf(operator).tags.set('aws:cloudformation:stack-name', 'broker');
  const { status, stderr } = await operator.run(take);
  t.equal(status, 0, stderr);
  t.notMatch(brokerOf(operator).inline.get('wide'), '"Resource":"*"');
});

t.test("the broker's own policy, where there is no room for it", async (t) => {
  const operator = await startOperator(t);
  await shape(operator, { inline: { filler: filler(9_900) } });
  const letters = lettersOf(operator);
  const { status, stdout, stderr } = await operator.run(['deploy']);
  t.equal(status, 0, stderr);
  t.match(
    words(stdout),
    /! broker policy agentkeys-broker-host\/agentkeys-ses-routing-broker it does not fit: the role's inline policies would take \d+ of IAM's 10240 characters; make room, then run this again/,
  );
  t.strictSame(lettersOf(operator), letters);
});

t.test('given back later: no place to attach a policy', async (t) => {
  const operator = await startOperator(t);
  await shape(operator, { attached: ['AmazonS3FullAccess', 'AmazonS3ReadOnlyAccess'] });
  await operator.run(take);
  await attach(operator, 9);
  const down = await operator.run(giveBack);
  t.equal(down.status, 0, down.stderr);
  t.match(
    words(down.stdout),
    /not attached again: 10 managed policies are attached, and IAM allows no more unless your quota was raised; detach one, or attach arn:aws:iam::aws:policy\/AmazonS3\w+Access yourself/,
  );
  t.match(
    words(down.stdout),
    '! broker policy agentkeys-broker-host/agentkeys-ses-routing-broker kept until everything is given back',
  );
  t.equal(brokerOf(operator).inline.size, 2, 'what is kept for other buckets is kept');
  brokerOf(operator).attached.delete('arn:aws:iam::111122223333:policy/theirs-0');
  const again = await operator.run(giveBack);
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

t.test('given back later: room beside our own policies is lacking, so they go first', async (t) => {
  const operator = await startOperator(t);
  await shape(operator, { inline: { mail } });
  await operator.run(take);
  await put(operator, 'filler', filler(10_240 - mail.length - 200));
  const down = await operator.run(giveBack);
  t.equal(down.status, 0, down.stderr);
  t.strictSame(down.writes.slice(0, 2), ['iam:DeleteRolePolicy', 'iam:PutRolePolicy']);
  t.equal(brokerOf(operator).inline.get('mail'), mail);
  t.strictSame([...brokerOf(operator).inline.keys()].sort(), ['filler', 'mail']);
});

t.test('given back later: there is no room at all', async (t) => {
  const operator = await startOperator(t);
  await shape(operator, { inline: { mail } });
  await operator.run(take);
  await put(operator, 'filler', filler(9_500));
  const letters = lettersOf(operator);
  const down = await operator.run(giveBack);
  t.equal(down.status, 0, down.stderr);
  t.match(
    words(down.stdout),
    /! broad grant agentkeys-broker-host\/mail not put back: the role's inline policies would take \d+ of IAM's 10240 characters; make room, then run this again \(it stays saved as arn:aws:iam::111122223333:policy\/agentkeys-ses-routing\/saved-/,
  );
  t.strictSame(lettersOf(operator), letters);
  brokerOf(operator).inline.delete('filler');
  const again = await operator.run(giveBack);
  t.equal(again.status, 0, again.stderr);
  t.strictSame([...brokerOf(operator).inline], [['mail', mail]]);
});
