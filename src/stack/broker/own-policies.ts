/**
 * The inline policies that this tool puts on the broker's role.
 */
import type { BrokerPolicy } from './state.js';

/** Access to `inbound/`, where the broker has it, and the Deny on routed mail. */
export const brokerPolicyName = 'agentkeys-ses-routing-broker';

/** Keeps, for every other bucket, what detached policies allowed. */
export const retainedPolicyName = 'agentkeys-ses-routing-broker-retained';

type Named = Pick<BrokerPolicy, 'kind' | 'name'>;

/** Whether a policy of the role is the one with the Deny. A managed policy of the same name is not. */
export function isBrokerPolicy({ kind, name }: Named): boolean {
  return kind === 'inline' && name === brokerPolicyName;
}

/** Whether it keeps what detached policies allowed elsewhere. */
export function isRetained({ kind, name }: Named): boolean {
  return kind === 'inline' && name === retainedPolicyName;
}

export function isOwnPolicy(policy: Named): boolean {
  return isBrokerPolicy(policy) || isRetained(policy);
}
