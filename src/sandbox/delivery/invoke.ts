/**
 * Lambda's invocations: synchronous ones, and asynchronous ones with their retries.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { decide } from '../access/authorize.js';
import { serviceCaller } from '../access/callers.js';
import type { AccountState, Delivery, FunctionState, Role } from '../account/state.js';
import { ConcurrencyLimit } from '../execution/concurrency-limit.js';
import { asJsonLines, logLines, writeLog } from '../execution/log.js';
import { EnvironmentPool } from '../execution/pool.js';
import { single } from '../metrics/metrics.js';
import { AwsRefusal } from '../operation.js';
import { checkActive, findFunction, lambdaRefusal, runningVersion, startUpdate } from '../services/lambda/common.js';
import { logGroupOf } from '../services/lambda/function-configuration.js';
import { type FailedEvent, sendToDestination } from './destination.js';

/**
 * The runtime is a program of its own, not a module. It is in the folder `sandbox` of both the source tree and the package; this module's
 * bundle is in that folder or beside it.
 */
const runtime = fileURLToPath(new URL('../execution/lambda-runtime.mjs', import.meta.url));

/** How much of a log Invoke returns, bytes. */
const tailBytes = 4096;

const tooManyRequests = 'TooManyRequestsException';

/**
 * How many events of the asynchronous queue run at a time. Each needs a process; the others wait in the queue, as on Lambda while it
 * scales.
 */
const eventsAtOnce = 8;

/**
 * The role that Lambda assumes for a function, if it still can.
 *
 * A role that was deleted and created again is another role, without a grant on the key of the function's environment.
 * https://repost.aws/knowledge-center/lambda-kmsaccessdeniedexception-errors
 *
 * @throws {AwsRefusal} AccessDeniedException, KMSAccessDeniedException
 */
function executionRole(state: AccountState, fn: FunctionState): Role {
  const role = [...state.iam.roles.values()].find(({ arn }) => arn === fn.roleArn);
  const access = { action: 'sts:AssumeRole', resource: fn.roleArn };
  if (role === undefined || !decide(state, serviceCaller('lambda.amazonaws.com'), access).allowed) {
    throw lambdaRefusal('AccessDeniedException', 'The role defined for the function cannot be assumed by Lambda.', 403);
  }
  if (role.id !== fn.boundRoleId && Object.keys(fn.environment).length > 0) {
    const message =
      "Lambda was unable to decrypt the environment variables because KMS access was denied. Please check the function's AWS KMS key settings. " +
      'KMS Exception: UnrecognizedClientExceptionKMS Message: The security token included in the request is invalid.';
    throw lambdaRefusal('KMSAccessDeniedException', message, 502);
  }
  return role;
}

/**
 * An invocation of an idle function fails, and makes Lambda recreate its resources.
 * https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html, https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 *
 * @throws {AwsRefusal} ResourceNotReadyException
 */
function wake(state: AccountState, fn: FunctionState): never {
  fn.state = 'Pending';
  startUpdate(state, fn);
  const message =
    'The function is inactive and its VPC connection is no longer available. Wait for the VPC connection to be reestablished and try again.';
  throw lambdaRefusal('ResourceNotReadyException', message, 502);
}

/** What one attempt came to. */
interface Attempt {
  outcome: 'done' | 'failed' | 'throttled' | 'function missing' | 'closing';
  /** The error that the function returned. */
  response?: string;
}

/** Why Lambda gave an event up. */
interface Ended {
  condition?: FailedEvent['condition'];
  response?: string;
}

/** Creates the runner of an account's functions. Its processes and folders are removed when the account closes. */
export function createInvoker(state: AccountState): Pick<AccountState, 'invoke' | 'enqueue'> {
  const pool = new EnvironmentPool(state, runtime);
  /** The functions of the invocations in progress, one entry each. */
  const running: string[] = [];
  const queueLimit = new ConcurrencyLimit(eventsAtOnce);

  /** What Lambda counts of a function. https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
  function measure(functionName: string, measured: Record<string, number>, at = state.now()): void {
    for (const [name, value] of Object.entries(measured)) {
      const metric = { namespace: 'AWS/Lambda', name, dimensions: { FunctionName: functionName } };
      state.metrics.record(metric, single(value), at);
    }
  }

  /** @throws {AwsRefusal} for a function that cannot be run now, or not here */
  async function run(found: FunctionState, payload: unknown) {
    if (found.state === 'Inactive') wake(state, found);
    checkActive(found);
    const fn = runningVersion(found);
    if (!fn.runtime.startsWith('nodejs')) {
      const message = `The embedded AWS runs functions of the nodejs runtimes only, and ${fn.name} is of ${fn.runtime}.`;
      throw lambdaRefusal('InvalidRuntimeException', message, 502);
    }
    const role = executionRole(state, fn);
    const concurrent = running.filter((name) => name === fn.name).length;
    if (concurrent >= (fn.reservedConcurrency ?? state.lambda.concurrencyLimit)) {
      measure(fn.name, { Throttles: 1 });
      throw lambdaRefusal(tooManyRequests, 'Rate Exceeded.', 429);
    }
    running.push(fn.name);
    const began = state.now();
    try {
      const { slot, giveBack } = await pool.take(fn, role);
      const id = randomUUID();
      const { arn, timeout, memory } = fn;
      const execution = await slot.environment.run({ id, payload: JSON.stringify(payload), arn, timeout });
      giveBack();
      const { failed, duration: Duration } = execution;
      // "The timestamp on an error metric reflects when the function was invoked, not when the error occurred."
      measure(fn.name, { Invocations: 1, Errors: failed ? 1 : 0, Throttles: 0, Duration }, began);
      const plain = logLines(id, memory, execution);
      const lines = fn.logging?.LogFormat === 'JSON' ? asJsonLines(plain, id, state.now()) : plain;
      writeLog(state, slot.caller, logGroupOf(fn), slot.logStream, lines);
      const logTail = Buffer.from(`${lines.join('\n')}\n`)
        .subarray(-tailBytes)
        .toString();
      return { payload: execution.payload, functionError: failed ? 'Unhandled' : undefined, logTail };
    } finally {
      running.splice(running.indexOf(fn.name), 1);
    }
  }

  /** One attempt, if the function still exists. A throttled event returns to the queue without an attempt. */
  async function attempt(name: string, payload: unknown): Promise<Attempt> {
    if (state.closing.aborted) return { outcome: 'closing' };
    if (!state.lambda.functions.has(name)) return { outcome: 'function missing' };
    try {
      const { functionError, payload: response } = await run(findFunction(state, name), payload);
      return functionError === undefined ? { outcome: 'done' } : { outcome: 'failed', response };
    } catch (failure) {
      const throttled = failure instanceof AwsRefusal && failure.code === tooManyRequests;
      return { outcome: throttled ? 'throttled' : 'failed' };
    }
  }

  /** Runs an event until it succeeds, its retries are used up, or it is too old. */
  async function deliver(name: string, payload: unknown): Promise<Pick<Delivery, 'outcome' | 'attempts'> & Ended> {
    const queued = state.now();
    for (let attempts = 0; ; ) {
      const { outcome, response } = await queueLimit.run(() => attempt(name, payload));
      if (outcome === 'function missing') return { outcome, attempts };
      if (outcome === 'closing') return { outcome: 'failed', attempts };
      if (outcome !== 'throttled') attempts += 1;
      if (outcome === 'done') return { outcome: 'invoked', attempts };
      const { eventInvoke, reservedConcurrency } = state.lambda.functions.get(name) ?? {};
      if (reservedConcurrency === 0) return { outcome: 'failed', attempts, condition: 'ZeroReservedConcurrency' };
      const { maximumRetryAttempts = 2, maximumEventAgeInSeconds = 21_600 } = eventInvoke ?? {};
      const tooOld = state.now() - queued >= maximumEventAgeInSeconds * 1000;
      if (attempts > maximumRetryAttempts)
        return { outcome: 'failed', attempts, condition: 'RetriesExhausted', response };
      if (tooOld) return { outcome: 'failed', attempts, condition: 'EventAgeExceeded', response };
      // A minute before the first retry and two before the second, on AWS. Closing ends the pause.
      const milliseconds = state.delays.invocationRetry * Math.max(1, attempts);
      await pause(milliseconds, undefined, { signal: state.closing }).catch(() => {});
    }
  }

  /** Queues an event and records whether it was dropped in the end. */
  async function queue(name: string, payload: unknown): Promise<Pick<Delivery, 'outcome' | 'attempts'>> {
    measure(name, { AsyncEventsReceived: 1 });
    const { outcome, attempts, condition, response } = await deliver(name, payload);
    const fn = state.lambda.functions.get(name);
    if (fn !== undefined && condition !== undefined) {
      const sent = sendToDestination(state, fn, { payload, condition, attempts, response });
      if (!sent) measure(name, { DestinationDeliveryFailures: 1 });
    }
    // "If you configure … an OnFailure destination, then events are sent there before they're dropped."
    if (outcome !== 'invoked') measure(name, { AsyncEventsDropped: 1 });
    return { outcome, attempts };
  }

  const enqueue: AccountState['enqueue'] = (name, payload) =>
    state.activity.track(`asynchronous invocation of ${name}`, queue(name, payload));

  return {
    enqueue,
    async invoke(fn, payload, type) {
      if (type === 'RequestResponse') {
        return await state.activity.track(`invocation of ${fn.name}`, run(fn, payload));
      }
      void enqueue(fn.name, payload);
      return { payload: '', logTail: '' };
    },
  };
}
