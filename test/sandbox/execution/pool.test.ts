import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { UpdateFunctionCodeCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import t from 'tap';
import { account, clients, createFunction, ended, invoke, pid, putRole, until, zipped } from '../fixture.js';

t.test('a warm environment is used again until the function changes', async (t) => {
  let now = Date.now();
  const sandbox = await account(t, { now: () => now });
  const { lambda } = clients(sandbox);
  putRole(sandbox, 'pid');
  await createFunction(sandbox, 'pid', pid);
  const next = async () => (await invoke(sandbox, 'pid')).payload;
  const first = await next();
  t.equal(await next(), first, 'the same process');
  now += 13 * 3_600_000;
  const rested = await next();
  t.not(rested, first, 'another one when its credentials have ended');
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'pid', MemorySize: 256 }));
  const configured = await next();
  t.not(configured, rested, 'another one for another configuration');
  const ZipFile = await zipped({ 'index.cjs': 'exports.handler = async () => "new";' });
  await lambda.send(new UpdateFunctionCodeCommand({ FunctionName: 'pid', ZipFile }));
  t.equal(await next(), 'new', 'new code');
  for (const gone of [first, rested, configured]) await ended(t, gone);
});

t.test('an environment that ended while it was idle is not used again', async (t) => {
  const sandbox = await account(t);
  putRole(sandbox, 'brief');
  const code = 'export const handler = async () => { setTimeout(process.exit, 1); return process.pid; };';
  await createFunction(sandbox, 'brief', code);
  const first = (await invoke(sandbox, 'brief')).payload;
  await ended(t, first);
  t.match(await invoke(sandbox, 'brief'), { error: undefined, payload: Number });
});

t.test('several events at once have an environment each', async (t) => {
  const sandbox = await account(t);
  putRole(sandbox, 'pid');
  await createFunction(sandbox, 'pid', pid);
  const [a, b] = await Promise.all([invoke(sandbox, 'pid'), invoke(sandbox, 'pid')]);
  t.not(a.payload, b.payload);
  const warm = await Promise.all([invoke(sandbox, 'pid'), invoke(sandbox, 'pid')]);
  t.same(warm.map(({ payload }) => payload).sort(), [a.payload, b.payload].sort());
});

t.test('nothing is left when the account closes', async (t) => {
  const sandbox = await account(t);
  putRole(sandbox, 'root');
  await createFunction(
    sandbox,
    'root',
    'export const handler = async () => ({ root: process.env.LAMBDA_TASK_ROOT, pid: process.pid });',
  );
  const { payload } = await invoke(sandbox, 'root');
  t.ok(existsSync(payload.root));
  await sandbox.close();
  t.notOk(existsSync(payload.root), 'no folder');
  await ended(t, payload.pid);
  sandbox.close = async () => {};
});

const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('agentkeys-ses-routing-'));

t.test('an invocation under way ends with the account', async (t) => {
  const sandbox = await account(t, { delays: { invocationRetry: 60_000 } });
  putRole(sandbox, 'hang');
  await createFunction(
    sandbox,
    'hang',
    'export const handler = () => new Promise(() => setInterval(() => {}, 1000));',
    {
      Timeout: 60,
    },
  );
  const before = folders().length;
  const outcome = sandbox.world.enqueue('hang', {});
  await until(t, () => folders().length > before, 'the function was unpacked');
  await sandbox.close();
  t.same(await outcome, { outcome: 'failed', attempts: 1 });
  sandbox.close = async () => {};
});
