/**
 * The note on the bucket policy, on the embedded AWS. Which policies are right is in plan/bucket-policy.test.ts.
 */
import { DeleteBucketPolicyCommand, GetObjectCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { AssumeRoleWithWebIdentityCommand } from '@aws-sdk/client-sts';
import t from 'tap';
import { createAws } from '../../src/aws/clients.js';
import { agentToken } from '../../src/commands/demo/operator-account.js';
import type { Entry } from '../../src/reconcile/plan.js';
import { type Operator, startOperator } from '../support/operator.js';

const account = '111122223333';
const roleOf = (name: string) => `arn:aws:iam::${account}:role/${name}`;

/** The statements that the plan shows for the bucket policy. */
async function shownStatements({ run }: Operator): Promise<string[]> {
  const { stdout, stderr, status, writes } = await run(['deploy', '--dry-run', '--json']);
  t.equal(status, 0, stderr);
  t.strictSame(writes, []);
  const entries: Entry[] = JSON.parse(stdout).plan.entries;
  return entries.flatMap(({ resource, differences }) =>
    resource === 'mail bucket' ? differences.map(({ to = '' }) => to) : [],
  );
}

t.test(
  'with the statements that the plan shows, the note is gone, and an agent reads its own mail and no other',
  async (t) => {
    const operator = await startOperator(t);
    const { aws, bucket, sandbox } = operator;
    await aws.s3.send(new DeleteBucketPolicyCommand({ Bucket: bucket }));
    const statements = await shownStatements(operator);
    t.equal(statements.length, 2);
    const Policy = `{"Version":"2012-10-17","Statement":[${statements.join()}]}`;
    await aws.s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));
    t.strictSame(await shownStatements(operator), []);
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

t.test('a deploy works without permission to read the bucket policy, and says that it is unknown', async (t) => {
  const { run, sandbox } = await startOperator(t);
  sandbox.intercept(({ operation }) =>
    operation === 'GetBucketPolicy' ? { kind: 'refuse', code: 'AccessDenied', status: 403 } : undefined,
  );
  const { status, stdout, stderr } = await run(['deploy']);
  t.equal(status, 0, stderr);
  t.match(stdout.replace(/\n +/g, ' '), 'own mail: AWS denied s3:GetBucketPolicy\n');
});

t.test('a run stops when S3 keeps failing to return the bucket policy', async (t) => {
  const { run, sandbox } = await startOperator(t);
  sandbox.intercept(({ operation }) =>
    operation === 'GetBucketPolicy' ? { kind: 'refuse', code: 'InternalError', status: 500 } : undefined,
  );
  const { status, writes } = await run(['deploy']);
  t.equal(status, 1);
  t.strictSame(writes, []);
});
