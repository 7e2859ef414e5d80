import { PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import { GetBucketNotificationConfigurationCommand } from '@aws-sdk/client-s3';
import t from 'tap';
import { deliver } from '../../src/commands/demo/mail.js';
import { messages } from '../support/mail.js';
import { firstDeployWrites, startDeployed, startOperator } from '../support/operator.js';

t.test(
  'a first deploy creates everything in an order that keeps mail flowing, and prints the backfill command',
  async (t) => {
    const { run, sandbox, aws, bucket } = await startOperator(t);
    const first = await run(['deploy']);
    t.equal(first.status, 0, first.stderr);
    t.strictSame(first.writes.toSorted(), firstDeployWrites.toSorted());
    t.match(first.stdout, /^10 to create, 1 to update; 1 in sync, 2 to note \(!\)\.$/m);
    const noted = [...first.stdout.matchAll(/^! (.{15}) (.*)$/gm)].map(([, kind, name]) => `${kind?.trim()} ${name}`);
    t.strictSame(noted, ['service openrouter', 'broad grant agentkeys-broker-host/AmazonS3FullAccess']);
    const now = new Date().toISOString().slice(0, 13);
    t.match(
      first.stderr,
      `backfill --region us-east-1 --account 111122223333 --endpoint-url ${sandbox.endpoint} --since ${now}`,
    );

    const { $metadata, ...notifications } = await aws.s3.send(
      new GetBucketNotificationConfigurationCommand({ Bucket: bucket }),
    );
    t.match(notifications, {
      EventBridgeConfiguration: {},
      QueueConfigurations: [{ Id: 'reports-to-finance', Events: ['s3:ObjectCreated:*'] }],
    });

    const after = sandbox.snapshot();
    const second = await run(['deploy']);
    t.equal(second.status, 0, second.stderr);
    t.strictSame(second.writes, [], 'the second deploy makes no mutating call');
    t.match(second.stdout, /^Nothing to do; 12 in sync, 2 to note \(!\)\.$/m);
    t.notMatch(second.stderr, 'backfill');
    t.strictSame(sandbox.snapshot(), after);
  },
);

t.test('a dry run writes nothing, and its plan is the one that deploy applies', async (t) => {
  const { run, sandbox } = await startOperator(t);
  const states: Array<[string, () => Promise<unknown>]> = [
    ['before the first deploy', async () => undefined],
    ['after it', () => run(['deploy'])],
    ['drifted', async () => sandbox.state.events.rules.get('agentkeys-ses-routing-inbound')?.targets.clear()],
    ['torn down', () => run(['teardown', '--yes'])],
  ];
  for (const [state, reach] of states) {
    await reach();
    const before = sandbox.snapshot();
    const dry = await run(['deploy', '--dry-run', '--json']);
    t.equal(dry.status, 0, dry.stderr);
    t.strictSame(dry.writes, [], state);
    t.strictSame(sandbox.snapshot(), before, state);
    const real = await run(['deploy', '--json']);
    t.equal(real.status, 0, real.stderr);
    const [planned, applied] = [JSON.parse(dry.stdout), JSON.parse(real.stdout)];
    t.strictSame(planned.plan, applied.plan, state);
    const calls = planned.plan.entries.flatMap((entry: { writes: { call: string }[] }) => entry.writes);
    t.strictSame(
      calls.map(({ call }: { call: string }) => call).toSorted(),
      real.writes.toSorted(),
      `${state}: the calls that were made are the plan's own`,
    );
  }
});

t.test('--detailed-exitcode exits with 2 when a dry run finds changes', async (t) => {
  const { run } = await startOperator(t);
  t.equal((await run(['deploy', '--dry-run', '--detailed-exitcode'])).status, 2);
  await run(['deploy']);
  t.equal((await run(['deploy', '--dry-run', '--detailed-exitcode'])).status, 0, 'what is only to note does not count');
  t.equal((await run(['teardown', '--dry-run', '--detailed-exitcode'])).status, 2);
});

t.test('names, tags, a boundary, a concurrency and a retention from file, environment and flags', async (t) => {
  const { run, sandbox } = await startOperator(t);
  const cwd = t.testdir({
    'agentkeys-ses-routing.json': JSON.stringify({
      functionName: 'my-router',
      roleName: 'my-router-role',
      ruleName: 'my-rule',
      tags: { team: 'mail' },
      logRetentionDays: 90,
      logLevel: 'error',
      permissionsBoundary: 'arn:aws:iam::aws:policy/AdministratorAccess',
    }),
  });
  const options = { cwd, env: { AGENTKEYS_SES_ROUTING_MEMORY: '512' } };
  const args = ['deploy', '--reserved-concurrency', '5', '--delete-source', '--prefix', 'or,xy'];
  const first = await run(args, options);
  t.equal(first.status, 0, first.stderr);
  t.strictSame((await run(args, options)).writes, []);
  const { iam, lambda, events, logs } = sandbox.state;
  t.match(lambda.functions.get('my-router'), {
    memory: 512,
    reservedConcurrency: 5,
    environment: { PREFIXES: 'or,xy', DELETE_SOURCE: 'true', LOG_LEVEL: 'error' },
  });
  t.equal(iam.roles.get('my-router-role')?.boundary, 'arn:aws:iam::aws:policy/AdministratorAccess');
  t.equal(logs.groups.get('/aws/lambda/my-router')?.retentionDays, 90);
  const tagged = [
    lambda.functions.get('my-router'),
    iam.roles.get('my-router-role'),
    events.rules.get('my-rule'),
    logs.groups.get('/aws/lambda/my-router'),
  ];
  for (const resource of tagged) {
    t.equal(resource?.tags.get('team'), 'mail');
    t.equal(resource?.tags.get('managed-by'), 'agentkeys-ses-routing');
  }
  t.equal(
    lambda.functions.get('my-router')?.tags.get('agentkeys-ses-routing:role-id'),
    iam.roles.get('my-router-role')?.id,
  );
});

t.test('optional parts that the organization denies become a note, and the rest is deployed', async (t) => {
  const group = 'log group /aws/lambda/agentkeys-ses-routing';
  const cases: Array<[denied: string[], notes: string[]]> = [
    [['PutRetentionPolicy'], [`${group}: its retention was not set; --no-log-retention leaves it alone.`]],
    [['CreateLogGroup'], [`${group}: it was not created: what the function logs is lost until it exists.`]],
    [['PutFunctionConcurrency'], ['function agentkeys-ses-routing: no concurrency was reserved for it.']],
    [
      ['PutRetentionPolicy', 'PutFunctionConcurrency'],
      [`${group}: its retention was not set`, 'function agentkeys-ses-routing: no concurrency'],
    ],
  ];
  for (const [denied, notes] of cases) {
    const { run, sandbox } = await startOperator(t);
    const release = sandbox.intercept(({ operation }) =>
      denied.includes(operation)
        ? {
            kind: 'refuse',
            code: 'AccessDeniedException',
            status: 400,
            message: `not authorized to perform: ${operation} with an explicit deny in a service control policy`,
          }
        : undefined,
    );
    const args = ['deploy', '--reserved-concurrency', '5'];
    const first = await run(args);
    t.equal(first.status, 0, first.stderr);
    const lines = first.stderr.split('\n').filter((line) => line.startsWith('! '));
    t.equal(lines.length, notes.length, first.stderr);
    for (const [at, note] of notes.entries()) {
      t.ok(lines[at]?.startsWith(`! ${note}`), note);
      t.match(lines[at], /AWS denied access: not authorized .* service control policy\./);
    }
    t.match(sandbox.state.lambda.functions.get('agentkeys-ses-routing'), { state: 'Active' }, 'the rest is there');
    const again = await run([...args, '--json']);
    const { outcome, applied, denied: missing } = JSON.parse(again.stdout);
    t.match({ outcome, missing: missing.length }, { outcome: 'applied', missing: notes.length });
    t.strictSame(applied, [], 'nothing is reported as applied that was not');
    release();
    t.equal((await run(args)).writes.length > 0, true, 'it is made up for when it is allowed');
    t.strictSame((await run(args)).writes, []);
  }
});

t.test('a denied tag of the log group ends nothing either; another failure does', async (t) => {
  const { run, sandbox } = await startDeployed(t);
  const args = ['deploy', '--tag', 'team=mail', '--log-retention-days', '90', '--yes'];
  let code = 'AccessDeniedException';
  sandbox.intercept(({ operation, service }) =>
    service === 'logs' && operation === 'TagResource' ? { kind: 'refuse', code, status: 400 } : undefined,
  );
  const denied = await run(args);
  t.equal(denied.status, 0, denied.stderr);
  t.match(denied.stderr, '! log group /aws/lambda/agentkeys-ses-routing: its tags were not set.');
  t.equal(sandbox.state.iam.roles.get('agentkeys-ses-routing-role')?.tags.get('team'), 'mail');
  code = 'InvalidParameterException';
  const failed = await run(args);
  t.equal(failed.status, 1);
  t.match(failed.stderr, 'InvalidParameterException');
});

t.test('--no-log-retention leaves the retention alone', async (t) => {
  const { run, sandbox } = await startOperator(t);
  const first = await run(['deploy', '--no-log-retention']);
  t.equal(first.status, 0, first.stderr);
  t.notOk(first.writes.includes('logs:PutRetentionPolicy'));
  t.equal(sandbox.state.logs.groups.get('/aws/lambda/agentkeys-ses-routing')?.retentionDays, undefined);
  t.strictSame((await run(['deploy', '--no-log-retention'])).writes, []);
});

t.test(
  'a region without a runtime or architecture: the refusal names the flag, and the next run continues',
  async (t) => {
    const { run, sandbox } = await startOperator(t);
    sandbox.state.lambda.withoutArm = true;
    const refused = await run(['deploy']);
    t.equal(refused.status, 1);
    t.match(
      refused.stderr,
      /does not accept the function's architecture in this region: .* with --architecture \(arm64/,
    );
    const release = sandbox.intercept(({ operation, input }) =>
      operation === 'CreateFunction' && (input as { Runtime?: string }).Runtime === 'nodejs24.x'
        ? {
            kind: 'refuse',
            code: 'InvalidParameterValueException',
            status: 400,
            message: "Value nodejs24.x at 'runtime' failed to satisfy constraint: Member must satisfy enum value set",
          }
        : undefined,
    );
    const again = await run(['deploy', '--architecture', 'x86_64']);
    t.match(again.stderr, /does not accept the function's runtime in this region: .* with --runtime \(nodejs24.x/);
    const args = ['deploy', '--architecture', 'x86_64', '--runtime', '22'];
    t.equal((await run(args)).status, 0);
    release();
    t.match(sandbox.state.lambda.functions.get('agentkeys-ses-routing'), {
      runtime: 'nodejs22.x',
      architectures: ['x86_64'],
    });
    t.strictSame((await run(args)).writes, []);
    const unknown = await run(['deploy', '--runtime', 'nodejs20.x']);
    t.match(unknown.stderr, '--runtime must be nodejs24.x or nodejs22.x, not "nodejs20.x"');
    t.strictSame(unknown.calls, [], 'refused before any call');
  },
);

t.test('what others set that decides whether mail is routed or counted is noted', async (t) => {
  const { run, sandbox, aws, bucket } = await startDeployed(t);
  const mail = sandbox.state.s3.buckets.get(bucket);
  const group = sandbox.state.logs.groups.get('/aws/lambda/agentkeys-ses-routing');
  if (mail === undefined || group === undefined) return t.fail('no stack');
  group.logClass = 'INFREQUENT_ACCESS';
  t.match((await run(['deploy'])).stdout, /^! log group .*\n {4}has the class INFREQUENT_ACCESS/m);
  await deliver(aws, bucket, messages.slice(0, 1));
  await sandbox.settled(60_000);
  const { last24Hours } = JSON.parse((await run(['status', '--no-mail', '--json'])).stdout);
  t.match(last24Hours, { invocations: 1, routed: 0, stayed: 0 }, 'of this class no metrics are taken');

  const before = mail.policy ?? '{"Statement":[]}';
  const roleArn = 'arn:aws:iam::111122223333:role/agentkeys-ses-routing-role';
  const deny = async (statement: object, ...flags: string[]) => {
    const policy = JSON.parse(before);
    const all = { Effect: 'Deny', Principal: '*', Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`] };
    policy.Statement.push({ ...all, ...statement });
    mail.policy = JSON.stringify(policy);
    const { stdout } = await run(['deploy', '--dry-run', ...flags]);
    const notes = stdout.replace(/\n {4}/g, ' ').split('\n');
    return notes.flatMap((line) => /its policy denies the function (.*): exempt arn/.exec(line)?.[1] ?? []);
  };
  const others = { Condition: { ArnNotEquals: { 'aws:PrincipalArn': [roleArn, 'arn:aws:iam::111122223333:role/x'] } } };
  const cases: Array<[statement: object, notes: string[]]> = [
    [
      { Sid: 'NoWrites', Action: 's3:PutObject' },
      [`s3:PutObject on bots/0x${'1'.repeat(40)}/inbound/message (statement NoWrites)`],
    ],
    [
      { Action: ['s3:Get*', 's3:ListBucket'], Principal: { AWS: roleArn } },
      ['s3:ListBucket on the bucket', 's3:GetObject on inbound/message'],
    ],
    [{ Action: 's3:*', ...others }, []],
    [{ Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }, []],
    // Whether it applies is not known.
    [{ Action: 's3:*', Condition: { StringNotEquals: { 'aws:SourceVpc': 'vpc-1' } } }, []],
    [{ Action: 's3:DeleteObject' }, []],
  ];
  for (const [statement, notes] of cases) t.strictSame(await deny(statement), notes, JSON.stringify(statement));
  t.strictSame(await deny({ Action: 's3:DeleteObject' }, '--delete-source'), ['s3:DeleteObject on inbound/message']);
});

t.test("a concurrency that the account can't reserve is noted, not written each time", async (t) => {
  const { run, sandbox } = await startOperator(t);
  sandbox.state.lambda.concurrencyLimit = 10;
  const first = await run(['deploy', '--reserved-concurrency', '5']);
  t.equal(first.status, 0, first.stderr);
  t.match(first.stdout, 'a reserved concurrency of 5 is more than this account can spare (0)');
  t.strictSame((await run(['deploy', '--reserved-concurrency', '5'])).writes, []);
});

t.test('a reserved concurrency of 0 is noted', async (t) => {
  const { run, aws } = await startDeployed(t);
  const FunctionName = 'agentkeys-ses-routing';
  await aws.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }));
  const noted = await run(['deploy']);
  t.match(
    noted.stdout,
    `! function        ${FunctionName}\n    never runs: its reserved concurrency is 0, so no mail is routed;`,
  );
  t.strictSame(noted.writes, []);
  t.notMatch((await run(['deploy', '--reserved-concurrency', '5'])).stdout, 'never runs');
});
