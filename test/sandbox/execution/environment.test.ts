import t from 'tap';
import { addExecutionRole, createFunction, invoke, logging, zipped } from '../functions.js';
import { start } from '../support.js';

t.test('runs the zip with Lambda’s environment', async (t) => {
  const { sandbox } = await start(t);
  addExecutionRole(sandbox, 'echo', [logging]);
  const code = `
    export const handler = async (event, context) => ({
      event,
      context: { ...context, left: context.getRemainingTimeInMillis() },
      env: process.env,
      cwd: process.cwd(),
    });`;
  await createFunction(sandbox, 'echo', code, { Environment: { Variables: { COLOUR: 'green' } }, Timeout: 5 });
  const { status, error, version, payload } = await invoke(sandbox, 'echo', { Payload: Buffer.from('{"a":[1]}') });
  t.match({ status, error, version }, { status: 200, error: undefined, version: '$LATEST' });
  t.same(payload.event, { a: [1] });
  t.match(payload.context, {
    awsRequestId: /^[0-9a-f-]{36}$/,
    functionName: 'echo',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:111122223333:function:echo',
    memoryLimitInMB: '128',
    logGroupName: '/aws/lambda/echo',
    logStreamName: /^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/,
    callbackWaitsForEmptyEventLoop: true,
  });
  t.ok(payload.context.left > 4000 && payload.context.left <= 5000, 'the time that is left');
  // Node adds its channel, and tap what it watches processes by.
  const names = Object.keys(payload.env).filter((name) => !/^(NODE_|_TAPJS_)/.test(name));
  t.same(names.sort(), [
    'AWS_ACCESS_KEY_ID',
    'AWS_DEFAULT_REGION',
    'AWS_ENDPOINT_URL',
    'AWS_EXECUTION_ENV',
    'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
    'AWS_LAMBDA_FUNCTION_NAME',
    'AWS_LAMBDA_FUNCTION_VERSION',
    'AWS_LAMBDA_LOG_GROUP_NAME',
    'AWS_LAMBDA_LOG_STREAM_NAME',
    'AWS_REGION',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_SESSION_TOKEN',
    'COLOUR',
    'LAMBDA_TASK_ROOT',
    'PATH',
    '_HANDLER',
  ]);
  t.match(payload.env, { AWS_ENDPOINT_URL: sandbox.endpoint, COLOUR: 'green', LAMBDA_TASK_ROOT: payload.cwd });
  t.same((await invoke(sandbox, 'echo')).payload.event, {}, 'no payload is an empty event');
});

const errors: Array<[what: string, files: Record<string, string>, error: object, line: RegExp]> = [
  [
    'an error',
    { 'index.mjs': 'export const handler = async () => { throw new RangeError("too far"); };' },
    { errorType: 'RangeError', errorMessage: 'too far', trace: ['RangeError: too far', / at /] },
    /\tERROR\tInvoke Error \t\{"errorType":"RangeError","errorMessage":"too far"/,
  ],
  [
    'something thrown that is no error',
    { 'index.js': 'exports.handler = async () => { throw "stop"; };' },
    { errorType: 'string', errorMessage: 'stop', trace: [] },
    /Invoke Error/,
  ],
  [
    'a result that is no JSON',
    { 'index.mjs': 'export const handler = async () => 1n;' },
    { errorType: 'TypeError', errorMessage: 'Do not know how to serialize a BigInt' },
    /Invoke Error/,
  ],
  [
    'an uncaught exception',
    {
      'index.mjs':
        'export const handler = () => new Promise(() => setImmediate(() => { throw new Error("out of band"); }));',
    },
    { errorType: 'Error', errorMessage: 'out of band' },
    /\tERROR\tUncaught Exception \t/,
  ],
  [
    'an exit',
    { 'index.mjs': 'export const handler = async () => { process.stderr.write("last words"); process.exit(7); };' },
    {
      errorType: 'Runtime.ExitError',
      errorMessage: /^RequestId: [0-9a-f-]{36} Error: Runtime exited with error: exit status 7$/,
    },
    /^last words$/,
  ],
  [
    'a signal',
    {
      'index.mjs':
        'export const handler = async () => { process.kill(process.pid, "SIGTERM"); await new Promise(() => setInterval(() => {}, 1e3)); };',
    },
    { errorType: 'Runtime.ExitError', errorMessage: /Runtime exited with error: signal: SIGTERM$/ },
    /signal: SIGTERM/,
  ],
  [
    'too long',
    { 'index.mjs': 'export const handler = async () => { for (;;); };' },
    {
      errorType: 'Sandbox.Timedout',
      errorMessage: /^RequestId: [0-9a-f-]{36} Error: Task timed out after 1.00 seconds$/,
    },
    /^\d{4}-\d\d-\d\dT[\d:.]+Z [0-9a-f-]{36} Task timed out after 1.00 seconds$/,
  ],
  [
    'code that is not there',
    { 'main.mjs': '' },
    { errorType: 'Runtime.ImportModuleError', errorMessage: "Error: Cannot find module 'index'" },
    /Invoke Error/,
  ],
  [
    'a handler that is not there',
    { 'index.mjs': 'export const other = 1;' },
    { errorType: 'Runtime.HandlerNotFound', errorMessage: 'index.handler is undefined or not exported' },
    /Invoke Error/,
  ],
  [
    'a handler with a callback',
    { 'index.mjs': 'export const handler = (event, context, callback) => callback(null, 1);' },
    { errorType: 'Runtime.CallbackHandlerDeprecated' },
    /Invoke Error/,
  ],
  [
    'code that fails when it is loaded',
    { 'index.mjs': 'throw new Error("at load");' },
    { errorType: 'Error', errorMessage: 'at load' },
    /Invoke Error/,
  ],
  [
    'code that ends its process when it is loaded',
    { 'index.mjs': 'process.exit(3);' },
    { errorType: 'Runtime.ExitError', errorMessage: /exit status 3$/ },
    /exit status 3/,
  ],
];

t.test('failures', async (t) => {
  const { sandbox } = await start(t);
  addExecutionRole(sandbox, 'role');
  const failures = errors.map(async ([what, files, error, line], index) => {
    const name = `failing-${index}`;
    const Role = `arn:aws:iam::${sandbox.account}:role/role`;
    await createFunction(sandbox, name, '', {
      Role,
      Timeout: what === 'too long' ? 1 : 20,
      Code: { ZipFile: await zipped(files) },
    });
    const answer = await invoke(sandbox, name);
    t.match(answer, { status: 200, error: 'Unhandled', payload: error }, what);
    t.notHas(answer.payload, { line: String }, `${what}: nothing but Lambda's members`);
    t.ok(
      answer.log.some((text) => line.test(text)),
      `${what}: ${answer.log.join('\n')}`,
    );
  });
  await Promise.all(failures);
});
