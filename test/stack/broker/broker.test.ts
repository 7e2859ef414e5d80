/**
 * The broker's policy and its broad grants, shown by what the broker's role can do: by trying, with its own credentials.
 */
import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DetachRolePolicyCommand,
  PutRolePolicyCommand,
  RemoveRoleFromInstanceProfileCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import t from 'tap';
import { createSession } from '../../../src/sandbox/callers.js';
import { type Operator, startOperator } from '../../support/operator.js';

const RoleName = 'agentkeys-broker-host';
const otherBucket = 'somebody-elses-bucket';
const keys = ['inbound/login', 'bots/0x1/inbound/mail', 'private/file'];

async function stocked(operator: Operator): Promise<void> {
  await operator.aws.s3.send(new CreateBucketCommand({ Bucket: otherBucket }));
  for (const Bucket of [operator.bucket, otherBucket])
    for (const Key of keys) await operator.aws.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
}

/** All that the broker can do, found out by trying: `get <bucket>/<key>`, `list <bucket>/<prefix>`, `put <bucket>/<key>`. */
async function abilities({ sandbox, bucket }: Operator): Promise<string[]> {
  const role = sandbox.world.iam.roles.get(RoleName);
  if (role === undefined) throw new Error('no broker role');
  const { id, secret, sessionToken } = createSession(sandbox.world, role, { session: 'i-1' });
  const credentials = { accessKeyId: id, secretAccessKey: secret, sessionToken };
  const s3 = new S3Client({ region: 'us-east-1', endpoint: sandbox.endpoint, forcePathStyle: true, credentials });
  const tries = [bucket, otherBucket].flatMap((Bucket) => [
    ...keys.map((Key) => [`get ${Bucket}/${Key}`, () => s3.send(new GetObjectCommand({ Bucket, Key }))] as const),
    ...['', 'inbound/', 'bots/'].map(
      (Prefix) => [`list ${Bucket}/${Prefix}`, () => s3.send(new ListObjectsV2Command({ Bucket, Prefix }))] as const,
    ),
    [
      `put ${Bucket}/private/new`,
      () => s3.send(new PutObjectCommand({ Bucket, Key: 'private/new', Body: 'x' })),
    ] as const,
  ]);
  const can: string[] = [];
  for (const [what, attempt] of tries) {
    try {
      await attempt();
      can.push(what);
    } catch (error) {
      if (!(error instanceof Error && error.name === 'AccessDenied')) throw error;
    }
  }
  s3.destroy();
  return can;
}

function ofBucket(can: string[], bucket: string): string[] {
  return can.filter((what) => what.includes(` ${bucket}/`));
}

const whatTheDesignSays = (bucket: string) => [`get ${bucket}/inbound/login`, `list ${bucket}/inbound/`];
const PolicyArn = 'arn:aws:iam::aws:policy/AmazonS3FullAccess';

const inline = (name: string, ...statements: object[]) => ({
  name,
  document: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
});
const allow = (Action: string | string[], Resource: string | string[], more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const bucketArn = 'arn:aws:s3:::agentkeys-mail-111122223333';

const shapes: Array<{ name: string; attached?: string[]; policies?: ReturnType<typeof inline>[] }> = [
  { name: 'AmazonS3FullAccess', attached: ['AmazonS3FullAccess'] },
  { name: 'AmazonS3ReadOnlyAccess', attached: ['AmazonS3ReadOnlyAccess'] },
  { name: 'both of them', attached: ['AmazonS3FullAccess', 'AmazonS3ReadOnlyAccess'] },
  { name: 's3:* on everything', policies: [inline('wide', allow('s3:*', '*'))] },
  {
    name: 'everything on everything',
    policies: [inline('wide', allow('*', ['*', `${bucketArn}/private/*`]))],
  },
  { name: 'this bucket alone', policies: [inline('mail', allow('s3:*', [bucketArn, `${bucketArn}/*`]))] },
  {
    name: 'mixed statements',
    policies: [
      inline(
        'mixed',
        allow(['s3:GetObject', 's3:PutObject'], [`${bucketArn}/*`, `arn:aws:s3:::${otherBucket}/*`]),
        allow('s3:ListBucket', `arn:aws:s3:::${otherBucket}`),
        allow('sqs:SendMessage', '*'),
      ),
      inline('second', allow('s3:List*', bucketArn, { Condition: { StringLike: { 's3:prefix': 'bots/*' } } })),
    ],
  },
  {
    name: 'a managed and an inline one',
    attached: ['AmazonS3ReadOnlyAccess'],
    policies: [inline('wide', allow('s3:Get*', '*', { Sid: 'Read' }))],
  },
];

for (const { name, attached = [], policies = [] } of shapes) {
  t.test(`broad grants are shown, taken and given back: ${name}`, async (t) => {
    const operator = await startOperator(t);
    const { run, aws, sandbox, bucket } = operator;
    await stocked(operator);
    await aws.iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
    for (const policy of attached)
      await aws.iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: `arn:aws:iam::aws:policy/${policy}` }));
    for (const policy of policies)
      await aws.iam.send(
        new PutRolePolicyCommand({ RoleName, PolicyName: policy.name, PolicyDocument: policy.document }),
      );
    const before = sandbox.snapshot() as { iam: unknown };
    const could = await abilities(operator);

    const shown = await run(['deploy']);
    t.equal(shown.status, 0, shown.stderr);
    for (const each of [...attached, ...policies.map((one) => one.name)])
      t.match(shown.stdout, new RegExp(`^! broad grant {5}${RoleName}/${each}$`, 'm'));
    t.notOk((await abilities(operator)).includes(`get ${bucket}/bots/0x1/inbound/mail`), 'the deny holds already');

    const taken = await run(['deploy', '--remove-broad-grants', '--yes']);
    t.equal(taken.status, 0, taken.stderr);
    const can = await abilities(operator);
    t.strictSame(ofBucket(can, bucket), whatTheDesignSays(bucket), 'with this bucket only what the design says');
    t.strictSame(ofBucket(can, otherBucket), ofBucket(could, otherBucket), 'with other buckets what it could before');
    t.strictSame((await run(['deploy', '--remove-broad-grants', '--yes'])).writes, []);

    const down = await run(['teardown', '--broker', '--yes', '--delete-logs']);
    t.equal(down.status, 0, down.stderr);
    t.strictSame((sandbox.snapshot() as { iam: unknown }).iam, before.iam, 'exactly what it was');
    t.strictSame(await abilities(operator), could);
  });
}

const reported: Array<{ name: string; document: object; says: RegExp }> = [
  {
    name: 'NotResource',
    document: { Effect: 'Allow', Action: 's3:*', NotResource: 'arn:aws:s3:::another' },
    says: /it\s+can\s+not\s+be\s+narrowed\s+without\s+touching/,
  },
  {
    name: 'NotAction',
    document: { Effect: 'Allow', NotAction: 'iam:*', Resource: '*' },
    says: /it\s+can\s+not\s+be\s+narrowed\s+without\s+touching/,
  },
  {
    name: 'all of S3',
    document: allow('s3:*', 'arn:aws:s3:::*'),
    says: /it\s+can\s+not\s+be\s+narrowed\s+without\s+touching/,
  },
  {
    name: 'a wildcard over this bucket and others',
    document: allow('s3:GetObject', 'arn:aws:s3:::agentkeys-*/*'),
    says: /it\s+can\s+not\s+be\s+narrowed\s+without\s+touching/,
  },
  {
    name: 'more than a managed policy can keep',
    document: allow('s3:*', ['*', ...Array.from({ length: 200 }, (_, n) => `arn:aws:s3:::a-bucket-of-some-name-${n}`)]),
    says: /it\s+is\s+too\s+large\s+to\s+be\s+saved/,
  },
];

for (const { name, document, says } of reported) {
  t.test(`only reported: ${name}`, async (t) => {
    const { run, aws } = await startOperator(t);
    await aws.iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
    await aws.iam.send(
      new PutRolePolicyCommand({
        RoleName,
        PolicyName: 'odd',
        PolicyDocument: JSON.stringify({ Statement: [document] }),
      }),
    );
    await run(['deploy']);
    const again = await run(['deploy', '--remove-broad-grants', '--yes']);
    t.equal(again.status, 0, again.stderr);
    t.strictSame(again.writes, []);
    t.match(again.stdout, says);
  });
}

t.test('a customer-managed policy is only reported, with the statement at fault', async (t) => {
  const { run, aws } = await startOperator(t);
  await aws.iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
  const { Policy } = await aws.iam.send(
    new CreatePolicyCommand({
      PolicyName: 'reader',
      PolicyDocument: JSON.stringify({ Statement: [allow('s3:Get*', '*')] }),
    }),
  );
  await aws.iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: Policy?.Arn }));
  await run(['deploy']);
  const again = await run(['deploy', '--remove-broad-grants', '--yes']);
  t.strictSame(again.writes, []);
  t.match(again.stdout, /^! broad grant .*reader\n(.*\n)+ {4}- statement: Allow s3:Get\* on \*$/m);
});

t.test('at the prompt: yes takes the grants, after a question of their own', async (t) => {
  const { run, sandbox } = await startOperator(t);
  const attached = () => sandbox.world.iam.roles.get(RoleName)?.attached.size;
  const kept = await run(['deploy'], { answers: ['n'] });
  t.equal(kept.status, 0, kept.stderr);
  t.equal(attached(), 1, 'no: they stay, and that is no failure');
  t.strictSame((await run(['deploy', '--yes'])).writes, [], '--yes alone does not imply it');
  t.equal((await run(['deploy', '--remove-broad-grants'])).status, 1, 'the flag alone is not --yes');
  const refused = await run(['deploy'], { answers: ['y', 'n'] });
  t.equal(refused.status, 1);
  t.equal(attached(), 1);
  const taken = await run(['deploy'], { answers: ['y', 'y'] });
  t.equal(taken.status, 0, taken.stderr);
  t.equal(attached(), 0);
});

t.test('which role is the broker', async (t) => {
  const { run, aws, sandbox } = await startOperator(t);
  t.match((await run(['deploy', '--no-broker'])).stdout, /^! broker policy .*\n {4}left alone: --no-broker$/m);
  t.notOk(sandbox.world.iam.roles.get(RoleName)?.inline.size);

  const byProfile = await run(['deploy', '--broker-instance-profile', RoleName]);
  t.equal(byProfile.status, 0, byProfile.stderr);
  t.strictSame(byProfile.writes, ['iam:PutRolePolicy']);

  for (const args of [
    ['--broker-role', 'nobody'],
    ['--broker-instance-profile', 'nobody'],
  ]) {
    const wrong = await run(['deploy', ...args]);
    t.equal(wrong.status, 1);
    t.match(wrong.stderr, /error: There is no (role|instance profile) nobody/);
    t.strictSame(wrong.writes, []);
  }
  await aws.iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: 'empty' }));
  t.match(
    (await run(['deploy', '--broker-instance-profile', 'empty'])).stderr,
    'no instance profile empty with a role',
  );

  await run(['teardown', '--yes', '--broker']);
  await aws.iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
  await aws.iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName: RoleName, RoleName }));
  await aws.iam.send(new DeleteRoleCommand({ RoleName }));
  const missing = await run(['deploy']);
  t.equal(missing.status, 0, missing.stderr);
  t.match(missing.stdout, /^! broker policy .*\n {4}skipped: there is no role agentkeys-broker-host/m);
  t.match((await run(['teardown', '--dry-run', '--broker'])).stdout, 'skipped: there is no role');
  t.notMatch((await run(['teardown', '--dry-run'])).stdout, 'skipped: there is no role');
});

t.test('stopped half-way, another machine goes on, either way', async (t) => {
  for (const stopAfter of [1, 2, 3, 4]) {
    const { run, aws, sandbox } = await startOperator(t);
    await aws.iam.send(
      new PutRolePolicyCommand({
        RoleName,
        PolicyName: 'wide',
        PolicyDocument: JSON.stringify({ Statement: [allow('s3:*', '*')] }),
      }),
    );
    await run(['deploy']);
    const before = sandbox.snapshot() as { iam: unknown };
    let writes = 0;
    const release = sandbox.intercept(({ mutates }) =>
      mutates && ++writes > stopAfter ? { kind: 'refuse', code: 'AccessDenied', status: 403 } : undefined,
    );
    const stopped = await run(['deploy', '--remove-broad-grants', '--yes']);
    t.equal(stopped.status, 1);
    t.match(stopped.stderr, 'Run the same command again: it goes on from there.');
    release();
    const gone = await run(['deploy', '--remove-broad-grants', '--yes']);
    t.equal(gone.status, 0, gone.stderr);
    const down = await run(['teardown', '--broker', '--yes']);
    t.equal(down.status, 0, down.stderr);
    const up = await run(['deploy']);
    t.equal(up.status, 0, up.stderr);
    t.strictSame((sandbox.snapshot() as { iam: unknown }).iam, before.iam, `stopped after ${stopAfter}`);
  }
});

t.test('given back half-way, the rest is given back by the next run', async (t) => {
  for (const stopAfter of [1, 2, 3, 4, 5]) {
    const { run, aws, sandbox } = await startOperator(t);
    await aws.iam.send(
      new PutRolePolicyCommand({
        RoleName,
        PolicyName: 'wide',
        PolicyDocument: JSON.stringify({ Statement: [allow('s3:*', '*')] }),
      }),
    );
    const before = sandbox.snapshot() as { iam: unknown };
    await run(['deploy', '--remove-broad-grants', '--yes']);
    let writes = 0;
    const release = sandbox.intercept(({ mutates }) =>
      mutates && ++writes > stopAfter ? { kind: 'refuse', code: 'AccessDenied', status: 403 } : undefined,
    );
    t.equal((await run(['teardown', '--broker', '--yes'])).status, 1);
    release();
    const down = await run(['teardown', '--broker', '--yes']);
    t.equal(down.status, 0, down.stderr);
    t.strictSame((sandbox.snapshot() as { iam: unknown }).iam, before.iam, `stopped after ${stopAfter}`);
  }
});

t.test('a role that already has an instance profile of another name is found through it', async (t) => {
  const { run, aws, sandbox } = await startOperator(t);
  await aws.iam.send(
    new CreateRoleCommand({
      RoleName: 'other-broker',
      AssumeRolePolicyDocument: JSON.stringify({
        Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      }),
    }),
  );
  await aws.iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: 'other' }));
  await aws.iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: 'other', RoleName: 'other-broker' }));
  await run(['deploy', '--broker-instance-profile', 'other']);
  t.ok(sandbox.world.iam.roles.get('other-broker')?.inline.has('agentkeys-ses-routing-broker'));
  t.notOk(sandbox.world.iam.roles.get(RoleName)?.inline.size);
});
