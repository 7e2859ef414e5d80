/**
 * What others have in the account, where it meets what is ours: it is kept, and said where the operator should know of it.
 */
import { AddPermissionCommand } from '@aws-sdk/client-lambda';
import { DeleteBucketPolicyCommand, GetObjectCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { AssumeRoleWithWebIdentityCommand } from '@aws-sdk/client-sts';
import t from 'tap';
import { createAws } from '../../src/aws/clients.js';
import { agentToken } from '../../src/commands/demo/operator-account.js';
import { type Operator, startDeployed, startOperator } from '../support/operator.js';

const account = '111122223333';
const bucketArn = `arn:aws:s3:::agentkeys-mail-${account}`;
const own = `bots/\${aws:PrincipalTag/agentkeys_user_wallet}`;
const roleOf = (name: string) => `arn:aws:iam::${account}:role/${name}`;

/** What to add, as the plan shows it. */
const reads = `{"Sid":"AgentReadsOwnWallet","Effect":"Allow","Principal":{"AWS":"${roleOf('agentkeys-data-role')}"},"Action":"s3:GetObject","Resource":"${bucketArn}/${own}/*"}`;
const lists = `{"Sid":"AgentListsOwnWallet","Effect":"Allow","Principal":{"AWS":"${roleOf('agentkeys-data-role')}"},"Action":"s3:ListBucket","Resource":"${bucketArn}","Condition":{"StringLike":{"s3:prefix":"${own}/*"}}}`;

const grant = (more: object = {}) => ({
  Effect: 'Allow',
  Principal: { AWS: roleOf('agentkeys-data-role') },
  Action: 's3:GetObject',
  Resource: `${bucketArn}/${own}/*`,
  ...more,
});
const listing = (more: object = {}) =>
  grant({
    Action: 's3:ListBucket',
    Resource: bucketArn,
    Condition: { StringLike: { 's3:prefix': `${own}/*` } },
    ...more,
  });

const policies: Array<[what: string, statements: object[], missing: string[]]> = [
  ['as it should be', [grant(), listing()], []],
  [
    'for a role of another name, in a folder',
    [grant, listing].map((one) => one({ Principal: { AWS: roleOf('team/agents') } })),
    [],
  ],
  [
    'in one statement for everybody with a tag',
    [grant({ Principal: '*', Action: 's3:Get*' }), listing({ Principal: '*' })],
    [],
  ],
  ['only reading', [grant()], [lists]],
  ['only listing', [listing()], [reads]],
  [
    'without the folder bots/',
    [grant({ Resource: `${bucketArn}/\${aws:PrincipalTag/agentkeys_user_wallet}/*` }), listing()],
    [reads],
  ],
  [
    'all of the bucket, whatever the wallet',
    [grant({ Resource: `${bucketArn}/*` }), listing({ Condition: {} })],
    [reads, lists],
  ],
  ['for the account: left to its own policies', [grant({ Principal: { AWS: account } })], [reads, lists]],
  ['for SES alone', [grant({ Principal: { Service: 'ses.amazonaws.com' }, Action: 's3:PutObject' })], [reads, lists]],
  [
    'denied without TLS',
    [grant(), listing(), grant({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })],
    [],
  ],
  ['denied as a whole', [grant(), listing(), grant({ Effect: 'Deny', Principal: '*' })], [reads]],
  ['from one network only', [grant({ Condition: { StringEquals: { 'aws:SourceVpce': 'vpce-1' } } }), listing()], []],
  [
    'denied from other networks',
    [grant(), listing(), grant({ Effect: 'Deny', Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } } })],
    [],
  ],
];

async function planWith({ aws, bucket, run }: Operator, statements: object[]): Promise<string> {
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: statements });
  await aws.s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));
  const { stdout, stderr, status, writes } = await run(['deploy', '--dry-run']);
  t.equal(status, 0, stderr);
  t.strictSame(writes, []);
  return stdout;
}

const warned = (missing: string[]) => [
  `! mail bucket     agentkeys-mail-${account}`,
  '    by its policy no agent can read its own mail and nothing but that; it takes',
  '    these statements for the role they assume, none that allows it more, and',
  '    none that denies it this:',
  ...missing.flatMap((statement) => ['    + statement:', `      ${statement}`]),
];

t.test(
  'a bucket policy that lets no agent read just its own mail: what is missing is shown, and not written',
  async (t) => {
    const operator = await startOperator(t);
    const linesOf = (stdout: string) => {
      const lines = stdout.split('\n').slice(6);
      return lines.slice(
        0,
        lines.findIndex((line) => line.startsWith('+ log group')),
      );
    };
    for (const [what, statements, missing] of policies)
      t.strictSame(linesOf(await planWith(operator, statements)), missing.length === 0 ? [] : warned(missing), what);
    await operator.aws.s3.send(new DeleteBucketPolicyCommand({ Bucket: operator.bucket }));
    t.strictSame(linesOf((await operator.run(['deploy', '--dry-run'])).stdout), warned([reads, lists]), 'none at all');
    const { stdout } = await operator.run(['teardown', '--dry-run']);
    t.notMatch(stdout, /^!/m, 'a teardown has nothing to say of it');
  },
);

t.test(
  'with the statements that are shown, the warning is gone, and an agent reads its own mail and no other',
  async (t) => {
    const operator = await startOperator(t);
    t.notMatch(
      await planWith(
        operator,
        [reads, lists].map((text) => JSON.parse(text)),
      ),
      /^! mail bucket/m,
    );
    const { aws, bucket, sandbox } = operator;
    const [mine, another] = [`0x${'1'.repeat(40)}`, `0x${'2'.repeat(40)}`];
    const { Credentials } = await aws.sts.send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: roleOf('agentkeys-data-role'),
        RoleSessionName: 'agent',
        WebIdentityToken: agentToken(String(mine), Math.floor(Date.now() / 1000) + 600),
      }),
    );
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = { ...Credentials };
    const agent = createAws({
      region: sandbox.region,
      endpointUrl: sandbox.endpoint,
      credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
    });
    t.teardown(() => agent.close());
    const read = (wallet: string | undefined) =>
      agent.s3.send(new GetObjectCommand({ Bucket: bucket, Key: `bots/${wallet}/inbound/m` })).then(
        () => 'read',
        (error: Error) => error.name,
      );
    const objects = sandbox.state.s3.buckets.get(bucket)?.objects;
    for (const wallet of [mine, another])
      objects?.set(`bots/${wallet}/inbound/m`, {
        body: Buffer.from('mail'),
        etag: '"1"',
        modified: new Date(),
        contentType: 'text/plain',
        metadata: {},
        tags: new Map(),
      });
    t.equal(await read(mine), 'read');
    t.equal(await read(another), 'AccessDenied');
  },
);

t.test("a policy that can't be judged is said to be one", async (t) => {
  const operator = await startOperator(t);
  const odd = grant({ Condition: { StringMatches: { 'aws:PrincipalArn': 'x' } } });
  t.match(
    await planWith(operator, [odd]),
    [
      `! mail bucket     agentkeys-mail-${account}`,
      '    unknown whether its policy lets agents read their own mail: the condition',
      '    operator "StringMatches" is not supported, so AWS\'s decision can\'t be',
      '    predicted',
    ].join('\n'),
  );
});

t.test("others' statements in our function's policy stay", async (t) => {
  const { aws, run, sandbox } = await startDeployed(t);
  const FunctionName = 'agentkeys-ses-routing';
  await aws.lambda.send(
    new AddPermissionCommand({
      FunctionName,
      StatementId: 'audit',
      Action: 'lambda:InvokeFunction',
      Principal: 'sns.amazonaws.com',
    }),
  );
  const fn = sandbox.state.lambda.functions.get(FunctionName);
  if (fn === undefined) return t.fail('no function');
  t.strictSame((await run(['deploy'])).writes, []);
  for (const statement of fn.policy.filter(({ Sid }) => Sid !== 'audit'))
    statement.Sid = 'agentkeys-ses-routing-events-old';
  t.strictSame((await run(['deploy'])).writes, ['lambda:AddPermission', 'lambda:RemovePermission']);
  t.strictSame(
    fn.policy.map(({ Sid }) => Sid?.replace(/-[0-9a-f]{12}$/, '-…')),
    ['audit', 'agentkeys-ses-routing-events-…'],
  );
});

t.test('a bucket policy that the operator may not read is said to be unknown; nothing hangs on it', async (t) => {
  const { run, sandbox } = await startOperator(t);
  sandbox.intercept(({ operation }) =>
    operation === 'GetBucketPolicy' ? { kind: 'refuse', code: 'AccessDenied', status: 403 } : undefined,
  );
  const { status, stdout, stderr } = await run(['deploy']);
  t.equal(status, 0, stderr);
  t.match(stdout.replace(/\n +/g, ' '), 'own mail: AWS denied s3:GetBucketPolicy\n');
});

t.test('the bucket policy is judged by the data role that was named, and by no other', async (t) => {
  const { run } = await startOperator(t);
  const told = async (role: string) =>
    (await run(['deploy', '--dry-run', '--data-role', roleOf(role)])).stdout.includes('! mail bucket');
  t.equal(await told('agentkeys-data-role'), false);
  t.equal(await told('another'), true);
});

t.test('a bucket policy that S3 keeps failing to answer stops the run', async (t) => {
  const { run, sandbox } = await startOperator(t);
  sandbox.intercept(({ operation }) =>
    operation === 'GetBucketPolicy' ? { kind: 'refuse', code: 'InternalError', status: 500 } : undefined,
  );
  const { status, writes } = await run(['deploy']);
  t.equal(status, 1);
  t.strictSame(writes, []);
});
