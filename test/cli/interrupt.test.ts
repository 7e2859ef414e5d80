/**
 * Ctrl-C at every point of a run: exit status 130, a correct report of what was written, and a next run that completes the work.
 */
import t from 'tap';
import { quickClock, startDeployed, startOperator } from '../support/operator.js';

t.test('while reading the account', async (t) => {
  const { run, sandbox } = await startOperator(t);
  const before = sandbox.snapshot();
  const interrupt = new AbortController();
  sandbox.intercept(({ operation }) => {
    if (operation === 'GetRole') interrupt.abort();
    return undefined;
  });
  const stopped = await run(['deploy', '--json'], { signal: interrupt.signal });
  t.equal(stopped.status, 130);
  t.equal(stopped.stderr, '  Read the account: failed\nInterrupted. Nothing was written.\n');
  t.strictSame(JSON.parse(stopped.stdout), {
    version: 1,
    outcome: 'interrupted',
    error: 'Interrupted. Nothing was written.',
  });
  t.strictSame(stopped.writes, []);
  t.strictSame(sandbox.snapshot(), before);
});

/** The writes of a first deploy that each need the one before. */
const mailPath = [
  'CreateRole',
  'CreateFunction',
  'AddPermission',
  'PutTargets',
  'PutBucketNotificationConfiguration',
  'TagResource',
];

t.test('between any two writes of a first deploy', async (t) => {
  const whole = await startOperator(t);
  const { writes } = await whole.run(['deploy']);
  const { iam: expected } = whole.sandbox.snapshot() as { iam: unknown };
  for (const [index, write] of writes.slice(0, -1).entries()) {
    const { run, sandbox } = await startOperator(t);
    const interrupt = new AbortController();
    let made = 0;
    let path = -1;
    sandbox.intercept(({ operation, mutates }) => {
      if (!mutates || made++ !== index) return undefined;
      interrupt.abort();
      path = mailPath.indexOf(operation);
      return undefined;
    });
    const stopped = await run(['deploy'], { signal: interrupt.signal });
    t.equal(stopped.status, 130, write);
    // Those beside it may have been under way too.
    const begun = mailPath.findLastIndex((name) => stopped.writes.some((one) => one.endsWith(`:${name}`)));
    if (path >= 0) t.equal(begun, path, 'the call under way is finished, none that needs it is begun');
    t.match(stopped.stderr, /\nInterrupted\n {2}stopped at: .*\n {2}done: (.*\n)+ {2}not done: (.*\n)+Run the same/);
    const next = await run(['deploy']);
    t.equal(next.status, 0, next.stderr);
    t.strictSame((await run(['deploy'])).writes, []);
    t.strictSame((sandbox.snapshot() as { iam: unknown }).iam, expected);
  }
});

t.test('the output of an interrupted deploy', async (t) => {
  const { run, sandbox } = await startOperator(t);
  const interrupt = new AbortController();
  sandbox.intercept(({ operation }) => {
    if (operation === 'PutTargets') interrupt.abort();
    return undefined;
  });
  const { stderr } = await run(['deploy', '--quiet', '--no-broker'], { signal: interrupt.signal });
  t.strictSame(stderr.split('\n'), [
    'Interrupted',
    '  stopped at: update bucket events agentkeys-mail-111122223333',
    '  done:       create log group /aws/lambda/agentkeys-ses-routing',
    '              create retry queue agentkeys-ses-routing-retry',
    '              create execution role agentkeys-ses-routing-role',
    '              create function agentkeys-ses-routing',
    '              create permission agentkeys-ses-routing-events-e0c94805ecaf',
    '              create event source agentkeys-ses-routing-retry',
    '              create destination agentkeys-ses-routing',
    '              create rule agentkeys-ses-routing-inbound',
    '              create target agentkeys-ses-routing',
    '  not done:   nothing',
    'Run the same command again to continue.',
    '',
  ]);
});

t.test('between two writes of a teardown', async (t) => {
  const { run, sandbox } = await startDeployed(t);
  const interrupt = new AbortController();
  sandbox.intercept(({ operation }) => {
    if (operation === 'DeleteFunction') interrupt.abort();
    return undefined;
  });
  const stopped = await run(['teardown', '--yes'], { signal: interrupt.signal });
  t.equal(stopped.status, 130);
  t.match(stopped.stderr, '  stopped at: delete execution role agentkeys-ses-routing-role\n');
  const next = await run(['teardown', '--yes']);
  t.strictSame(next.writes.toSorted(), ['iam:DeleteRole', 'iam:DeleteRolePolicy', 'sqs:DeleteQueue']);
});

t.test('at a prompt', async (t) => {
  const { run, sandbox } = await startDeployed(t);
  const before = sandbox.snapshot();
  const interrupt = new AbortController();
  const stopped = await run(['teardown'], { answers: [() => interrupt.abort()], signal: interrupt.signal });
  t.equal(stopped.status, 130);
  t.match(stopped.stderr, /Apply these changes\? \[y\/N\] Interrupted\. Nothing was written\.\n$/);
  t.strictSame(stopped.writes, []);
  t.strictSame(sandbox.snapshot(), before);
});

t.test('Ctrl-D at a prompt counts as no', async (t) => {
  const { run } = await startDeployed(t);
  const ended = await run(['teardown'], { answers: [(stdin) => stdin.end()] });
  t.equal(ended.status, 1);
  t.match(ended.stderr, /Apply these changes\? \[y\/N\] Declined: nothing was written\.\n$/);
  t.strictSame(ended.writes, []);
});

t.test('while waiting for AWS', async (t) => {
  const clock = quickClock();
  const { run, sandbox } = await startOperator(t, {
    delays: { roleAssumable: Number.POSITIVE_INFINITY },
    now: clock.now,
  });
  const interrupt = new AbortController();
  const stopped = await run(['deploy'], {
    signal: interrupt.signal,
    clock: {
      now: clock.now,
      sleep: (milliseconds, signal) => {
        interrupt.abort();
        return clock.sleep(milliseconds, signal);
      },
    },
  });
  t.equal(stopped.status, 130);
  t.match(stopped.stderr, '  waiting for Lambda to be able to assume the new execution role\n');
  t.match(stopped.stderr, '\nInterrupted\n  stopped at: create function agentkeys-ses-routing\n');
  t.notOk(stopped.writes.includes('lambda:AddPermission'));
  t.equal(sandbox.state.lambda.functions.size, 0);
});
