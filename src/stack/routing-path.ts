/**
 * Which parts of a plan are on the mail's way, and mend it.
 */
import type { Entry } from '../reconcile/plan.js';

/** The resources on the mail's way to a wallet. */
const way = ['bucket events', 'execution role', 'function', 'rule', 'target', 'permission'];

/** Fields of the mail's way whose change lets no message through that was not let through before. */
const harmless =
  /^(memory|timeout|code|architecture|runtime|reserved concurrency|permissions boundary|asynchronous retries|event age|retries|tag .*)$/;

/** Whether the entry mends the mail's way: until it is applied there may be mail that can not be routed. */
export function repairsRouting({ resource, differences }: Entry): boolean {
  return way.includes(resource) && differences.some(({ field }) => !harmless.test(field));
}
