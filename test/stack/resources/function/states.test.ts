/**
 * What Lambda itself reports of the function, through the command line: a failed update or creation, an idle function, an environment
 * that can't be decrypted, and settings that others made.
 */
import t from 'tap';
import type { FunctionState } from '../../../../src/sandbox/index.js';
import { type Operator, startOperator } from '../../../support/operator.js';

const failure = { code: 'SubnetOutOfIPAddresses', reason: 'The subnet has no free addresses.' };

async function deployed(t: Tap): Promise<Operator & { fn: () => FunctionState }> {
  const operator = await startOperator(t);
  t.equal((await operator.run(['deploy'])).status, 0);
  const fn = () => {
    const found = operator.sandbox.state.lambda.functions.get('agentkeys-ses-routing');
    if (found === undefined) throw new Error('there is no function');
    return found;
  };
  return { ...operator, fn };
}

type Tap = Parameters<typeof startOperator>[0];

t.test('an update that failed is drift with its reason, and is sent again', async (t) => {
  const { run, sandbox } = await deployed(t);
  sandbox.state.lambda.nextFailure = failure;
  const failed = await run(['deploy', '--memory', '512']);
  t.equal(failed.status, 1);
  t.match(
    failed.stderr,
    'Lambda failed to create or update the function agentkeys-ses-routing: The subnet has no free',
  );

  const status = await run(['status', '--memory', '512']);
  t.match(status.stdout, /last update: Failed: The subnet has no free addresses/);
  const verified = await run(['verify', '--memory', '512']);
  t.equal(verified.status, 1);
  t.match(verified.stdout, /FAIL function agentkeys-ses-routing[\s\S]*last update is Failed: The subnet has/);

  const again = await run(['deploy', '--memory', '512']);
  t.equal(again.status, 0, again.stderr);
  t.strictSame(again.writes, ['lambda:UpdateFunctionCode', 'lambda:UpdateFunctionConfiguration']);
  t.strictSame((await run(['deploy', '--memory', '512'])).writes, []);
});

t.test('a function whose creation failed is deleted and created again, once that is confirmed', async (t) => {
  const { run, sandbox } = await startOperator(t);
  sandbox.state.lambda.nextFailure = failure;
  t.equal((await run(['deploy'])).status, 1);
  const asked = await run(['deploy']);
  t.equal(asked.status, 1);
  t.strictSame(asked.writes, []);
  t.match(asked.stderr, /delete the function agentkeys-ses-routing, with what others configured on it, and create it/);
  const again = await run(['deploy', '--yes']);
  t.equal(again.status, 0, again.stderr);
  t.strictSame(again.writes.slice(0, 3), ['lambda:DeleteFunction', 'lambda:CreateFunction', 'lambda:AddPermission']);
  t.strictSame((await run(['deploy'])).writes, []);
});

t.test('an idle function is noted, and woken only when an update is due', async (t) => {
  const { run, fn } = await deployed(t);
  fn().state = 'Inactive';
  const idle = await run(['deploy']);
  t.strictSame(idle.writes, []);
  t.match(idle.stdout, 'is idle (state Inactive)');
  const updated = await run(['deploy', '--memory', '512']);
  t.equal(updated.status, 0, updated.stderr);
  t.equal(fn().memory, 512);
});

t.test('an environment that the operator may not decrypt is unknown, not absent', async (t) => {
  const { run, sandbox, aws, fn } = await deployed(t);
  const key = 'arn:aws:kms:us-east-1:111122223333:key/1';
  fn().connected = { kmsKey: key };
  const administrator = sandbox.state.iam.users.get('administrator');
  administrator?.inline.set(
    'no-kms',
    JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: 'kms:*', Resource: '*' }] }),
  );
  t.ok(aws);
  for (const command of ['deploy', 'status', 'teardown']) {
    const { status, stderr, writes } = await run([command]);
    t.equal(status, 1, command);
    t.strictSame(writes, []);
    t.match(stderr, `Allow yourself kms:Decrypt on the function's key ${key}.`);
  }
});

t.test("the function's log settings, and variables of others, are changed only with consent", async (t) => {
  const { run, fn } = await deployed(t);
  fn().logging = { LogFormat: 'JSON', ApplicationLogLevel: 'WARN', SystemLogLevel: 'WARN', LogGroup: '/shared' };
  fn().environment = { ...fn().environment, MONITORING_TOKEN: 't_secret' };
  const asked = await run(['deploy', '--json']);
  t.equal(asked.status, 1);
  t.strictSame(asked.writes, []);
  t.match(asked.stderr, '  - remove the environment variables MONITORING_TOKEN; reset the function');
  const shown = await run(['deploy', '--dry-run']);
  for (const text of [asked.stdout, asked.stderr, shown.stdout]) t.notMatch(text, 't_secret');
  const reset = await run(['deploy', '--yes']);
  t.equal(reset.status, 0, reset.stderr);
  t.match(fn().logging, { LogFormat: 'Text', LogGroup: '/aws/lambda/agentkeys-ses-routing' });
  t.strictSame((await run(['deploy'])).writes, []);
});

t.test('a deploy without the mail domain routes more, and needs confirmation', async (t) => {
  const { run } = await deployed(t);
  t.equal((await run(['deploy', '--mail-domain', 'bots.example.org', '--yes'])).status, 0);
  const asked = await run(['deploy']);
  t.equal(asked.status, 1);
  t.strictSame(asked.writes, []);
  t.match(asked.stderr, '  - route mail to any domain, no longer to bots.example.org only');
});
