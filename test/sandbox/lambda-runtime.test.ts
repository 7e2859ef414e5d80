import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import t from 'tap';

t.test('ends with its channel, even in the middle of an event', async (t) => {
  const runtime = fileURLToPath(new URL('../../src/sandbox/lambda-runtime.mjs', import.meta.url));
  const folder = t.testdir({
    'index.mjs': 'export const handler = () => new Promise(() => setInterval(() => {}, 1000));',
  });
  const env = { PATH: process.env.PATH, _HANDLER: 'index.handler', LAMBDA_TASK_ROOT: folder };
  const child = fork(runtime, { env, execArgv: [], stdio: 'ignore', serialization: 'json' });
  const [loaded] = await once(child, 'message');
  t.match(loaded, { payload: '', failed: false, usedMb: Number });
  child.send({ id: '1', payload: '{}', arn: 'arn', deadline: Date.now() });
  child.disconnect();
  t.same(await once(child, 'exit'), [0, null]);
});
