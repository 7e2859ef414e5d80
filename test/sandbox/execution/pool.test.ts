import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UpdateFunctionCodeCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import t from 'tap';
import { addExecutionRole, createFunction, ended, invoke, pid, until, zipped } from '../functions.js';
import { clients, start } from '../support.js';

t.test('a warm environment is used again until the function changes', async (t) => {
  let now = Date.now();
  const { sandbox } = await start(t, { now: () => now });
  const { lambda } = clients(sandbox);
  addExecutionRole(sandbox, 'pid');
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
  const { sandbox } = await start(t);
  addExecutionRole(sandbox, 'brief');
  const code = 'export const handler = async () => { setTimeout(process.exit, 1); return process.pid; };';
  await createFunction(sandbox, 'brief', code);
  const first = (await invoke(sandbox, 'brief')).payload;
  await ended(t, first);
  t.match(await invoke(sandbox, 'brief'), { error: undefined, payload: Number });
});

t.test('several events at once have an environment each', async (t) => {
  const { sandbox } = await start(t);
  addExecutionRole(sandbox, 'pid');
  await createFunction(sandbox, 'pid', pid);
  const [a, b] = await Promise.all([invoke(sandbox, 'pid'), invoke(sandbox, 'pid')]);
  t.not(a.payload, b.payload);
  const warm = await Promise.all([invoke(sandbox, 'pid'), invoke(sandbox, 'pid')]);
  t.same(warm.map(({ payload }) => payload).sort(), [a.payload, b.payload].sort());
});

t.test('nothing is left when the account closes', async (t) => {
  const { sandbox } = await start(t);
  addExecutionRole(sandbox, 'root');
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
});

t.test('an invocation under way ends with the account', async (t) => {
  const { TMPDIR } = process.env;
  const folder = t.testdir();
  process.env.TMPDIR = folder;
  t.teardown(() => {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  });
  const code = `
    import { writeFileSync } from 'node:fs';
    export const handler = () => new Promise(() => setInterval(() => writeFileSync('running', ''), 5));`;
  const moments: Array<[what: string, come: () => boolean]> = [
    ['its code is being unpacked', () => readdirSync(folder).length > 0],
    ['it runs', () => readdirSync(folder).some((name) => existsSync(join(folder, name, 'running')))],
  ];
  for (const [what, come] of moments) {
    const { sandbox } = await start(t, { delays: { invocationRetry: 60_000 } });
    addExecutionRole(sandbox, 'hang');
    await createFunction(sandbox, 'hang', code, { Timeout: 60 });
    const outcome = sandbox.state.enqueue('hang', {});
    await until(t, come, what);
    await sandbox.close();
    t.same(await outcome, { outcome: 'failed', attempts: 1 }, `while ${what}`);
    await until(t, () => readdirSync(folder).length === 0, 'the folder is gone');
  }
});
