/**
 * `verify` on an embedded AWS: the screen, the probe objects and their deletion, and what is skipped.
 */
import { CreateRoleCommand, DeleteRoleCommand } from '@aws-sdk/client-iam';
import { DeleteFunctionCommand } from '@aws-sdk/client-lambda';
import {
  DeleteBucketPolicyCommand,
  GetBucketPolicyCommand,
  PutBucketAclCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import t from 'tap';
import { systemClock } from '../../../src/aws/waits.js';
import { mailDomain } from '../../support/mail.js';
import { paths, startDeployed, tokenFile } from './operator.js';

const agents = "isolation, by the policies > an agent's session";

t.test('the screen: each group as it completes, how to fix each FAIL, and the counts', async (t) => {
  const { run, sandbox, bucket } = await startDeployed(t);
  const fn = sandbox.state.lambda.functions.get('agentkeys-ses-routing');
  if (fn === undefined) return t.fail('no function');
  fn.memory = 1024;
  const { status, stdout, stderr } = await run(['verify', '--mail-domain', mailDomain], { clock: systemClock });
  t.equal(status, 1);
  t.match(stderr, '  Read the account: done\n  Check isolation by the policies: done\n');
  const lines = stdout.split('\n');
  t.strictSame(lines.slice(0, 4), [
    'Verify agentkeys-ses-routing',
    '  account  111122223333 (aws), region us-east-1',
    `  bucket   ${bucket}`,
    '',
  ]);
  const from = lines.indexOf('  FAIL function agentkeys-ses-routing');
  t.strictSame(lines.slice(from, from + 4), [
    '  FAIL function agentkeys-ses-routing',
    '         it differs: memory is 1024 MiB, not 256 MiB',
    '         -> npx --no agentkeys-ses-routing deploy (preview the changes with',
    '            --dry-run)',
  ]);
  t.match(
    stdout,
    /\nOK {3}a live probe of routing\n {2}OK {3}a message for a wallet is routed, byte for byte\n {9}\d\.\d s after it was put\n/,
  );
  t.match(stdout, /\n\n47 OK, 1 FAIL, 1 skipped\.\n$/);
  t.strictSame(
    lines.filter((line) => line.length > 80),
    [],
  );
});

t.test('a probe that was not sent, or not routed, is not reported as done', async (t) => {
  const { run, sandbox } = await startDeployed(t);
  const rule = sandbox.state.events.rules.get('agentkeys-ses-routing-inbound');
  if (rule === undefined) return t.fail('no rule');
  const step = async (...flags: string[]) => {
    const { stderr } = await run(['verify', ...flags], { clock: systemClock });
    return /Wait for a probe message to be routed: (\w+)/.exec(stderr)?.[1];
  };
  rule.state = 'DISABLED';
  t.equal(await step(), 'skipped', 'routing needs a repair first');
  rule.state = 'ENABLED';
  const release = sandbox.intercept(({ operation }) =>
    operation === 'PutObject' ? { kind: 'refuse', code: 'AccessDenied', status: 403 } : undefined,
  );
  t.equal(await step(), 'skipped', 'it may not be put');
  release();
  sandbox.state.lambda.functions.get('agentkeys-ses-routing')?.policy.splice(0);
  sandbox.intercept(({ operation }) => {
    // What the plan sees is in order.
    if (operation === 'PutObject') rule.targets.clear();
    return undefined;
  });
  t.not(await step('--timeout', '1'), 'done');
});

t.test('--json: one document, and nothing else on stdout', async (t) => {
  const { verify } = await startDeployed(t);
  const { stdout, status } = await verify();
  t.equal(status, 0);
  t.match(JSON.parse(stdout), {
    version: 2,
    outcome: 'OK',
    counts: { FAIL: 0, SKIP: 1 },
    header: { account: '111122223333', region: 'us-east-1', bucket: 'agentkeys-mail-111122223333' },
  });
});

t.test('deploy --verify: the deploy, then the checks, in one document', async (t) => {
  const { run } = await startDeployed(t);
  await run(['teardown', '--yes']);
  const flags = ['deploy', '--yes', '--verify', '--mail-domain', mailDomain];
  const both = await run([...flags, '--json'], { clock: systemClock });
  t.equal(both.status, 0);
  t.match(JSON.parse(both.stdout), { outcome: 'applied', verify: { version: 2, outcome: 'OK' } });
  const again = await run(flags, { clock: systemClock });
  t.equal(again.status, 0);
  t.match(again.stdout, /Nothing to do; .*\nVerify agentkeys-ses-routing\n/s);
  t.match((await run([...flags, '--dry-run'])).stderr, "'--verify' cannot be used with option '--dry-run'");
});

t.test('deploy --verify: a failed verification does not hide what was deployed', async (t) => {
  const { run, sandbox } = await startDeployed(t);
  const flags = ['deploy', '--yes', '--verify', '--json', '--mail-domain', mailDomain];
  const whileVerified = async (act: () => undefined | 'fail', signal = new AbortController().signal) => {
    await run(['teardown', '--yes']);
    const release = sandbox.intercept(({ operation }) =>
      operation === 'DescribeActiveReceiptRuleSet' && act() === 'fail'
        ? { kind: 'refuse', code: 'InternalFailure', status: 500 }
        : undefined,
    );
    const { stdout, stderr, status } = await run(flags, { signal, attempts: () => 1 });
    release();
    return { status, stderr, document: JSON.parse(stdout) };
  };
  const failed = await whileVerified(() => 'fail');
  t.equal(failed.status, 1);
  t.match(failed.document, { outcome: 'applied', applied: [/^create/], verify: { outcome: 'failed' } });
  t.match(failed.stderr, 'The deploy is complete');
  t.notMatch(failed.stderr, 'Nothing was written');

  const interrupt = new AbortController();
  const stopped = await whileVerified(() => void interrupt.abort(), interrupt.signal);
  t.equal(stopped.status, 130);
  t.match(stopped.document, { outcome: 'applied', verify: { outcome: 'interrupted' } });
  t.notMatch(stopped.stderr, 'Nothing was written');
});

t.test('before any deploy: a missing resource is a FAIL, and no probe is sent', async (t) => {
  const { run, verify } = await startDeployed(t);
  await run(['teardown', '--yes', '--broker']);
  const { status, failed, skipped, writes } = await verify();
  t.equal(status, 1);
  t.ok(failed.includes('the stack is in sync > function agentkeys-ses-routing'));
  t.ok(skipped.includes('a live probe of routing'));
  t.ok(skipped.includes('isolation, by the policies > the function'));
  t.strictSame(writes, []);
});

t.test('Ctrl-C during the probe: its objects are deleted', async (t) => {
  const { verify, sandbox, bucket } = await startDeployed(t, { delays: { eventBridgeDelivery: 3_600_000 } });
  const interrupt = new AbortController();
  const release = sandbox.intercept(({ operation, input }) => {
    if (operation === 'GetObject' && /bots%2F|bots\//.test(JSON.stringify(input))) interrupt.abort();
    return undefined;
  });
  const { status, stderr, stdout } = await verify([], { signal: interrupt.signal });
  release();
  t.equal(status, 130);
  t.match(JSON.parse(stdout), { outcome: 'interrupted', counts: { FAIL: 0 } });
  t.match(stderr, 'Interrupted. The probe objects have been deleted from the bucket.');
  t.strictSame([...(sandbox.state.s3.buckets.get(bucket)?.objects.keys() ?? [])], []);
});

t.test("Ctrl-C: objects that can't be deleted are named", async (t) => {
  const { verify, sandbox } = await startDeployed(t, { delays: { eventBridgeDelivery: 3_600_000 } });
  const interrupt = new AbortController();
  sandbox.intercept(({ operation, input }) => {
    if (operation === 'GetObject' && /bots%2F|bots\//.test(JSON.stringify(input))) interrupt.abort();
    return operation === 'DeleteObject'
      ? { kind: 'refuse', code: 'AccessDenied', status: 403, message: 'No.' }
      : undefined;
  });
  const { status, stderr } = await verify([], { signal: interrupt.signal });
  t.equal(status, 130);
  t.match(
    stderr,
    /Interrupted\. Left in the bucket: inbound\/agentkeys-ses-routing-probe-\w+-login, inbound\/.* operator needs\.\n/,
  );
  t.notMatch(stderr, 'have been deleted');
});

t.test('a later run deletes what a killed run left, once it is old enough', async (t) => {
  const { verify, sandbox, bucket } = await startDeployed(t, { delays: { eventBridgeDelivery: 3_600_000 } });
  const { objects } = sandbox.state.s3.buckets.get(bucket) ?? {};
  // As a run that is killed: nothing can be deleted any more.
  const release = sandbox.intercept(({ operation }) =>
    operation === 'DeleteObject' ? { kind: 'refuse', code: 'AccessDenied', status: 403, message: 'No.' } : undefined,
  );
  const left = await verify(['--timeout', '1']);
  release();
  t.ok(left.failed.includes('the probe objects are deleted'));
  const keys = [...(objects?.keys() ?? [])];
  t.equal(keys.length, 2);
  t.ok(
    keys.every((key) => JSON.stringify(left.checks).includes(key)),
    'each is named',
  );

  await verify(['--timeout', '1']);
  t.strictSame([...(objects?.keys() ?? [])], keys, 'it may be a run that goes on');
  for (const object of objects?.values() ?? []) object.modified = new Date(Date.now() - 2 * 3_600_000);
  await verify(['--timeout', '1']);
  t.strictSame([...(objects?.keys() ?? [])], []);
});

t.test('no copy in time is a FAIL', async (t) => {
  const { verify } = await startDeployed(t, { delays: { eventBridgeDelivery: 3_600_000 } });
  const { failed, checks } = await verify(['--timeout', '1']);
  t.strictSame(failed, ['a live probe of routing > a message for a wallet is routed, byte for byte']);
  t.match(JSON.stringify(checks), 'no copy appeared within 1 s');
});

t.test('in a versioned bucket, no version of the probe is left', async (t) => {
  const { verify, aws, bucket, sandbox } = await startDeployed(t);
  const VersioningConfiguration = { Status: 'Enabled' as const };
  await aws.s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration }));
  const { status } = await verify(['--web-identity-token-file', tokenFile(t)]);
  t.equal(status, 0);
  const left = () => {
    const { objects, otherVersions } = sandbox.state.s3.buckets.get(bucket) ?? {};
    return [objects?.size, [...(otherVersions?.values() ?? [])].flat()];
  };
  t.strictSame(left(), [0, []]);

  // Nor of a copy that never came, nor of a message whose answer was lost.
  const never = sandbox.intercept(({ operation }) =>
    operation === 'CopyObject' ? { kind: 'refuse', code: 'InternalError', status: 500 } : undefined,
  );
  t.equal((await verify(['--timeout', '1'])).status, 1);
  t.strictSame(left(), [0, []]);
  never();
  sandbox.intercept(({ operation }) => (operation === 'PutObject' ? { kind: 'lose-answer' } : undefined));
  t.equal((await verify([], { attempts: () => 1 })).status, 1);
  t.strictSame(left(), [0, []]);
});

t.test('with --delete-source the message is deleted after routing', async (t) => {
  const { verify, deploy } = await startDeployed(t);
  await deploy('--delete-source');
  const { status, failed } = await verify(['--delete-source']);
  t.strictSame({ status, failed }, { status: 0, failed: [] });
});

t.test('an AWS error during the probe ends it and reports that the objects are deleted', async (t) => {
  const { verify, sandbox, bucket } = await startDeployed(t);
  const release = sandbox.intercept(({ operation }) =>
    operation === 'Invoke' ? { kind: 'refuse', code: 'ServiceException', status: 500, message: 'No.' } : undefined,
  );
  const { status, stdout } = await verify();
  t.equal(status, 1);
  t.match(
    JSON.parse(stdout).error,
    /^AWS had an internal error.* The probe objects have been deleted from the bucket\.$/,
  );
  t.strictSame([...(sandbox.state.s3.buckets.get(bucket)?.objects.keys() ?? [])], []);
  release();
  sandbox.intercept(({ operation }) =>
    operation === 'Invoke' || operation === 'DeleteObject'
      ? { kind: 'refuse', code: 'ServiceException', status: 500, message: 'No.' }
      : undefined,
  );
  t.match(
    JSON.parse((await verify()).stdout).error,
    /^AWS had .* minute\. Left in the bucket: inbound\/agentkeys-ses-routing-probe-.* minute\.$/,
  );
});

t.test('what AWS denies to the operator is skipped with the reason', async (t) => {
  const { verify, sandbox } = await startDeployed(t);
  const cases: Array<[operation: string, skipped: string]> = [
    ['SimulatePrincipalPolicy', `${agents} > AWS's policy simulator agrees on its own policies`],
    ['GetBucketPolicyStatus', 'isolation, by the policies > nothing is public > the public access settings'],
    ['GetBucketPolicy', 'isolation, by the policies > access'],
    ['DescribeActiveReceiptRuleSet', 'receiving: SES stores mail in this bucket'],
    ['PutObject', 'a live probe of routing'],
  ];
  for (const [name, skipped] of cases) {
    const release = sandbox.intercept(({ operation }) =>
      operation === name ? { kind: 'refuse', code: 'AccessDenied', status: 403, message: 'Not you.' } : undefined,
    );
    const run = await verify();
    t.strictSame(run.failed, [], name);
    t.ok(run.skipped.includes(skipped), name);
    release();
  }
  const release = sandbox.intercept(({ operation }) =>
    operation === 'GetBucketPolicyStatus' ? { kind: 'refuse', code: 'InternalError', status: 500 } : undefined,
  );
  t.equal((await verify()).status, 1, 'a fault is no denial');
  release();
  sandbox.intercept(({ operation }) =>
    operation === 'DescribeActiveReceiptRuleSet' ? { kind: 'refuse', code: 'InternalFailure', status: 500 } : undefined,
  );
  t.match(JSON.parse((await verify()).stdout), { outcome: 'failed' });
});

t.test('nothing is left behind after a failed put, or without permission to read', async (t) => {
  const { verify, sandbox, bucket } = await startDeployed(t);
  const without = async (denied: string[], lost: string[] = []) => {
    const release = sandbox.intercept(({ operation }) => {
      if (denied.includes(operation)) return { kind: 'refuse', code: 'AccessDenied', status: 403, message: 'Not you.' };
      return lost.includes(operation) ? { kind: 'lose-answer' } : undefined;
    });
    const { failed, skipped, status } = await verify([], { attempts: () => 1 });
    release();
    return { failed, skipped: skipped.includes('a live probe of routing'), status };
  };
  t.strictSame(await without(['PutObject', 'DeleteObject']), { failed: [], skipped: true, status: 0 });
  t.equal((await without(['HeadObject'], ['PutObject'])).status, 1);
  t.strictSame([...(sandbox.state.s3.buckets.get(bucket)?.objects.keys() ?? [])], []);
});

t.test('an access denial hides no FAIL', async (t) => {
  const { verify, sandbox, aws, bucket } = await startDeployed(t);
  const denied = ['Invoke', 'GetBucketAcl'];
  sandbox.intercept(({ operation }) => {
    if (denied.includes(operation)) return { kind: 'refuse', code: 'AccessDenied', status: 403, message: 'Not you.' };
    return operation === 'CopyObject' ? { kind: 'refuse', code: 'InternalError', status: 500 } : undefined;
  });
  const { Policy = '' } = await aws.s3.send(new GetBucketPolicyCommand({ Bucket: bucket }));
  const { Statement, ...rest } = JSON.parse(Policy);
  const arn = `arn:aws:s3:::${bucket}`;
  const open = { Effect: 'Allow', Principal: '*', Action: 's3:ListBucketVersions', Resource: arn };
  const widened = JSON.stringify({ ...rest, Statement: [...Statement, open] });
  await aws.s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: widened }));
  const { failed, skipped, status } = await verify(['--timeout', '1']);
  t.equal(status, 1);
  t.ok(failed.includes('a live probe of routing > a message for a wallet is routed, byte for byte'));
  t.ok(
    failed.includes(
      'isolation, by the policies > nothing is public > the bucket policy grants nothing to anonymous requests',
    ),
  );
  t.ok(skipped.includes('a live probe of routing > login mail stays in inbound/, also with a forged To:'));
  t.ok(skipped.includes('isolation, by the policies > nothing is public > the public access settings'));
});

t.test('a grant to everybody of an organization is none to those without credentials', async (t) => {
  const { verify, aws, bucket } = await startDeployed(t);
  const { Policy = '' } = await aws.s3.send(new GetBucketPolicyCommand({ Bucket: bucket }));
  const { Statement, ...rest } = JSON.parse(Policy);
  const grant = {
    Effect: 'Allow',
    Principal: '*',
    Action: 's3:GetObject',
    Resource: `arn:aws:s3:::${bucket}/inbound/*`,
    Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-exampleorgid' } },
  };
  const widened = JSON.stringify({ ...rest, Statement: [...Statement, grant] });
  await aws.s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: widened }));
  // An agent may be of that organization, and others are.
  t.strictSame((await verify()).failed, [
    `${agents} > does not read inbound/`,
    "isolation, by the policies > everybody else > reaches neither mail nor the bucket's own limits",
  ]);
});

t.test('the role that agents assume: another one, none, and one of another account', async (t) => {
  const { verify, aws, bucket, run } = await startDeployed(t);
  const other = 'arn:aws:iam::444455556666:role/agents';
  // The bucket policy still opens the wallets' folders to the usual role, which is another principal now.
  const others = "isolation, by the policies > everybody else > reaches neither mail nor the bucket's own limits";
  const alone = '--no-access-analyzer';
  const foreign = await verify(['--data-role', other, alone]);
  t.strictSame(
    foreign.failed,
    [`${agents} > lists and reads its own wallet's mail`, others],
    'the bucket policy does not name it',
  );

  const missing = 'arn:aws:iam::111122223333:role/nobody';
  t.strictSame((await verify(['--data-role', missing, alone])).failed, [agents, others]);
  await aws.iam.send(new DeleteRoleCommand({ RoleName: 'agentkeys-data-role' }));
  const gone = await verify();
  t.ok(gone.skipped.includes(agents));

  await aws.s3.send(new DeleteBucketPolicyCommand({ Bucket: bucket }));
  const nothing = await verify(['--data-role', other]);
  t.ok(nothing.failed.includes(`${agents} > lists and reads its own wallet's mail`));
  t.ok(nothing.failed.includes('isolation, by the policies > SES > stores mail in inbound/'));
  t.ok((await verify(['--no-broker'])).skipped.includes('isolation, by the policies > the broker'));
  t.equal((await run(['verify', '--broker-role', 'nobody'])).status, 1);
});

t.test('an unknown condition operator is not OK', async (t) => {
  const { verify, sandbox } = await startDeployed(t);
  const odd = { Effect: 'Allow', Action: 's3:*', Resource: '*', Condition: { StringSounds: { 's3:prefix': 'x' } } };
  // Past IAM, which refuses operators that it does not know itself.
  const document = JSON.stringify({ Version: '2012-10-17', Statement: [odd] });
  sandbox.state.iam.roles.get('agentkeys-data-role')?.inline.set('odd', document);
  const { failed, skipped, checks } = await verify();
  t.ok(failed.includes(`${agents} > does not read inbound/`));
  t.ok(skipped.some((path) => path.startsWith(`${agents} > AWS's policy simulator`)));
  t.match(JSON.stringify(checks), 'StringSounds');

  sandbox.intercept(({ operation }) =>
    operation === 'GetBucketPolicy'
      ? { kind: 'answer', status: 200, body: '{"Statement":[{"Effect":"Maybe"}]}' }
      : undefined,
  );
  const unread = await verify();
  t.ok(unread.failed.includes('isolation, by the policies > access'));
  t.match(JSON.stringify(unread.checks), 'statement 1: Effect must be');
});

t.test('a disagreement of the two evaluators is a FAIL', async (t) => {
  const { verify, sandbox } = await startDeployed(t);
  // As IAM may be for seconds after a change: the simulator answers by an earlier state.
  const roles = structuredClone(sandbox.state.iam.roles);
  roles.get('agentkeys-broker-host')?.inline.clear();
  const iam = { ...sandbox.state.iam, roles };
  sandbox.intercept(({ operation }) =>
    operation === 'SimulatePrincipalPolicy' ? { kind: 'stale', state: { iam } } : undefined,
  );
  const { failed, checks } = await verify();
  t.strictSame(failed, ["isolation, by the policies > the broker > AWS's policy simulator agrees on its own policies"]);
  t.match(JSON.stringify(checks), 'it disagrees on s3:ListBucket on inbound/; s3:GetObject on inbound/message');
});

t.test('both evaluators include the permissions boundary', async (t) => {
  const { verify, aws, sandbox } = await startDeployed(t);
  const { trust } = sandbox.state.iam.roles.get('agentkeys-data-role') ?? {};
  await aws.iam.send(new DeleteRoleCommand({ RoleName: 'agentkeys-data-role' }));
  await aws.iam.send(
    new CreateRoleCommand({
      RoleName: 'agentkeys-data-role',
      AssumeRolePolicyDocument: trust,
      PermissionsBoundary: 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess',
    }),
  );
  t.strictSame((await verify()).failed, []);
});

t.test('open to everybody by its access control list, and closed by the public access block', async (t) => {
  const { verify, aws, bucket } = await startDeployed(t);
  const OwnershipControls = { Rules: [{ ObjectOwnership: 'ObjectWriter' as const }] };
  await aws.s3.send(new PutBucketOwnershipControlsCommand({ Bucket: bucket, OwnershipControls }));
  await aws.s3.send(new PutBucketAclCommand({ Bucket: bucket, ACL: 'public-read' }));
  const open = await verify();
  t.strictSame(open.failed, ['isolation, by the policies > nothing is public > its access control list is not public']);
  t.match(JSON.stringify(open.checks), 'it grants READ to AllUsers');
  const PublicAccessBlockConfiguration = { IgnorePublicAcls: true };
  await aws.s3.send(new PutPublicAccessBlockCommand({ Bucket: bucket, PublicAccessBlockConfiguration }));
  t.strictSame((await verify()).failed, []);
});

t.test('a function that fails on the probe, and one deleted during it', async (t) => {
  const { verify, sandbox, aws } = await startDeployed(t);
  const fn = sandbox.state.lambda.functions.get('agentkeys-ses-routing');
  if (fn === undefined) return t.fail('no function');
  const login = 'a live probe of routing > login mail stays in inbound/, also with a forged To:';
  const release = sandbox.intercept(({ operation }) => {
    // Its environment is broken once the first message was routed.
    if (operation === 'Invoke') fn.environment = {};
    return undefined;
  });
  t.strictSame((await verify()).failed, [login]);
  release();
  fn.environment = {};
  sandbox.intercept(({ operation }) => {
    if (operation === 'PutObject') sandbox.state.lambda.functions.delete('agentkeys-ses-routing');
    return undefined;
  });
  t.match(await verify(['--timeout', '1']), { status: 1 });
  await aws.lambda.send(new DeleteFunctionCommand({ FunctionName: 'agentkeys-ses-routing' })).catch(() => undefined);
});

t.test('paths start at the outermost check', async (t) => {
  t.strictSame(
    paths(
      [
        {
          name: 'a',
          outcome: 'FAIL',
          checks: [
            { name: 'b', outcome: 'FAIL' },
            { name: 'c', outcome: 'OK' },
          ],
        },
      ],
      'FAIL',
    ),
    ['a > b'],
  );
});

t.test('invalid flag values', async (t) => {
  const { run } = await startDeployed(t);
  for (const seconds of ['0', '3601', 'long'])
    t.match(
      (await run(['verify', '--timeout', seconds])).stderr,
      'It must be a whole number of seconds from 1 to 3600.',
    );
  const missing = await run(['verify', '--web-identity-token-file', '/no/such/file'], { clock: systemClock });
  t.equal(missing.status, 1);
  t.match(
    missing.stderr,
    "The file given with --web-identity-token-file (AWS_WEB_IDENTITY_TOKEN_FILE) can't be read (ENOENT).",
  );
});
