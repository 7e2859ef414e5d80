/**
 * Which writes are made side by side, and which wait: each is held until those that need not wait for it have arrived, and then refused.
 */
import { DisableRuleCommand } from '@aws-sdk/client-eventbridge';
import { RemovePermissionCommand } from '@aws-sdk/client-lambda';
import t, { type Test } from 'tap';
import { type Operator, startDeployed, startOperator } from '../support/operator.js';

const up = ['deploy', '--remove-broad-grants', '--yes'];
const down = ['teardown', '--delete-logs', '--yes'];

interface Case {
  /** The write that is held, then refused. */
  held: string;
  /** What arrives while it is held; the run makes no other write after it. */
  beside: string[];
  /** What came before it. */
  before?: string[];
}

async function check(t: Test, { sandbox, run }: Operator, args: string[], { held, beside, before = [] }: Case) {
  const missing = [...beside];
  let release = () => {};
  const arrived = new Promise<void>((resolve) => {
    release = resolve;
  });
  if (beside.length === 0) release();
  sandbox.intercept(async ({ operation, mutates }) => {
    if (!mutates) return undefined;
    if (operation === held) {
      await arrived;
      return { kind: 'refuse', code: 'ValidationException', message: 'not this one', status: 400 };
    }
    const at = missing.indexOf(operation);
    if (at >= 0) missing.splice(at, 1);
    if (missing.length === 0) release();
    return undefined;
  });
  const { status, writes, stderr } = await run(args);
  t.equal(status, 1, held);
  t.match(stderr, 'Failed: ValidationException: not this one.', held);
  t.strictSame(
    writes.map((write) => write.replace(/^.*:/, '')).toSorted(),
    [...before, ...beside, held].toSorted(),
    `${held}: nothing else is written`,
  );
}

/** What needs nothing. */
const first = ['CreateLogGroup', 'PutRetentionPolicy', 'CreateQueue', 'CreateRole', 'PutRolePolicy'];
const ready = [...first, 'CreateFunction'];
/** What replaces what is there: after the calls that fail where another run came first. */
const replacing = ['PutRule', 'TagRole', 'PutRolePolicy'];
const retries = ['CreateEventSourceMapping', 'PutFunctionEventInvokeConfig'];
const without = (...names: string[]) => first.filter((name) => !names.includes(name));

t.test('a first deploy', async (t) => {
  const cases: Case[] = [
    { held: 'CreateLogGroup', beside: without('CreateLogGroup', 'PutRetentionPolicy') },
    { held: 'CreateQueue', beside: without('CreateQueue') },
    { held: 'CreateRole', beside: without('CreateRole', 'PutRolePolicy') },
    { held: 'CreateFunction', beside: [], before: first },
    { held: 'AddPermission', beside: [...replacing, ...retries], before: ready },
    {
      held: 'CreateEventSourceMapping',
      beside: ['AddPermission', 'PutTargets', 'PutFunctionEventInvokeConfig', ...replacing],
      before: ready,
    },
    { held: 'PutTargets', beside: [...replacing, ...retries], before: [...ready, 'AddPermission'] },
    {
      held: 'PutBucketNotificationConfiguration',
      beside: ['TagRole', 'PutRolePolicy'],
      before: [...ready, 'AddPermission', ...retries, 'PutRule', 'PutTargets'],
    },
  ];
  for (const one of cases) await check(t, await startOperator(t), up, one);
});

t.test('a rule that exists is changed after the permission: it may have a target', async (t) => {
  const operator = await startDeployed(t);
  const [statement] = operator.sandbox.state.lambda.functions.get('agentkeys-ses-routing')?.policy ?? [];
  await operator.aws.events.send(new DisableRuleCommand({ Name: 'agentkeys-ses-routing-inbound' }));
  await operator.aws.lambda.send(
    new RemovePermissionCommand({ FunctionName: 'agentkeys-ses-routing', StatementId: statement?.Sid }),
  );
  await check(t, operator, ['deploy', '--yes'], { held: 'AddPermission', beside: [] });
});

t.test('a teardown', async (t) => {
  const cases: Case[] = [
    { held: 'RemoveTargets', beside: ['DeleteEventSourceMapping'] },
    { held: 'DeleteEventSourceMapping', beside: ['RemoveTargets', 'DeleteRule'] },
    {
      held: 'DeleteFunction',
      beside: [],
      before: ['RemoveTargets', 'DeleteRule', 'DeleteEventSourceMapping'],
    },
    {
      held: 'DeleteRolePolicy',
      beside: ['DeleteQueue', 'DeleteLogGroup'],
      before: ['RemoveTargets', 'DeleteRule', 'DeleteEventSourceMapping', 'DeleteFunction'],
    },
  ];
  for (const one of cases) await check(t, await startDeployed(t, { args: up }), down, one);
});

t.test('the progress has the order of the plan, whatever is ready first', async (t) => {
  const { run, sandbox } = await startOperator(t);
  let release = () => {};
  const last = new Promise<void>((resolve) => {
    release = resolve;
  });
  sandbox.intercept(async ({ operation, input }) => {
    if (operation === 'CreateLogGroup') await last;
    if (operation === 'PutRolePolicy' && JSON.stringify(input).includes('agentkeys-ses-routing-role')) release();
    return undefined;
  });
  const { stderr } = await run(['deploy']);
  t.strictSame(stderr.split('\n').slice(0, 12), [
    '  Read the account: done',
    '  create log group /aws/lambda/agentkeys-ses-routing: done',
    '  create retry queue agentkeys-ses-routing-retry: done',
    '  create execution role agentkeys-ses-routing-role: done',
    '  create function agentkeys-ses-routing: done',
    '  create permission agentkeys-ses-routing-events-e0c94805ecaf: done',
    '  create event source agentkeys-ses-routing-retry: done',
    '  create destination agentkeys-ses-routing: done',
    '  create rule agentkeys-ses-routing-inbound: done',
    '  create target agentkeys-ses-routing: done',
    '  update bucket events agentkeys-mail-111122223333: done',
    '  create broker policy agentkeys-broker-host/agentkeys-ses-routing-broker: done',
  ]);
});
