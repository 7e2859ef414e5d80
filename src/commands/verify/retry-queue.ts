/**
 * Who may use the retry queue, by its policy. What a deploy would repair of it is among the checks of the stack. Pure.
 */
import { describeStatement, parsePolicy } from '../../policy/document.js';
import type { Observed } from '../../stack/index.js';
import type { Scope } from '../../stack/scope.js';
import { type Check, fail, ok, skip } from './check.js';

const name = "the retry queue's policy allows nobody but EventBridge's rule";

/**
 * Whoever could receive its records would read keys and take retries away; whoever could send any would have the function route old mail again.
 * The rule's own statement is a part of the stack, and checked with it.
 */
export function retryQueueCheck({ retryQueue }: Pick<Observed, 'retryQueue'>, { names }: Pick<Scope, 'names'>): Check {
  if (retryQueue === undefined)
    return skip(name, 'the stack has no retry queue, or it is not read with --no-retry-queue');
  const { Policy } = retryQueue.attributes;
  const others = (Policy === undefined ? [] : parsePolicy(Policy).Statement).filter(
    ({ Sid, Effect }) => Effect === 'Allow' && Sid !== 'UndeliveredEventsOfTheRule',
  );
  if (others.length === 0) return ok(name);
  const statements = others.map(describeStatement).join('; ');
  return fail(name, statements, `remove these statements from the policy of the queue ${names.retryQueueName}`);
}
