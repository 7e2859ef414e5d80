/**
 * Policies and settings that the tables of sabotaged accounts don't have: what can't be analysed or parsed, and who is named in odd ways.
 */
import { AttachRolePolicyCommand, CreatePolicyCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { GetBucketPolicyCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import t from 'tap';
import { parsePolicy, type Statement } from '../../../src/policy/document.js';
import { type Deployed, startDeployed } from './operator.js';

const isolation = 'isolation, by the policies';
const RoleName = 'agentkeys-broker-host';
const documentOf = (...Statement: Statement[]) => JSON.stringify({ Version: '2012-10-17', Statement });

/** Adds a statement to the bucket policy. */
async function addToBucket({ aws, bucket }: Deployed, ...added: Statement[]): Promise<void> {
  const { Policy = '' } = await aws.s3.send(new GetBucketPolicyCommand({ Bucket: bucket }));
  const { Statement } = parsePolicy(Policy);
  await aws.s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: documentOf(...Statement, ...added) }));
}

t.test('a policy that is too complex to analyse is not OK', async (t) => {
  const { aws, verify } = await startDeployed(t);
  const patterns = Array.from({ length: 18 }, (_, n) => `arn:aws:s3:::*${String.fromCodePoint(97 + n)}??????????*${n}`);
  const PolicyDocument = documentOf({ Effect: 'Allow', Action: 's3:GetObject', Resource: patterns });
  await aws.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'complex', PolicyDocument }));
  const { failed, checks } = await verify(['--no-access-analyzer']);
  t.ok(failed.includes(`${isolation} > the broker > does not read routed mail`));
  t.match(JSON.stringify(checks), "it can't be shown: the policies have too many patterns to analyse");
});

t.test('a Deny that keeps an agent from its own mail is named, and so is a customer-managed policy', async (t) => {
  const operator = await startDeployed(t);
  const { aws, verify } = operator;
  await addToBucket(operator, {
    Sid: 'Closed',
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:GetObject',
    Resource: 'arn:aws:s3:::agentkeys-mail-111122223333/bots/*',
  });
  const { Policy } = await aws.iam.send(
    new CreatePolicyCommand({
      PolicyName: 'customer',
      PolicyDocument: documentOf({ Effect: 'Allow', Action: 's3:PutObject', Resource: '*' }),
    }),
  );
  await aws.iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: Policy?.Arn }));
  const { failed, checks } = await verify(['--no-access-analyzer']);
  t.ok(failed.includes(`${isolation} > an agent's session > lists and reads its own wallet's mail`));
  t.ok(failed.includes(`${isolation} > the broker > writes, plants and deletes nothing in the bucket`));
  t.match(JSON.stringify(checks), /is denied by the bucket policy: Deny/);
});

t.test('an access control list for another account, and principals of several kinds', async (t) => {
  const operator = await startDeployed(t);
  const { sandbox, bucket, verify } = operator;
  const stranger = 'c'.repeat(64);
  const mail = sandbox.state.s3.buckets.get(bucket);
  if (mail === undefined) return t.fail('no bucket');
  mail.grants = [{ grantee: stranger, permission: 'READ' }];
  const users = ['arn:aws:iam::444455556666:user/x', 'arn:aws:iam::111122223333:user/administrator'];
  const sessions = ['arn:aws:sts::444455556666:assumed-role/r/s', 'arn:aws:sts::444455556666:federated-user/f'];
  await addToBucket(
    operator,
    ...[...users, ...sessions].map(
      (AWS): Statement => ({
        Effect: 'Allow',
        Principal: { AWS },
        Action: 's3:GetObject',
        Resource: `arn:aws:s3:::${bucket}/inbound/*`,
      }),
    ),
  );
  const { failed, checks } = await verify(['--no-access-analyzer']);
  t.ok(failed.includes(`${isolation} > nothing is public > its access control list is for its owner only`));
  const text = JSON.stringify(checks);
  t.match(text, `it grants READ to ${stranger}`);
  t.ok(failed.includes(`${isolation} > everybody else > reaches neither mail nor the bucket's own limits`));
  for (const arn of [...users, ...sessions]) t.match(text, arn);
});

t.test('a trust policy that can not be parsed is not OK', async (t) => {
  const { sandbox, verify } = await startDeployed(t);
  const role = sandbox.state.iam.roles.get('agentkeys-data-role');
  if (role === undefined) return t.fail('no role');
  role.trust = '{"Statement":[{"Effect":"Maybe"}]}';
  const { status, failed } = await verify(['--no-access-analyzer']);
  t.equal(status, 1);
  t.ok(failed.some((path) => path.startsWith(`${isolation} > the data role's trust`)));
});
