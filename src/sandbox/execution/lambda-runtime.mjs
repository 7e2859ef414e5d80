/**
 * Lambda's Node.js runtime, as a child process of the embedded AWS: loads the handler, then runs it for each event that
 * arrives on the IPC channel. Plain JavaScript, because it is not compiled. It exits when the channel closes, so that no orphan remains.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';

const { _HANDLER, LAMBDA_TASK_ROOT, AWS_LAMBDA_FUNCTION_NAME, AWS_LAMBDA_FUNCTION_MEMORY_SIZE } = process.env;
const { AWS_LAMBDA_LOG_GROUP_NAME, AWS_LAMBDA_LOG_STREAM_NAME } = process.env;
let requestId;

/** The console writes one line a call, with time, request and level before it, as Lambda's text log format has it. */
for (const [method, level] of Object.entries({
  debug: 'DEBUG',
  log: 'INFO',
  info: 'INFO',
  warn: 'WARN',
  error: 'ERROR',
})) {
  console[method] = (...values) => {
    const text = format(...values).replaceAll('\n', '\r');
    process.stdout.write(`${new Date().toISOString()}\t${requestId}\t${level}\t${text}\n`);
  };
}

/**
 * An error in Lambda's format.
 * https://github.com/aws/aws-lambda-nodejs-runtime-interface-client/blob/main/src/utils/error.ts
 */
function describe(error) {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  // A DEL would not pass through the runtime's own HTTP header.
  const clean = (text) => String(text).replaceAll('\x7f', '%7F');
  return { errorType: clean(error.name), errorMessage: clean(error.message), trace: clean(error.stack).split('\n') };
}

/** What was thrown, as Lambda logs it: an error, with every enumerable property it has, and those of the errors within it. */
function logged(thrown) {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const inFull = (_name, value) => {
    if (!(value instanceof Error)) return value;
    const stack = typeof value.stack === 'string' ? { stack: value.stack.split('\n') } : {};
    return { errorType: value.name, errorMessage: value.message, code: value.code, ...value, ...stack };
  };
  try {
    return JSON.stringify(error, inFull);
  } catch {
    return JSON.stringify(describe(error));
  }
}

function runtimeError(name, message) {
  return Object.assign(new Error(message), { name: `Runtime.${name}` });
}

/** `index.handler` is the export `handler` of index.js, index.mjs or index.cjs. */
async function load() {
  const [, file, name] = /^(.*)\.([^.]+)$/.exec(_HANDLER) ?? [];
  if (!name) throw runtimeError('MalformedHandlerName', `Bad handler: ${_HANDLER}`);
  const paths = ['js', 'mjs', 'cjs'].map((extension) => join(LAMBDA_TASK_ROOT, `${file}.${extension}`));
  const path = paths.find((candidate) => existsSync(candidate));
  if (!path) throw runtimeError('ImportModuleError', `Error: Cannot find module '${file}'`);
  const module = await import(pathToFileURL(path).href);
  const handler = module[name] ?? module.default?.[name];
  if (typeof handler !== 'function') throw runtimeError('HandlerNotFound', `${_HANDLER} is undefined or not exported`);
  if (handler.length > 2) {
    throw runtimeError(
      'CallbackHandlerDeprecated',
      `${_HANDLER} takes a callback: Node.js 24 and later run async handlers only`,
    );
  }
  return handler;
}

/** Tells the parent. */
function tell(message, then = () => {}) {
  process.send({ ...message, usedMb: Math.ceil(process.memoryUsage().rss / 2 ** 20) }, then);
}

/** A line of NUL on both outputs shows the parent that it has read all that was written before. */
function flush() {
  process.stdout.write('\0\n');
  process.stderr.write('\0\n');
}

/** Logs an error. @returns the report for the parent process */
function failure(what, error) {
  console.error(`${what} \t${logged(error)}`);
  return { payload: JSON.stringify(describe(error)), failed: true };
}

process.on('disconnect', () => process.exit());
// Without a flush: the parent waits for the end of the process.
process.on('uncaughtException', (error) => tell(failure('Uncaught Exception', error), () => process.exit(129)));
process.on('unhandledRejection', (reason) => {
  const error = runtimeError('UnhandledPromiseRejection', String(reason));
  tell(failure('Unhandled Promise Rejection', Object.assign(error, { reason })), () => process.exit(128));
});

const loading = load();
await loading.catch(() => {});

process.on('message', async ({ id, payload, arn, deadline }) => {
  requestId = id;
  const context = {
    awsRequestId: id,
    functionName: AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: '$LATEST',
    invokedFunctionArn: arn,
    memoryLimitInMB: AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
  const answer = async () => {
    const handler = await loading;
    const result = JSON.stringify(await handler(JSON.parse(payload), context));
    return { payload: result ?? 'null', failed: false };
  };
  const message = await answer().catch((error) => failure('Invoke Error', error));
  flush();
  tell(message);
});

flush();
tell({ payload: '', failed: false });
