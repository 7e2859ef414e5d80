/**
 * Mistakes about an account: each gets a message that says what to do, exit status 1, no write and no stack trace.
 */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { type Bucket, createAccessKey, createSession, uniqueId } from '../../src/sandbox/index.js';
import { type Operator, quickClock, type RunOptions, startOperator } from '../support/operator.js';

type Credentials = RunOptions['credentials'];

/** A bucket that no operation here creates: of another owner, in another region. */
function addBucket({ sandbox }: Operator, name: string, more: Partial<Bucket>): undefined {
  sandbox.state.s3.buckets.set(name, {
    name,
    owner: sandbox.account,
    region: sandbox.region,
    created: new Date(),
    encryption: { algorithm: 'AES256' },
    notification: {},
    objects: new Map(),
    ...more,
  });
}

/** An IAM user with these permissions and no others. */
function userWho({ sandbox }: Operator, name: string, Action: string[]): Credentials {
  const Statement = [{ Effect: 'Allow', Action, Resource: '*' }];
  const { state, account } = sandbox;
  state.iam.users.set(name, {
    name,
    id: uniqueId('AIDA'),
    arn: `arn:aws:iam::${account}:user/${name}`,
    created: new Date(),
    inline: new Map([['all', JSON.stringify({ Version: '2012-10-17', Statement })]]),
    attached: new Set(),
    tags: new Map(),
  });
  const { id, secret } = createAccessKey(state, name);
  return { accessKeyId: id, secretAccessKey: secret };
}

/** An expired session. */
function expired({ sandbox }: Operator): Credentials {
  const role = sandbox.state.iam.roles.get('agentkeys-broker-host');
  if (role === undefined) throw new Error('the account has no such role');
  const { id, secret, sessionToken } = createSession(sandbox.state, role, { session: 'old', durationSeconds: -1 });
  return { accessKeyId: id, secretAccessKey: secret, sessionToken };
}

const everyone = (name: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: '*', Action: 's3:*', Resource: [`arn:aws:s3:::${name}`, `arn:aws:s3:::${name}/*`] },
    ],
  });

interface Refusal {
  name: string;
  args?: string[];
  env?: NodeJS.ProcessEnv;
  /** Prepares the account. @returns the credentials to use; undefined for the administrator's */
  prepare?(operator: Operator): Credentials;
  /** The last line of stderr. */
  says: string;
}

const readings = ['s3:*', 'lambda:*', 'events:*', 'logs:*', 'sqs:*'];
const policyHint =
  '`npx --no agentkeys-ses-routing policy <task>` prints the policy that an operator needs. Nothing was written.';

const refusals: Refusal[] = [
  {
    name: 'expired credentials',
    prepare: expired,
    says: 'error: The AWS credentials have expired. Log in again, then repeat the command. Nothing was written.',
  },
  {
    name: 'an unknown access key',
    prepare: () => ({ accessKeyId: 'AKIA0000000000000000', secretAccessKey: 'made-up' }),
    says: 'error: AWS does not accept these credentials: The security token included in the request is invalid. Check --profile and the AWS_* variables, and that the account has this region enabled. Nothing was written.',
  },
  {
    name: 'an account other than --account',
    env: { ACCOUNT_ID: '999988887777' },
    says: 'error: These credentials belong to account 111122223333, not to 999988887777 (--account, ACCOUNT_ID). Nothing was written. Check --profile (AWS_PROFILE).',
  },
  {
    name: 'no region',
    env: { REGION: '' },
    says: 'error: No region is configured. Specify --region (REGION, AWS_REGION), or set one in the profile.',
  },
  {
    name: 'no such bucket',
    args: ['--bucket', 'nobody-has-this-one'],
    says: 'error: There is no bucket nobody-has-this-one. Name the one that SES stores the mail in with --bucket (BUCKET).',
  },
  {
    name: 'a bucket in another region',
    args: ['--bucket', 'in-ireland'],
    prepare: (operator) => addBucket(operator, 'in-ireland', { region: 'eu-west-1' }),
    says: 'error: The bucket in-ireland is in eu-west-1, not in us-east-1; the function and the rule must be where the bucket is. Use --region eu-west-1.',
  },
  {
    name: "another owner's bucket, open to everybody",
    args: ['--bucket', 'somebody-elses'],
    prepare: (operator) =>
      addBucket(operator, 'somebody-elses', { owner: '444455556666', policy: everyone('somebody-elses') }),
    says: 'error: The bucket somebody-elses does not belong to account 111122223333. Check --bucket (BUCKET) and --account (ACCOUNT_ID).',
  },
  {
    name: "another owner's bucket, closed",
    args: ['--bucket', 'somebody-elses'],
    prepare: (operator) => addBucket(operator, 'somebody-elses', { owner: '444455556666' }),
    says: "error: AWS denied s3:ListBucket on arn:aws:s3:::somebody-elses: either arn:aws:iam::111122223333:user/administrator lacks that permission, or the bucket belongs to another account. Check --bucket (BUCKET), --account (ACCOUNT_ID) and the caller's policy.",
  },
  {
    name: 'a caller who may not list the bucket',
    prepare: (operator) => userWho(operator, 'reader', ['iam:*', 'lambda:*', 'events:*', 'logs:*']),
    says: "error: AWS denied s3:ListBucket on arn:aws:s3:::agentkeys-mail-111122223333: either arn:aws:iam::111122223333:user/reader lacks that permission, or the bucket belongs to another account. Check --bucket (BUCKET), --account (ACCOUNT_ID) and the caller's policy.",
  },
  {
    name: 'a caller who may not read queues',
    prepare: (operator) => userWho(operator, 'reader', ['iam:*', 's3:*', 'lambda:*', 'events:*', 'logs:*']),
    says: `error: AWS denied access: User: arn:aws:iam::111122223333:user/reader is not authorized to perform: sqs:getqueueurl on resource: arn:aws:sqs:us-east-1:111122223333:agentkeys-ses-routing-retry because no identity-based policy allows the sqs:getqueueurl action. ${policyHint.replace(' Nothing was written.', '')} To do without a retry queue, add --no-retry-queue. Nothing was written.`,
  },
  {
    name: 'a caller who may not read a role',
    prepare: (operator) => userWho(operator, 'reader', [...readings, 'iam:List*', 'iam:GetRolePolicy']),
    says: `error: AWS denied access: User: arn:aws:iam::111122223333:user/reader is not authorized to perform: iam:GetRole on resource: arn:aws:iam::111122223333:role/agentkeys-ses-routing-role because no identity-based policy allows the iam:GetRole action. ${policyHint}`,
  },
];

/** What every refusal must satisfy. */
async function refuses(t: Test, operator: Operator, { args = [], env = {}, prepare, says }: Refusal): Promise<void> {
  const credentials = prepare?.(operator);
  const before = operator.sandbox.snapshot();
  const run = await operator.run(['deploy', ...args], { env, credentials });
  t.equal(run.status, 1);
  t.equal(run.stdout, '');
  t.strictSame(run.stderr.replace('  Read the account: failed\n', ''), `${says}\n`);
  t.strictSame(run.writes, []);
  t.strictSame(operator.sandbox.snapshot(), before);
  const debug = await operator.run(['deploy', '--debug', ...args], { env, credentials });
  t.match(debug.stderr, /\n {4}at .*\n/, '--debug shows the stack trace');
}

for (const refusal of refusals) t.test(refusal.name, async (t) => refuses(t, await startOperator(t), refusal));

t.test('an endpoint that does not answer', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const env = { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` };
  await refuses(t, await startOperator(t), {
    name: '',
    env,
    says: `error: http://127.0.0.1:${port} could not be reached (ECONNREFUSED). Check --endpoint-url (AWS_ENDPOINT_URL). Nothing was written.`,
  });
});

t.test('an endpoint that is not AWS', async (t) => {
  const server = createServer((_request, response) => response.writeHead(404).end('<html>not here</html>'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  await refuses(t, await startOperator(t), {
    name: '',
    env: { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` },
    says: `error: http://127.0.0.1:${port} returned a response that is not from AWS (HTTP status 404). Check --endpoint-url (AWS_ENDPOINT_URL). Nothing was written.`,
  });
});

t.test('a denied write: what was done, what was not, and which policy denied it', async (t) => {
  const operator = await startOperator(t);
  const credentials = userWho(operator, 'reader', [...readings, 'iam:Get*', 'iam:List*']);
  const run = await operator.run(['deploy'], { credentials });
  t.equal(run.status, 1);
  t.strictSame(run.stderr.split('\n').slice(-14), [
    'Failed: AWS denied access: User: arn:aws:iam::111122223333:user/reader is not authorized to perform: iam:CreateRole on resource: arn:aws:iam::111122223333:role/agentkeys-ses-routing-role because no identity-based policy allows the iam:CreateRole action. `npx --no agentkeys-ses-routing policy <task>` prints the policy that an operator needs.',
    '  stopped at: create execution role agentkeys-ses-routing-role',
    '  done:       create log group /aws/lambda/agentkeys-ses-routing',
    '              create retry queue agentkeys-ses-routing-retry',
    '  not done:   create function agentkeys-ses-routing',
    '              create permission agentkeys-ses-routing-events-e0c94805ecaf',
    '              create event source agentkeys-ses-routing-retry',
    '              create destination agentkeys-ses-routing',
    '              create rule agentkeys-ses-routing-inbound',
    '              create target agentkeys-ses-routing',
    '              update bucket events agentkeys-mail-111122223333',
    '              create broker policy agentkeys-broker-host/agentkeys-ses-routing-broker',
    'Run the same command again to continue.',
    '',
  ]);
});

t.test('queues that may not be created, or not be used by the role: do without', async (t) => {
  const operator = await startOperator(t);
  const actions = ['iam:*', 's3:*', 'lambda:*', 'events:*', 'logs:*', 'sqs:Get*', 'sqs:List*'];
  const credentials = userWho(operator, 'reader', actions);
  const refused = await operator.run(['deploy'], { credentials });
  t.equal(refused.status, 1);
  t.match(
    refused.stderr,
    /not authorized to perform: sqs:createqueue .* To do without a retry queue, add --no-retry-queue\.\n/,
  );
  const without = await operator.run(['deploy', '--no-retry-queue'], { credentials });
  t.equal(without.status, 0, without.stderr);

  const boundary = ['--permissions-boundary', 'arn:aws:iam::aws:policy/AmazonS3FullAccess'];
  const bounded = await operator.run(['deploy', ...boundary], { clock: quickClock() });
  t.equal(bounded.status, 1);
  t.match(
    bounded.stderr,
    /does not have permissions to call ReceiveMessage on SQS\. The role's permissions boundary, or a policy of the AWS organization, denies it: .* or deploy with --no-retry-queue\.\n/,
  );
  t.equal((await operator.run(['deploy', '--no-retry-queue', ...boundary])).status, 0);
});
