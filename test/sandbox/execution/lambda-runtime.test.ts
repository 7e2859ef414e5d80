import { fork } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';

const program = fileURLToPath(new URL('../../../src/sandbox/execution/lambda-runtime.mjs', import.meta.url));

/** Starts the runtime on some files, and waits until it has loaded them. */
async function start(t: Test, files: Record<string, string>, handler = 'index.handler') {
  // With what measures the coverage of this process: the runtime runs nowhere else.
  const execArgv = process.execArgv.filter((argument) => argument.includes('/processinfo/'));
  const env = {
    ...process.env,
    _HANDLER: handler,
    LAMBDA_TASK_ROOT: t.testdir(files),
    AWS_LAMBDA_FUNCTION_NAME: 'router',
  };
  const child = fork(program, { env, execArgv, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const output = Promise.all([child.stdout, child.stderr].map((stream) => (stream ? text(stream) : '')));
  const exit = once(child, 'exit');
  const [loaded] = await once(child, 'message');
  t.match(loaded, { payload: '', failed: false, usedMb: Number });
  return { child, output, exit };
}

/** Runs one event, and ends the runtime by its channel. */
async function run(t: Test, files: Record<string, string>, handler?: string) {
  const { child, output, exit } = await start(t, files, handler);
  child.send({ id: 'id-1', payload: '{"n":1}', arn: 'arn', deadline: Date.now() + 60_000 });
  const [{ payload, failed }] = await once(child, 'message');
  if (child.connected) child.disconnect();
  const [code] = await exit;
  const [stdout = '', stderr] = await output;
  return { answer: JSON.parse(payload), failed, code, stdout: stdout.split('\n'), stderr };
}

t.test('results', async (t) => {
  const answer =
    'async (event, context) => ({ event, name: context.functionName, left: context.getRemainingTimeInMillis() > 0 })';
  const expected = { event: { n: 1 }, name: 'router', left: true };
  const cases: Array<[files: Record<string, string>, answer: unknown]> = [
    [{ 'index.mjs': `export const handler = ${answer};` }, expected],
    [{ 'index.js': `exports.handler = ${answer};`, 'package.json': '{}' }, expected],
    [{ 'index.cjs': `module.exports = Object.fromEntries([['handler', ${answer}]]);` }, expected],
    [{ 'index.mjs': 'export const handler = async () => {};' }, null],
    [{ 'index.mjs': 'export const handler = () => 5;' }, 5],
  ];
  for (const [files, answer] of cases) {
    const ran = await run(t, files);
    t.match(ran, { answer, failed: false, code: 0, stderr: '\0\n\0\n' }, JSON.stringify(files));
    t.same(ran.stdout, ['\0', '\0', ''], 'nothing but the marks');
  }
});

t.test('the console', async (t) => {
  const code = 'export const handler = async () => { console.log("a %s", "b"); console.error("c\\nd"); };';
  const { stdout } = await run(t, { 'index.mjs': code });
  const time = String.raw`^\d{4}-\d\d-\d\dT[\d:.]+Z\tid-1\t`;
  t.match(stdout, ['\0', new RegExp(`${time}INFO\ta b$`), new RegExp(`${time}ERROR\tc\rd$`), '\0', '']);
});

t.test('errors', async (t) => {
  const cases: Array<[code: string, handler: string | undefined, answer: object]> = [
    [
      'export const handler = async () => { throw new RangeError("far"); };',
      undefined,
      { errorType: 'RangeError', errorMessage: 'far', trace: ['RangeError: far', / at /] },
    ],
    [
      'export const handler = async () => { throw "stop"; };',
      undefined,
      { errorType: 'string', errorMessage: 'stop', trace: [] },
    ],
    ['', 'index', { errorType: 'Runtime.MalformedHandlerName', errorMessage: 'Bad handler: index' }],
    ['', 'a.b', { errorType: 'Runtime.ImportModuleError', errorMessage: "Error: Cannot find module 'a'" }],
    [
      '',
      undefined,
      { errorType: 'Runtime.HandlerNotFound', errorMessage: 'index.handler is undefined or not exported' },
    ],
    ['export const handler = (a, b, c) => c();', undefined, { errorType: 'Runtime.CallbackHandlerDeprecated' }],
  ];
  for (const [code, handler, answer] of cases) {
    const ran = await run(t, { 'index.mjs': code }, handler);
    t.match(ran, { answer, failed: true, code: 0 }, JSON.stringify(answer));
    t.match(ran.stdout.at(1), /\tERROR\tInvoke Error \t\{"errorType":/);
  }
});

t.test('an error is logged with every property it has, and answered without', async (t) => {
  const code = `
    export const handler = async () => {
      const inner = Object.assign(new TypeError('inner', { cause: 'hidden' }), { key: 'k' });
      throw Object.assign(new Error('outer\\x7f'), { code: 'E1', $response: { body: 'b' }, errors: [inner] });
    };`;
  const { answer, stdout } = await run(t, { 'index.mjs': code });
  t.strictSame(Object.keys(answer), ['errorType', 'errorMessage', 'trace']);
  t.match(answer, { errorType: 'Error', errorMessage: 'outer%7F', trace: [/^Error: outer%7F$/] });
  const logged = JSON.parse(stdout.at(1)?.split('\t').at(-1) ?? '');
  t.match(logged, {
    errorType: 'Error',
    errorMessage: 'outer\x7f',
    code: 'E1',
    $response: { body: 'b' },
    errors: [{ errorType: 'TypeError', errorMessage: 'inner', key: 'k', stack: [/^TypeError: inner$/] }],
    stack: [/^Error: outer/],
  });
  t.notMatch(JSON.stringify(logged), 'hidden', 'what is not enumerable is not logged');
});

t.test('logs an error that is not JSON or has no stack', async (t) => {
  const thrown = (error: string) => ({ 'index.mjs': `export const handler = async () => { throw ${error}; };` });
  const circular = await run(t, thrown("(() => { const e = new Error('round'); e.self = { e }; return e; })()"));
  t.match(circular.stdout.at(1), /\tERROR\tInvoke Error \t\{"errorType":"Error","errorMessage":"round","trace":\[/);
  const bare = await run(t, thrown("Object.assign(new Error('bare'), { stack: undefined })"));
  t.match(bare.stdout.at(1), /\{"errorType":"Error","errorMessage":"bare"\}$/);
});

t.test('an unhandled rejection ends the process', async (t) => {
  const code = 'export const handler = () => new Promise(() => { Promise.reject(new Error("out")); });';
  const ran = await run(t, { 'index.mjs': code });
  const answer = { errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: 'Error: out' };
  t.match(ran, { answer, failed: true, code: 128 });
  t.match(ran.stdout.at(1), /\tid-1\tERROR\tUnhandled Promise Rejection \t.*"reason":\{"errorType":"Error"/);
});

t.test('an uncaught exception ends the process', async (t) => {
  const code = 'export const handler = () => new Promise(() => setImmediate(() => { throw new Error("out"); }));';
  const ran = await run(t, { 'index.mjs': code });
  t.match(ran, { answer: { errorType: 'Error', errorMessage: 'out' }, failed: true, code: 129 });
  t.match(ran.stdout.at(1), /\tid-1\tERROR\tUncaught Exception \t/);
});

t.test('ends with its channel, even in the middle of an event', async (t) => {
  const code = 'export const handler = () => new Promise(() => setInterval(() => {}, 1000));';
  const { child, exit } = await start(t, { 'index.mjs': code });
  child.send({ id: '1', payload: '{}', arn: 'arn', deadline: Date.now() });
  child.disconnect();
  t.same(await exit, [0, null]);
});
