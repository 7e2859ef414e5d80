/**
 * Reads the account and plans the changes: the first step of every command that works on the stack.
 */
import { OperatorError } from '../../aws/errors.js';
import { type Observed, planStack, readStack, type StackPlan } from '../../stack/index.js';
import { whyNotOurs } from '../../stack/resources/stack/ownership.js';
import type { Scope } from '../../stack/scope.js';
import type { Host, Step } from '../../terminal/host.js';
import type { CurrentStep } from './session.js';

/**
 * Reads the whole stack and plans; writes nothing.
 *
 * @param readAhead what `withScope` has begun to read with {@link readStack}. If that fails it is read again: the error may have to name
 *   the caller, who was not known then.
 * @throws OperatorError when the stack serves another bucket; AbortError after Ctrl-C.
 */
export async function readAndPlan(
  command: StackPlan['command'],
  host: Host,
  scope: Scope,
  current: CurrentStep,
  readAhead?: Promise<Observed>,
): Promise<{ observed: Observed; plan: StackPlan }> {
  const read = () => readAhead?.catch(() => readStack(scope)) ?? readStack(scope);
  const observed = await withProgress(host, 'Read the account', current, read);
  scope.signal.throwIfAborted();
  const reason = whyNotOurs(observed, scope);
  if (reason !== undefined) throw new OperatorError(`${reason} Nothing was written.`);
  return { observed, plan: planStack(command, observed, scope) };
}

/**
 * Runs `work` as a step whose progress is shown.
 *
 * @param endOf how the step ended, from the result; `done` by default.
 */
export async function withProgress<Result>(
  host: Host,
  title: string,
  current: CurrentStep,
  work: (step: Step) => Promise<Result>,
  endOf: (result: Result) => 'done' | 'failed' | 'skipped' = () => 'done',
): Promise<Result> {
  const step = host.step(title);
  current.step = step;
  try {
    const result = await work(step);
    step[endOf(result)]();
    return result;
  } catch (error) {
    step.failed();
    throw error;
  }
}
