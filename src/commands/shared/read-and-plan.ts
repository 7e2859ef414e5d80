/** Reading the account and planning on it: what the commands that look at the stack begin with. */

import { type Observed, planStack, readStack, type StackPlan } from '../../stack/index.js';
import type { Scope } from '../../stack/scope.js';
import type { Host, Step } from '../../terminal/host.js';

/** Whoever is at work, to show what AWS is waited for. */
export interface Waiting {
  step?: Step;
}

/** Reads the whole stack and plans; writes nothing. @throws AbortError after Ctrl-C */
export async function readAndPlan(
  command: StackPlan['command'],
  host: Host,
  scope: Scope,
  waiting: Waiting,
): Promise<{ observed: Observed; plan: StackPlan }> {
  const observed = await withProgress(host, 'Read the account', waiting, () => readStack(scope));
  scope.signal.throwIfAborted();
  return { observed, plan: planStack(command, observed, scope) };
}

/** Shows a piece of work while it goes on. */
export async function withProgress<Result>(
  host: Host,
  what: string,
  waiting: Waiting,
  work: (step: Step) => Promise<Result>,
): Promise<Result> {
  const step = host.step(what);
  waiting.step = step;
  try {
    const result = await work(step);
    step.done();
    return result;
  } catch (error) {
    step.failed();
    throw error;
  }
}
