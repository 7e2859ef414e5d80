/**
 * IAM Access Analyzer as a second judge: what it is asked, when it agrees, and which of its answers count.
 */
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  PutRolePermissionsBoundaryCommand,
} from '@aws-sdk/client-iam';
import { DeleteBucketPolicyCommand, GetBucketPolicyCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import t from 'tap';
import { createAws } from '../../../src/aws/clients.js';
import { askAccessAnalyzer } from '../../../src/commands/verify/access-analyzer/ask.js';
import { explainBucketGrant } from '../../../src/commands/verify/access-analyzer/explain.js';
import { mergePolicies } from '../../../src/commands/verify/access-analyzer/merge.js';
import { loadSettings } from '../../../src/settings/index.js';
import type { Scope } from '../../../src/stack/scope.js';
import { faultsByBotocore } from '../../support/botocore.js';
import {
  addToBroker,
  addToBucketPolicy,
  broker,
  bucketArn,
  checkOf,
  dataRole,
  documentOf,
  judgement,
} from './access-analyzer.js';
import { type Deployed, startDeployed } from './operator.js';

/** Has AWS answer `FAIL` about one kind of policy, with these reasons. */
function answerFail({ sandbox }: Deployed, policyType: string, body: object) {
  return sandbox.intercept(({ operation, input }) =>
    operation === 'CheckNoNewAccess' && Object(input).policyType === policyType
      ? { kind: 'answer', status: 200, body: JSON.stringify({ result: 'FAIL', ...body }) }
      : undefined,
  );
}

t.test('three calls, valid by botocore, and all OK; none when turned off', async (t) => {
  const { verify, sandbox } = await startDeployed(t);
  const inputs: unknown[] = [];
  sandbox.intercept(({ operation, input }) => {
    if (operation === 'CheckNoNewAccess') inputs.push(input);
    return undefined;
  });
  const on = await verify();
  const { checks = [], outcome } = on.checks.find(({ name }) => name === judgement) ?? {};
  t.equal(outcome, 'OK');
  t.strictSame(
    checks.map(({ name }) => name),
    ['the bucket policy', "the data role's trust", "the broker's policies"],
  );
  t.equal(inputs.length, 3);
  for (const flags of [['--no-access-analyzer'], []]) {
    const env = flags.length === 0 ? { AGENTKEYS_SES_ROUTING_ACCESS_ANALYZER: 'false' } : {};
    const off = await verify(flags, { env });
    t.strictSame(off.failed, []);
    t.match(
      off.checks.find(({ name }) => name === judgement),
      { outcome: 'SKIP', reason: 'turned off by --no-access-analyzer' },
    );
  }
  t.equal(inputs.length, 3);
  const faults = faultsByBotocore(
    inputs.map((input) => ({ service: 'accessanalyzer', operation: 'CheckNoNewAccess', input })),
  );
  if (typeof faults === 'string') return t.comment(faults);
  t.strictSame(faults, []);
  const wrong = { service: 'accessanalyzer', operation: 'CheckNoNewAccess', input: { policyType: 'SCP' } };
  t.equal(faultsByBotocore([wrong]).length, 2);
});

t.test('the policy for verify has its action, unless it is turned off', async (t) => {
  const { run } = await startDeployed(t);
  t.match((await run(['policy', 'verify'])).stdout, '"access-analyzer:CheckNoNewAccess"');
  t.notMatch((await run(['policy', 'verify', '--no-access-analyzer'])).stdout, 'access-analyzer');
});

t.test('what both judges find is one FAIL, with the statement by AWS', async (t) => {
  const operator = await startDeployed(t);
  const PolicyArn = 'arn:aws:iam::aws:policy/AmazonS3FullAccess';
  await operator.aws.iam.send(new AttachRolePolicyCommand({ RoleName: broker, PolicyArn }));
  await addToBucketPolicy(operator, {
    Sid: 'Everybody',
    Effect: 'Allow',
    Principal: '*',
    Action: 's3:GetObject',
    Resource: `${bucketArn}/inbound/*`,
  });
  const verified = await operator.verify();
  t.strictSame(
    verified.failed.filter((path) => path.startsWith(judgement)),
    [],
  );
  t.ok(verified.failed.some((path) => path.startsWith('isolation, by the policies > the broker')));
  t.match(checkOf(verified, "the broker's policies"), {
    outcome: 'SKIP',
    reason: /^AWS finds it too, see "the broker" above\. .* AmazonS3FullAccess, statement 1: Allow s3:\*/,
  });
  t.match(checkOf(verified, 'the bucket policy'), {
    outcome: 'SKIP',
    reason: /^AWS finds it too, see ".*" above\. .*: the bucket policy, statement Everybody: Allow s3:GetObject/,
  });
});

t.test('what other policies explain is skipped, with the reason', async (t) => {
  const read = { Effect: 'Allow', Action: 's3:GetObject' };
  const elsewhere = { ...read, Resource: `${bucketArn}/elsewhere/*` };
  const role = { AWS: `arn:aws:iam::111122223333:role/${broker}` };
  const limit = async (operator: Deployed) => {
    const inbound = [
      { ...read, Resource: `${bucketArn}/inbound/*` },
      {
        ...read,
        Action: 's3:ListBucket',
        Resource: bucketArn,
        Condition: { StringLike: { 's3:prefix': 'inbound/*' } },
      },
    ];
    const input = { PolicyName: 'limited', PolicyDocument: documentOf(...inbound) };
    const { Policy } = await operator.aws.iam.send(new CreatePolicyCommand(input));
    const boundary = { RoleName: broker, PermissionsBoundary: Policy?.Arn };
    await operator.aws.iam.send(new PutRolePermissionsBoundaryCommand(boundary));
  };
  const cases: Array<[name: string, explained: string, act: (operator: Deployed) => Promise<unknown>]> = [
    [
      "the broker's policies",
      'the permissions boundary limited limits what they grant',
      async (operator) => {
        await limit(operator);
        await addToBroker(operator, elsewhere);
      },
    ],
    [
      "the broker's policies",
      'the bucket policy denies the broker requests that they allow',
      async (operator) => {
        await addToBroker(operator, elsewhere);
        await addToBucketPolicy(operator, { ...elsewhere, Effect: 'Deny', Action: 's3:*', Principal: role });
      },
    ],
    [
      'the bucket policy',
      `the permissions boundary of ${broker} limits what it grants`,
      async (operator) => {
        await limit(operator);
        await addToBucketPolicy(operator, {
          ...read,
          Action: 's3:PutObject',
          Principal: role,
          Resource: `${bucketArn}/inbound/*`,
        });
      },
    ],
    [
      'the bucket policy',
      `a Deny in ${broker}'s policy agentkeys-ses-routing-broker limits what it grants`,
      (operator) =>
        addToBucketPolicy(operator, { ...read, Principal: role, Resource: `${bucketArn}/bots/*/inbound/*` }),
    ],
    [
      'the bucket policy',
      "it delegates to this account's own policies, which are checked by themselves",
      (operator) =>
        addToBucketPolicy(operator, {
          ...read,
          Principal: { AWS: 'arn:aws:iam::111122223333:root' },
          Resource: `${bucketArn}/*`,
        }),
    ],
  ];
  for (const [name, explained, act] of cases) {
    const operator = await startDeployed(t);
    await act(operator);
    const verified = await operator.verify();
    const check = checkOf(verified, name);
    t.match(check, { outcome: 'SKIP' }, explained);
    t.ok(check?.reason?.startsWith(`AWS finds more than is permitted, but ${explained}. `), String(check?.reason));
    t.strictSame(
      verified.failed.filter((path) => path.startsWith('isolation')),
      [],
      'the other judge finds nothing',
    );
  }
});

t.test('a disagreement that nothing explains is a FAIL', async (t) => {
  const operator = await startDeployed(t);
  const { verify, aws, bucket } = operator;
  const words = 'New access in the statement with index: 7.';
  const cases: Array<[type: string, body: object, name: string, reason: RegExp]> = [
    [
      'IDENTITY_POLICY',
      { reasons: [{ statementIndex: 0 }] },
      "the broker's policies",
      /agentkeys-ses-routing-broker, statement ListInbound: Allow/,
    ],
    [
      'IDENTITY_POLICY',
      { reasons: [{ statementId: 'S1' }] },
      "the broker's policies",
      /agentkeys-ses-routing-broker, statement ReadInbound: Allow/,
    ],
    [
      'IDENTITY_POLICY',
      { reasons: [{ description: words, statementIndex: 7 }] },
      "the broker's policies",
      /: New access in the statement with index: 7\.$/,
    ],
    ['IDENTITY_POLICY', {}, "the broker's policies", /^AWS finds more than is permitted: $/],
    [
      'RESOURCE_POLICY',
      { reasons: [{ statementIndex: 0 }] },
      'the bucket policy',
      /the bucket policy, statement SesStoresMail: Allow/,
    ],
    [
      'RESOURCE_POLICY',
      { reasons: [{ statementIndex: 1 }] },
      'the bucket policy',
      /the bucket policy, statement AgentReadsOwnWallet: Allow/,
    ],
    [
      'RESOURCE_POLICY',
      { reasons: [{ description: words }] },
      'the bucket policy',
      /: New access in the statement with index: 7\.$/,
    ],
  ];
  for (const [type, body, name, reason] of cases) {
    const release = answerFail(operator, type, body);
    const verified = await verify();
    release();
    t.match(checkOf(verified, name), { outcome: 'FAIL', reason, fix: /report it/ });
    t.equal(verified.status, 1);
    const named = name === 'the bucket policy' ? name : 'agentkeys-ses-routing-broker';
    if (/statement \w+:/.test(String(checkOf(verified, name)?.reason)))
      t.match(checkOf(verified, name)?.findings, [{ policy: named, reason: /IAM Access Analyzer/ }]);
  }
  // Grants to a role that does not exist and to a user, which nothing limits.
  const named = { Effect: 'Allow', Action: 's3:GetObject', Resource: `${bucketArn}/team/*` };
  const account = 'arn:aws:iam::111122223333';
  for (const who of [{ Principal: { AWS: `${account}:role/nobody` } }, { Principal: { AWS: `${account}:user/a` } }]) {
    const { Policy = '' } = await aws.s3.send(new GetBucketPolicyCommand({ Bucket: bucket }));
    await addToBucketPolicy(operator, { ...named, ...who });
    const release = answerFail(operator, 'RESOURCE_POLICY', { reasons: [{ statementIndex: 3 }] });
    t.match(checkOf(await verify(), 'the bucket policy'), { outcome: 'FAIL' });
    release();
    await aws.s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));
  }
});

t.test('a grant to everybody but somebody is not explained by the policies of a role', async (t) => {
  const statement = { Effect: 'Allow', NotPrincipal: { AWS: '111122223333' }, Action: '*', Resource: '*' } as const;
  const identity = { account: '111122223333', partition: 'aws', region: 'us-east-1', caller: '' };
  t.equal(await explainBucketGrant([{ policy: 'p', number: 1, statement }], { identity } as Scope), undefined);
});

t.test('no answer is a SKIP, with the reason', async (t) => {
  const { verify, sandbox } = await startDeployed(t);
  const cases: Array<[code: string, status: number, reason: RegExp]> = [
    [
      'AccessDeniedException',
      403,
      /^Access Analyzer gave no answer\. AWS denied access: No\. `npx --no agentkeys-ses-routing policy/,
    ],
    ['ThrottlingException', 429, /AWS kept throttling the calls/],
    ['InternalServerException', 500, /gave no answer/],
    ['UnknownOperationException', 404, /UnknownOperationException/],
    ['ValidationException', 400, /The policy is a document of \d+ bytes\./],
    ['InvalidParameterException', 400, /The policy is a document of \d+ bytes\./],
    ['UnprocessableEntityException', 422, /The policy is a document of \d+ bytes\./],
  ];
  for (const [code, status, reason] of cases) {
    const release = sandbox.intercept(({ operation }) =>
      operation === 'CheckNoNewAccess' ? { kind: 'refuse', code, status, message: 'No.' } : undefined,
    );
    const verified = await verify();
    release();
    t.equal(verified.status, 0, code);
    t.match(checkOf(verified, 'the bucket policy'), { outcome: 'SKIP', reason }, code);
    t.match(checkOf(verified, "the broker's policies"), { outcome: 'SKIP', reason }, code);
  }
});

t.test('what there is nothing to ask about', async (t) => {
  const operator = await startDeployed(t);
  const { verify, aws, bucket, sandbox } = operator;
  const foreign = await verify(['--data-role', 'arn:aws:iam::444455556666:role/agents', '--no-broker']);
  t.match(checkOf(foreign, "the data role's trust"), { outcome: 'SKIP', reason: /belongs to another account/ });
  t.match(checkOf(foreign, "the broker's policies"), { outcome: 'SKIP' });
  const denied = sandbox.intercept(({ operation }) =>
    operation === 'GetBucketPolicy' ? { kind: 'refuse', code: 'AccessDenied', status: 403, message: 'No.' } : undefined,
  );
  t.match(checkOf(await verify(), 'the bucket policy'), { outcome: 'SKIP', reason: /AWS denied s3:GetBucketPolicy/ });
  denied();
  const odd = sandbox.intercept(({ operation }) =>
    operation === 'GetBucketPolicy' ? { kind: 'answer', status: 200, body: '{"Statement":[{}]}' } : undefined,
  );
  t.match(checkOf(await verify(), 'the bucket policy'), { outcome: 'SKIP', reason: /can't be parsed/ });
  odd();
  const hidden = sandbox.intercept(({ operation, input }) =>
    operation === 'GetRole' && Object(input).RoleName === dataRole
      ? { kind: 'refuse', code: 'AccessDenied', status: 403, message: 'No.' }
      : undefined,
  );
  await verify();
  hidden();
  await aws.iam.send(new DeleteRoleCommand({ RoleName: dataRole }));
  await aws.s3.send(new DeleteBucketPolicyCommand({ Bucket: bucket }));
  for (const PolicyName of sandbox.state.iam.roles.get(broker)?.inline.keys() ?? [])
    await aws.iam.send(new DeleteRolePolicyCommand({ RoleName: broker, PolicyName }));
  const bare = await verify();
  t.match(checkOf(bare, 'the bucket policy'), { outcome: 'OK', reason: 'the bucket has no policy' });
  t.match(checkOf(bare, "the data role's trust"), { outcome: 'SKIP', reason: /does not exist/ });
});

t.test('a region without the service', async (t) => {
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const aws = createAws({ region: 'us-iso-east-1', endpointUrl: 'http://127.0.0.1:1', credentials });
  t.teardown(() => aws.close());
  const { settings } = await loadSettings({}, {}, t.testdir({}));
  const identity = { account: '111122223333', partition: 'aws-iso', region: 'us-iso-east-1', caller: '' };
  const answer = await askAccessAnalyzer('IDENTITY_POLICY', mergePolicies([]), { Statement: [] }, {
    aws,
    settings,
    identity,
  } as unknown as Scope);
  t.match(answer, { unknown: /could not be reached .* It may not be available in us-iso-east-1\.$/ });
});

t.test('policies as one document: Sids of their own, and no variables where there were none', (t) => {
  const statement = { Effect: 'Deny', Action: 's3:*', Resource: 'arn:aws:s3:::b/${aws:username}' } as const;
  const { document, origins } = mergePolicies([
    { name: 'a', document: { Version: '2012-10-17', Statement: [{ Sid: 'x', ...statement }] } },
    { name: 'b', document: { Version: '2008-10-17', Statement: [{ Sid: 'x', ...statement }] } },
    { name: 'c', document: { Statement: [statement] } },
  ]);
  t.strictSame(document, {
    Version: '2012-10-17',
    Statement: [
      { ...statement, Sid: 'S0' },
      { ...statement, Resource: 'arn:aws:s3:::b/${$}{aws:username}', Sid: 'S1' },
      { ...statement, Resource: 'arn:aws:s3:::b/${$}{aws:username}', Sid: 'S2' },
    ],
  });
  t.strictSame(
    origins.map(({ policy, number }) => `${policy} ${number}`),
    ['a 1', 'b 1', 'c 1'],
  );
  t.end();
});
