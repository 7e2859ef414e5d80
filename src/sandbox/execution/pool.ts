/**
 * The execution environments of an account's functions: kept warm for the next event of the same version of the function.
 */
import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { callerOf, createSession } from '../access/callers.js';
import type { AccountState, FunctionState, Role } from '../account/state.js';
import type { Caller } from '../operation.js';
import { logGroupOf } from '../services/lambda/function-configuration.js';
import { ExecutionEnvironment } from './environment.js';
import { TaskRoots } from './unpack.js';

/** An execution environment in use or idle, and what it was made for. */
export interface Slot {
  functionName: string;
  environment: ExecutionEnvironment;
  /** The session of the execution role that the function works with. */
  caller: Caller;
  logStream: string;
}

interface Made extends Slot {
  /** Everything that the environment was made of: a function of which this differs needs another one. */
  of: string;
  /** When the session's credentials end. */
  expires: Date;
}

/** How long a session of an execution role lasts, seconds. */
const sessionSeconds = 12 * 3600;

function ingredients(fn: FunctionState, role: Role): string {
  const { codeSha256, handler, memory, runtime, environment, logging, modified } = fn;
  return JSON.stringify([codeSha256, handler, memory, runtime, environment, logging, modified, role.id]);
}

export class EnvironmentPool {
  readonly #state: AccountState;
  readonly #runtime: string;
  readonly #taskRoots = new TaskRoots();
  #idle: Made[] = [];

  /** @param runtime the path of lambda-runtime.mjs */
  constructor(state: AccountState, runtime: string) {
    this.#state = state;
    this.#runtime = runtime;
    // Every process adds a listener, and there may be many.
    setMaxListeners(0, state.closing);
    state.closing.addEventListener('abort', () => void this.#taskRoots.remove());
  }

  /**
   * An environment for one event, warm or new. Ends outdated idle environments of the same function.
   * @returns the environment, and a function that releases it
   * @throws {AwsRefusal} InvalidZipFileException
   */
  async take(fn: FunctionState, role: Role): Promise<{ slot: Slot; giveBack(): void }> {
    const of = ingredients(fn, role);
    const own = this.#idle.filter(({ functionName }) => functionName === fn.name);
    const now = this.#state.now();
    const fit = own.filter(
      ({ environment, expires, ...slot }) => environment.alive && slot.of === of && expires.getTime() > now,
    );
    const [warm, ...others] = fit;
    for (const { environment } of own.filter((slot) => !fit.includes(slot))) environment.end();
    this.#idle = [...this.#idle.filter((slot) => !own.includes(slot)), ...others];
    const slot = warm ?? (await this.#make(fn, role, of));
    return {
      slot,
      giveBack: () => {
        this.#idle.push(slot);
      },
    };
  }

  async #make(fn: FunctionState, role: Role, of: string): Promise<Made> {
    const state = this.#state;
    const taskRoot = await this.#taskRoots.of(fn);
    const key = createSession(state, role, { session: fn.name, durationSeconds: sessionSeconds });
    const day = new Date(state.now()).toISOString().slice(0, 10).replaceAll('-', '/');
    const logStream = `${day}/[$LATEST]${randomBytes(16).toString('hex')}`;
    // https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    const variables = {
      ...fn.environment,
      _HANDLER: fn.handler,
      LAMBDA_TASK_ROOT: taskRoot,
      AWS_REGION: state.region,
      AWS_DEFAULT_REGION: state.region,
      AWS_EXECUTION_ENV: `AWS_Lambda_${fn.runtime}`,
      AWS_LAMBDA_FUNCTION_NAME: fn.name,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memory),
      AWS_LAMBDA_LOG_GROUP_NAME: logGroupOf(fn),
      AWS_LAMBDA_LOG_STREAM_NAME: logStream,
      AWS_ACCESS_KEY_ID: key.id,
      AWS_SECRET_ACCESS_KEY: key.secret,
      AWS_SESSION_TOKEN: key.sessionToken,
      AWS_ENDPOINT_URL: state.endpoint,
    };
    const environment = new ExecutionEnvironment(this.#runtime, taskRoot, variables, state.closing);
    return { functionName: fn.name, environment, caller: callerOf(state, key), logStream, of, expires: key.expires };
  }
}
