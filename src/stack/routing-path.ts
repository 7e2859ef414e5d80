/**
 * Which entries of a plan repair the path of the mail.
 */
import type { Entry } from '../reconcile/plan.js';

/** The resources on the path of the mail from the bucket to a wallet. */
const path = ['bucket events', 'execution role', 'function', 'rule', 'target', 'permission'];

/** Fields that do not affect which messages are routed. */
const withoutEffect =
  /^(memory|timeout|code|architecture|runtime|reserved concurrency|permissions boundary|asynchronous retries|event age|retries|dead-letter queue|environment (TOS_REVIEWED|LOG_LEVEL)|tag .*)$/;

/** A statement about the retry queue: mail is routed without it. */
const retries = /^Allow sqs:/;

/** Whether the entry repairs the path: until it is applied, some mail may not be routed. */
export function repairsRouting({ resource, differences }: Entry): boolean {
  return (
    path.includes(resource) &&
    differences.some(({ field, from, to = from }) => !withoutEffect.test(field) && !retries.test(String(to)))
  );
}
