/**
 * Whether a deploy lets the broker list and read `inbound/`, with the broker's own credentials on the embedded AWS. What the policies of a
 * role show is in plan/broker-access.test.ts.
 */
import {
  AttachRolePolicyCommand,
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import t from 'tap';
import { type Operator, startOperator } from '../../support/operator.js';
import {
  abilities,
  brokerOf,
  RoleName,
  type RoleShape,
  shape,
  snapshotOf,
  stock,
  whatTheDesignSays,
  withBucket,
} from './broker-role.js';

const PolicyName = 'agentkeys-ses-routing-broker';
const PolicyArn = 'arn:aws:iam::aws:policy/AmazonS3FullAccess';
const allow = (Resource: string, Condition?: object) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource, ...(Condition && { Condition }) }],
  });

/** An account whose broker has these policies in place of AmazonS3FullAccess, and what the broker can do with the mail bucket. */
async function brokerWith(t: Parameters<typeof startOperator>[0], given: (bucket: string) => RoleShape) {
  const operator = await startOperator(t);
  await stock(operator);
  await shape(operator, given(operator.bucket));
  return { ...operator, operator, can: async () => withBucket(await abilities(operator), operator.bucket) };
}

/** The lines of a verification about the broker. */
async function verified({ run }: Operator): Promise<string> {
  const { stdout } = await run(['verify', '--no-access-analyzer']);
  return stdout.slice(stdout.indexOf(' the broker\n'), stdout.indexOf(" an agent's session\n"));
}

t.test('a broker that has no access to S3 gets none unasked', async (t) => {
  const { operator, run, bucket, can } = await brokerWith(t, () => ({}));
  const before = snapshotOf(operator);

  const first = await run(['deploy']);
  t.equal(first.status, 0, first.stderr);
  t.match(
    first.stdout.replace(/\n {4}/g, ' '),
    /^! broker policy {3}agentkeys-broker-host gets no access to inbound\/.*--broker-reads-inbound/m,
  );
  t.strictSame(await can(), []);
  t.equal(brokerOf(operator).tags.get('agentkeys-ses-routing:reads-inbound'), 'false');
  const again = await run(['deploy']);
  t.strictSame(again.writes, []);
  t.notMatch(again.stdout, '! broker policy', 'announced once');
  t.match(await verified(operator), /SKIP lists and reads inbound\/\n.*not to read inbound\//);
  t.notMatch(await verified(operator), 'FAIL');

  const asked = await run(['deploy', '--broker-reads-inbound']);
  t.equal(asked.status, 1, 'it opens the mail to the broker');
  t.match(asked.stderr, `let agentkeys-broker-host list and read inbound/ of ${bucket}`);
  t.strictSame(asked.writes, []);
  t.equal((await run(['deploy', '--broker-reads-inbound', '--yes'])).status, 0);
  t.strictSame(await can(), whatTheDesignSays(bucket));
  t.strictSame((await run(['deploy'])).writes, [], 'the choice is recorded');
  t.match(await verified(operator), 'OK   lists and reads inbound/');

  const off = ['deploy', '--no-broker-reads-inbound'];
  t.equal((await run(off)).status, 1, 'logins would stop');
  t.equal((await run([...off, '--yes'])).status, 0);
  t.strictSame(await can(), []);
  t.strictSame((await run(['deploy'])).writes, []);

  const down = await run(['teardown', '--broker', '--yes']);
  t.equal(down.status, 0, down.stderr);
  t.strictSame(snapshotOf(operator), before, 'the role is as it was');
});

t.test('a broker that served logins serves them again after its policy was deleted', async (t) => {
  const ways: Array<[name: string, args: string[], then: (operator: Operator) => Promise<unknown>]> = [
    ['after a broad grant was removed', ['deploy', '--remove-broad-grants', '--yes'], async () => {}],
    [
      'after somebody else removed the broad grant',
      ['deploy'],
      ({ aws }) => aws.iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn })),
    ],
  ];
  for (const [name, args, then] of ways) {
    const operator = await startOperator(t);
    const { run, aws, bucket } = operator;
    await stock(operator);
    t.equal((await run(args)).status, 0);
    await then(operator);
    await aws.iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
    t.strictSame(withBucket(await abilities(operator), bucket), [], name);
    const restored = await run(['deploy']);
    t.equal(restored.status, 0, restored.stderr);
    t.strictSame(withBucket(await abilities(operator), bucket), whatTheDesignSays(bucket), name);
  }
});

t.test('what the policies do not show is asked, or needs its flag', async (t) => {
  const { run, bucket, can } = await brokerWith(t, (bucket) => ({
    inline: { office: allow(`arn:aws:s3:::${bucket}/inbound/*`, { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } }) },
  }));
  for (const flags of [[], ['--yes'], ['--json']]) {
    const declined = await run(['deploy', ...flags]);
    t.equal(declined.status, 1);
    t.match(declined.stderr, /error: A decision is required .*--broker-reads-inbound or --no-broker-reads-inbound/);
    t.strictSame(declined.writes, [], `${flags}`);
  }
  const shown = await run(['deploy', '--dry-run']);
  t.match(
    shown.stdout.replace(/\n {4}/g, ' '),
    /! broker policy {3}agentkeys-broker-host unknown whether .* office may allow it/,
  );

  await run(['deploy', '--no-broker']);
  t.equal((await run(['deploy', '--dry-run', '--detailed-exitcode'])).status, 2, 'the policy is yet to come');
  const status = await run(['status']);
  t.equal(status.status, 2);
  t.match(status.stdout, /^missing {3}broker policy {4}agentkeys-broker-host\n +unknown whether the broker reads/m);
  const isolated = await run(['verify', '--no-access-analyzer']);
  t.match(isolated.stdout, /FAIL broker policy agentkeys-broker-host\n +unknown whether the broker reads/);

  const question = 'Let agentkeys-broker-host list and read inbound/';
  const refused = await run(['deploy'], { answers: ['y', 'n'] });
  t.equal(refused.status, 1);
  t.match(refused.stderr, question);
  t.strictSame(refused.writes, []);
  const yes = await run(['deploy', '--yes'], { answers: ['y'] });
  t.equal(yes.status, 0, yes.stderr);
  t.match(yes.stderr, question, '--yes does not answer it');
  t.strictSame(await can(), whatTheDesignSays(bucket));
  t.strictSame((await run(['deploy'])).writes, []);
  await run(['teardown', '--broker', '--yes']);

  t.equal((await run(['deploy'], { answers: ['n', 'y'] })).status, 0);
  t.strictSame(await can(), []);
  await run(['teardown', '--broker', '--yes']);
  t.equal((await run(['deploy', '--broker-reads-inbound'])).status, 0, 'the flag is the answer');
  t.strictSame(await can(), whatTheDesignSays(bucket));
});

t.test('policies that AWS does not show', async (t) => {
  const { operator, run, aws, can, bucket } = await brokerWith(t, (bucket) => ({
    managed: { hidden: allow(`arn:aws:s3:::${bucket}/*`) },
    boundary: allow('*').replace('s3:GetObject', 's3:*'),
  }));
  const UserName = 'operator';
  const Action = ['iam:GetPolicy', 'iam:GetPolicyVersion'];
  const Statement = [
    { Effect: 'Allow', Action: '*', Resource: '*' },
    { Effect: 'Deny', Action, Resource: '*' },
  ];
  await aws.iam.send(new CreateUserCommand({ UserName }));
  await aws.iam.send(
    new PutUserPolicyCommand({
      UserName,
      PolicyName: 'most',
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement }),
    }),
  );
  const { AccessKey } = await aws.iam.send(new CreateAccessKeyCommand({ UserName }));
  const credentials = { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
  const asUser = (args: string[]) => run(args, { credentials });
  const why = 'AWS denied reading the policy hidden (iam:GetPolicy, iam:GetPolicyVersion)';

  const declined = await asUser(['deploy']);
  t.equal(declined.status, 1);
  t.match(declined.stdout.replace(/\n {4}/g, ' '), `unknown whether the broker reads inbound/: ${why}`);
  t.strictSame(declined.writes, []);
  const done = await asUser(['deploy', '--no-broker-reads-inbound']);
  t.equal(done.status, 0, done.stderr);
  t.match(done.stdout.replace(/\n {4}/g, ' '), `unknown what it grants: ${why}`);
  t.match(await can(), [`get ${bucket}/inbound/login`], 'what others granted is theirs');

  const hidden = { PolicyArn: `arn:aws:iam::${operator.sandbox.account}:policy/hidden` };
  for (const RoleName of ['agentkeys-data-role', 'agentkeys-ses-routing-role'])
    await aws.iam.send(new AttachRolePolicyCommand({ RoleName, ...hidden }));
  const { status, stdout } = await asUser(['verify']);
  t.equal(status, 1);
  const flat = stdout.replace(/\n +/g, ' ');
  for (const whose of ['the broker', "an agent's session", 'the function'])
    t.match(flat, `FAIL ${whose} unknown: ${why}`);
  t.match(flat, `SKIP the broker's policies unknown: ${why}`);
  const release = operator.sandbox.intercept(({ operation }) =>
    operation === 'GetPolicyVersion' ? { kind: 'refuse', code: 'NotSupported', status: 400, message: 'no' } : undefined,
  );
  const failed = await run(['deploy']);
  release();
  t.equal(failed.status, 1, 'what is no denial ends the run');
  t.match(failed.stderr, 'NotSupported');
  t.match(await verified(operator), /^ the broker\n.* lists and reads/, 'with the permission it is judged');
});
