/**
 * Applying a plan in an account that others change, when responses are lost and AWS takes its time.
 */
import { PutRuleCommand } from '@aws-sdk/client-eventbridge';
import { CreateRoleCommand } from '@aws-sdk/client-iam';
import { UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import {
  GetBucketNotificationConfigurationCommand,
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
} from '@aws-sdk/client-s3';
import t, { type Test } from 'tap';
import type { Fault, SandboxOptions } from '../../src/sandbox/index.js';
import { firstDeployWrites, type Operator, quickClock, startDeployed, startOperator } from '../support/operator.js';

const FunctionName = 'agentkeys-ses-routing';
const RoleName = 'agentkeys-ses-routing-role';

/** Does something once, when the operation is called for the first time: before it takes effect. */
function onFirst({ sandbox }: Operator, operation: string, act: () => Promise<unknown>): void {
  let waiting = true;
  sandbox.intercept(async (call) => {
    if (!waiting || call.operation !== operation) return undefined;
    waiting = false;
    await act();
    return undefined;
  });
}

/** What a deploy is to come to, whatever happened meanwhile: success, and nothing left for the next one. */
async function endsWell(t: Test, operator: Operator, args: string[] = []): Promise<void> {
  const run = await operator.run(['deploy', ...args]);
  t.equal(run.status, 0, run.stderr);
  t.strictSame((await operator.run(['deploy', ...args])).writes, [], 'and then there is nothing to do');
}

/** The function as it is in the account. */
const functionOf = ({ sandbox }: Operator) => sandbox.state.lambda.functions.get(FunctionName);

/** An account whose clock is the deploy's own: waiting takes no time. */
async function atLeisure(t: Test, delays: SandboxOptions['delays']) {
  const clock = quickClock();
  const operator = await startOperator(t, { delays, now: clock.now });
  return { ...operator, run: (args: string[]) => operator.run(args, { clock }) };
}

t.test('a response that is lost after the write took effect, at each write of a first deploy', async (t) => {
  for (const [lost, name] of firstDeployWrites.entries()) {
    await t.test(`${lost + 1}: ${name}`, async (t) => {
      const operator = await atLeisure(t, { functionUpdate: 3_000 });
      let writes = 0;
      operator.sandbox.intercept(({ mutates }) => (mutates && writes++ === lost ? { kind: 'lose-answer' } : undefined));
      await endsWell(t, operator);
      t.equal(writes, firstDeployWrites.length + 1, 'that one call was made again, and no other');
    });
  }
});

t.test('another deploy of the same stack comes first', async (t) => {
  for (const operation of [
    'CreateLogGroup',
    'CreateRole',
    'CreateFunction',
    'AddPermission',
    'PutRule',
    'PutTargets',
  ]) {
    const operator = await startOperator(t);
    onFirst(operator, operation, async () => t.equal((await operator.run(['deploy'])).status, 0, operation));
    await endsWell(t, operator);
  }
});

t.test('a teardown of the same stack comes first', async (t) => {
  for (const operation of ['RemoveTargets', 'DeleteRule', 'DeleteFunction', 'DeleteRolePolicy', 'DeleteRole']) {
    const operator = await startDeployed(t);
    onFirst(operator, operation, async () => t.equal((await operator.run(['teardown', '--yes'])).status, 0, operation));
    const down = await operator.run(['teardown', '--yes']);
    t.equal(down.status, 0, down.stderr);
    t.strictSame((await operator.run(['teardown', '--yes'])).writes, []);
  }
});

t.test('the function is changed between reading and writing: its RevisionId is stale', async (t) => {
  const operator = await startDeployed(t);
  onFirst(operator, 'UpdateFunctionConfiguration', () =>
    operator.aws.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 7 })),
  );
  const run = await operator.run(['deploy', '--memory', '512']);
  t.equal(run.status, 0, run.stderr);
  t.strictSame(
    run.calls
      .filter(({ mutates, error }) => mutates && error !== undefined)
      .map(({ operation, error }) => `${operation}: ${error}`),
    ['UpdateFunctionConfiguration: PreconditionFailedException'],
  );
  t.match(functionOf(operator), { memory: 512, timeout: 30 });
});

t.test('another update of the function is in progress: apply waits for it, then updates the function', async (t) => {
  const operator = await atLeisure(t, { functionUpdate: 10_000 });
  await operator.run(['deploy']);
  await operator.aws.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 7 }));
  const run = await operator.run(['deploy', '--memory', '512']);
  t.equal(run.status, 0, run.stderr);
  t.match(run.stderr, '  waiting for Lambda to complete another change of the function\n');
  t.match(functionOf(operator), { memory: 512, timeout: 30 });
});

t.test("a new role that Lambda can't assume yet is tried again each second at the latest", async (t) => {
  const clock = quickClock();
  const { sandbox, run } = await startOperator(t, { delays: { roleAssumable: 9_500 }, now: clock.now });
  const tries: number[] = [];
  sandbox.intercept(({ operation }) => {
    if (operation === 'CreateFunction') tries.push(clock.now());
    return undefined;
  });
  const { status, stderr } = await run(['deploy'], { clock });
  t.equal(status, 0, stderr);
  const pauses = tries.slice(1).map((time, at) => time - Number(tries[at]));
  t.ok(pauses.length > 9, 'it was not there for a while');
  t.ok(Math.max(...pauses) <= 1_000, 'so that at most a second is lost');
});

async function notificationsOf({ aws, bucket }: Operator): Promise<NotificationConfiguration> {
  const { $metadata, ...rest } = await aws.s3.send(new GetBucketNotificationConfigurationCommand({ Bucket: bucket }));
  return rest;
}

/** Another tool that, as most do, overwrites the whole configuration. */
async function putsNotifications({ aws, bucket }: Operator, configuration: NotificationConfiguration): Promise<void> {
  await aws.s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: bucket,
      SkipDestinationValidation: true,
      NotificationConfiguration: configuration,
    }),
  );
}

const theirs = {
  Id: 'theirs',
  TopicArn: 'arn:aws:sns:us-east-1:111122223333:theirs',
  Events: ['s3:ObjectRemoved:*' as const],
};

t.test('a notification that is added between reading and writing is kept', async (t) => {
  const operator = await startOperator(t);
  onFirst(operator, 'PutRule', async () =>
    putsNotifications(operator, { ...(await notificationsOf(operator)), TopicConfigurations: [theirs] }),
  );
  await endsWell(t, operator);
  t.match(await notificationsOf(operator), {
    EventBridgeConfiguration: {},
    QueueConfigurations: [{ Id: 'reports-to-finance' }],
    TopicConfigurations: [{ Id: 'theirs' }],
  });
});

t.test('the notifications are overwritten directly after the change: both changes are there in the end', async (t) => {
  const operator = await startOperator(t);
  const before = await notificationsOf(operator);
  let written = false;
  onFirst(operator, 'PutBucketNotificationConfiguration', async () => {
    written = true;
  });
  let overwritten = false;
  operator.sandbox.intercept(async ({ operation }) => {
    if (!written || overwritten || operation !== 'GetBucketNotificationConfiguration') return undefined;
    overwritten = true;
    await putsNotifications(operator, { ...before, TopicConfigurations: [theirs] });
    return undefined;
  });
  await endsWell(t, operator);
  t.ok(overwritten);
  t.match(await notificationsOf(operator), {
    EventBridgeConfiguration: {},
    QueueConfigurations: [{ Id: 'reports-to-finance' }],
    TopicConfigurations: [{ Id: 'theirs' }],
  });
});

t.test('an unmanaged role or rule of the same name appears meanwhile: adopting it was not confirmed', async (t) => {
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  };
  const operator = await startOperator(t);
  onFirst(operator, 'CreateRole', () =>
    operator.aws.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) })),
  );
  const run = await operator.run(['deploy']);
  t.equal(run.status, 1);
  t.strictSame(run.stderr.split('\n').slice(4, 9), [
    `Failed: The execution role ${RoleName} changed after the plan was made, in a way that the plan did not show. Run the command again for a new plan.`,
    `  stopped at: create execution role ${RoleName}`,
    '  done:       create log group /aws/lambda/agentkeys-ses-routing',
    '              create retry queue agentkeys-ses-routing-retry',
    '  not done:   create function agentkeys-ses-routing',
  ]);
  t.strictSame(operator.sandbox.state.iam.roles.get(RoleName)?.inline.size, 0, 'it was not touched');
  t.match((await operator.run(['deploy', '--dry-run'])).stdout, new RegExp(`^> execution role {2}${RoleName}$`, 'm'));
});

t.test('after a race, what was confirmed is done, and nothing else', async (t) => {
  const operator = await startOperator(t);
  await operator.aws.events.send(
    new PutRuleCommand({ Name: 'agentkeys-ses-routing-inbound', EventPattern: '{"source":["a"]}' }),
  );
  let conflicts = 0;
  operator.sandbox.intercept(({ operation }) =>
    operation === 'PutTargets' && conflicts++ === 0
      ? { kind: 'refuse', code: 'ConcurrentModificationException', status: 400 }
      : undefined,
  );
  const run = await operator.run(['deploy'], { answers: ['yes', 'yes', 'yes'] });
  t.equal(run.status, 0, run.stderr);
  t.equal(conflicts, 2);
  const broker = operator.sandbox.state.iam.roles.get('agentkeys-broker-host');
  t.equal(broker?.attached.size, 0, 'the grants that were given up at the prompt are gone');
  t.strictSame((await operator.run(['deploy', '--remove-broad-grants', '--yes'])).writes, []);
});

t.test("a race that does not end fails with AWS's last response", async (t) => {
  const operator = await startOperator(t);
  operator.sandbox.intercept(({ operation }) =>
    operation === 'CreateRole'
      ? {
          kind: 'refuse',
          code: 'EntityAlreadyExists',
          message: `Role with name ${RoleName} already exists.`,
          status: 409,
        }
      : undefined,
  );
  const run = await operator.run(['deploy']);
  t.equal(run.status, 1);
  t.equal(run.writes.filter((name) => name === 'iam:CreateRole').length, 9);
  t.match(
    run.stderr,
    `Failed: The execution role ${RoleName} keeps changing between being read and being written. AWS's last answer: Role with name ${RoleName} already exists. Either someone else keeps changing it, or something that it refers to does not exist.\n`,
  );
});

t.test('reading again after a race can fail as well', async (t) => {
  const operator = await startOperator(t);
  let raced = false;
  operator.sandbox.intercept(({ operation }): Fault | undefined => {
    if (operation === 'CreateRole') {
      raced = true;
      return { kind: 'refuse', code: 'EntityAlreadyExists', status: 409 };
    }
    return raced && operation === 'GetRole' ? { kind: 'refuse', code: 'AccessDenied', status: 403 } : undefined;
  });
  const run = await operator.run(['deploy']);
  t.equal(run.status, 1);
  t.match(run.stderr, 'Failed: AWS denied access: AccessDenied.');
});

const troubles: Record<string, Fault> = {
  CreateLogGroup: { kind: 'refuse', code: 'ServiceUnavailableException', status: 503 },
  CreateRole: { kind: 'refuse', code: 'Throttling', status: 400 },
  CreateFunction: { kind: 'refuse', code: 'TooManyRequestsException', status: 429 },
  AddPermission: { kind: 'reset' },
  PutRule: { kind: 'refuse', code: 'InternalException', status: 500 },
  PutBucketNotificationConfiguration: { kind: 'refuse', code: 'SlowDown', status: 503 },
};

t.test('throttling, failures of AWS and broken connections are retried within the run', async (t) => {
  const operator = await startOperator(t);
  const met = new Set<string>();
  operator.sandbox.intercept(({ operation }) => {
    const trouble = met.has(operation) ? undefined : troubles[operation];
    met.add(operation);
    return trouble;
  });
  await endsWell(t, operator);
  t.ok(Object.keys(troubles).every((operation) => met.has(operation)));
});

t.test('throttling that does not end is reported', async (t) => {
  const operator = await startOperator(t);
  operator.sandbox.intercept(({ operation }) =>
    operation === 'PutRule' ? { kind: 'refuse', code: 'ThrottlingException', status: 400 } : undefined,
  );
  const run = await operator.run(['deploy']);
  t.equal(run.status, 1);
  t.match(run.stderr, 'Failed: AWS kept throttling the calls, in 5 attempts. Run the command again in a minute.\n');
  t.equal(run.writes.filter((name) => name === 'events:PutRule').length, 5);
});

t.test(
  'a role that Lambda can assume after 20 s, and a function that takes 10 s: both waits are reported once',
  async (t) => {
    const operator = await atLeisure(t, { roleAssumable: 20_000, functionUpdate: 10_000 });
    const run = await operator.run(['deploy']);
    t.equal(run.status, 0, run.stderr);
    t.strictSame(
      run.stderr.split('\n').filter((line) => line.includes('waiting')),
      [
        '  waiting for Lambda to be able to assume the new execution role',
        '  waiting for the function agentkeys-ses-routing to become active',
      ],
    );
    t.strictSame((await operator.run(['deploy'])).writes, []);
  },
);

t.test('the new role is not yet known to KMS', async (t) => {
  const operator = await startOperator(t);
  let attempts = 0;
  operator.sandbox.intercept(({ operation }) =>
    operation === 'CreateFunction' && attempts++ < 2
      ? {
          kind: 'refuse',
          code: 'InvalidParameterValueException',
          message:
            'Lambda was unable to configure access to your environment variables because the KMS key is invalid for CreateGrant. Please check your KMS key settings.',
          status: 400,
        }
      : undefined,
  );
  const run = await operator.run(['deploy']);
  t.equal(run.status, 0, run.stderr);
  t.match(run.stderr, '  waiting for the new execution role to be known to KMS\n');
});

t.test("a role that Lambda can never assume: the deadline passes, with AWS's last response", async (t) => {
  const operator = await atLeisure(t, { roleAssumable: Number.POSITIVE_INFINITY });
  const run = await operator.run(['deploy']);
  t.equal(run.status, 1);
  t.match(
    run.stderr,
    "Failed: Timed out after 90 s waiting for Lambda to be able to assume the new execution role. AWS's last answer: The role defined for the function cannot be assumed by Lambda.\n",
  );
  t.match(run.stderr, 'Run the same command again to continue.\n');
});

t.test('a function that never becomes active', async (t) => {
  const operator = await atLeisure(t, { functionUpdate: Number.POSITIVE_INFINITY });
  const run = await operator.run(['deploy']);
  t.equal(run.status, 1);
  t.match(
    run.stderr,
    'Failed: Timed out after 120 s waiting for the function agentkeys-ses-routing to become active.\n',
  );
});

t.test('a function that Lambda failed to create', async (t) => {
  const operator = await startOperator(t);
  operator.sandbox.intercept(({ operation }) => {
    const made = operation === 'GetFunction' && functionOf(operator);
    if (made) Object.assign(made, { state: 'Failed', lastUpdate: 'Successful' });
    return undefined;
  });
  const run = await operator.run(['deploy']);
  t.equal(run.status, 1);
  t.match(run.stderr, `Failed: Lambda failed to create or update the function ${FunctionName}: it gave no reason.\n`);
});

t.test('two resources race at once: both are read again, and each is reported', async (t) => {
  const operator = await startOperator(t);
  const raced = new Set<string>();
  operator.sandbox.intercept(({ operation }): Fault | undefined => {
    if (!['CreateRole', 'CreateQueue'].includes(operation) || raced.has(operation)) return undefined;
    raced.add(operation);
    return { kind: 'refuse', code: 'ConcurrentModificationException', status: 400 };
  });
  const run = await operator.run(['deploy']);
  t.equal(run.status, 0, run.stderr);
  const again = run.stderr.split('\n').filter((line) => line.includes('reading again'));
  t.strictSame(again, [
    '  create retry queue agentkeys-ses-routing-retry: changed in the meantime, reading again',
    `  create execution role ${RoleName}: changed in the meantime, reading again`,
  ]);
  t.strictSame((await operator.run(['deploy'])).writes, []);
});

t.test('a race beside a failure is not resolved any more: it is not done', async (t) => {
  const operator = await startOperator(t);
  operator.sandbox.intercept(({ operation }): Fault | undefined => {
    if (operation === 'CreateRole') return { kind: 'refuse', code: 'EntityAlreadyExists', status: 409 };
    return operation === 'CreateQueue' ? { kind: 'refuse', code: 'ValidationException', status: 400 } : undefined;
  });
  const run = await operator.run(['deploy']);
  t.equal(run.status, 1);
  t.equal(run.writes.filter((name) => name === 'iam:CreateRole').length, 1);
  t.notMatch(run.stderr, 'reading again');
  t.match(run.stderr, `  create execution role ${RoleName}: failed\n`);
  t.match(run.stderr, '\n  stopped at: create retry queue agentkeys-ses-routing-retry\n');
  t.match(run.stderr, `\n  not done:   create execution role ${RoleName}\n`);
});

t.test('failures side by side are all told, those with one reason together', async (t) => {
  const operator = await startOperator(t);
  operator.sandbox.intercept(({ operation }): Fault | undefined => {
    if (operation === 'CreateLogGroup') return { kind: 'refuse', code: 'LimitExceededException', status: 400 };
    return ['CreateRole', 'CreateQueue'].includes(operation)
      ? { kind: 'refuse', code: 'ValidationException', message: 'no', status: 400 }
      : undefined;
  });
  const run = await operator.run(['deploy', '--json']);
  t.equal(run.status, 1);
  const at = run.stderr.split('\n').findIndex((line) => line.startsWith('Failed'));
  t.strictSame(run.stderr.split('\n').slice(at, at + 5), [
    'Failed: LimitExceededException: LimitExceededException.',
    '  stopped at: create log group /aws/lambda/agentkeys-ses-routing',
    'Failed: ValidationException: no.',
    '  stopped at: create retry queue agentkeys-ses-routing-retry',
    `              create execution role ${RoleName}`,
  ]);
  const { error, failed, alsoFailed } = JSON.parse(run.stdout);
  t.equal(error, 'LimitExceededException: LimitExceededException.\nValidationException: no.');
  t.equal(failed, 'create log group /aws/lambda/agentkeys-ses-routing');
  t.strictSame(alsoFailed, [
    { entry: 'create retry queue agentkeys-ses-routing-retry', error: 'ValidationException: no.' },
    { entry: `create execution role ${RoleName}`, error: 'ValidationException: no.' },
  ]);
});
