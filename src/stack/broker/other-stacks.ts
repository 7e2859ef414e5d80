/**
 * What another stack put on the broker's role. Two stacks can't share one: each would take away what the other saved, granted or denied.
 * Pure.
 */
import { bucketsNamedBy } from '../../policy/arns.js';
import { attention, type Entry } from '../../reconcile/plan.js';
import type { StackContext } from '../scope.js';
import { isBrokerPolicy, isOwnPolicy } from './own-policies.js';
import { type BrokerRole, isRecord } from './state.js';

/** @returns what of another stack the role has, completing "it has …"; undefined if there is nothing. */
function foundOn({ policies, tags }: BrokerRole, { names, settings }: StackContext): string | undefined {
  const ours = [names.brokerPolicyName, names.retainedPolicyName];
  const policy = policies.find((one) => isOwnPolicy(one) && !ours.includes(one.name));
  if (policy !== undefined) return `the policy ${policy.name} of another stack`;
  const tag = Object.keys(tags).find((key) => isRecord(key) && !key.startsWith(names.brokerTagPrefix));
  if (tag !== undefined) return `the tag ${tag} of another stack`;
  // A stack of the same name in another region: IAM's roles belong to the account.
  const statements = policies.filter(isBrokerPolicy).flatMap(({ document }) => document.Statement);
  const buckets = bucketsNamedBy(statements);
  const moving = settings.moveFromBucket !== undefined && buckets.includes(settings.moveFromBucket);
  if (buckets.length === 0 || buckets.includes(names.bucket) || moving) return undefined;
  return `the policy ${names.brokerPolicyName} for another bucket, ${buckets[0]}`;
}

/**
 * The entry for a role that has something of another stack, instead of all others; none for a role that is this stack's alone.
 *
 * @param touched whether the command would change the role: then it can't be carried out.
 */
export function otherStackEntries(role: BrokerRole, stack: StackContext, touched: boolean): Entry[] {
  const found = foundOn(role, stack);
  if (found === undefined) return [];
  const note = `has ${found}, which this stack must not take away; name a role of this stack's own with --broker-role, or use --no-broker`;
  return [{ ...attention('broker policy', role.name, note), ...(touched ? { blocks: true } : {}) }];
}
