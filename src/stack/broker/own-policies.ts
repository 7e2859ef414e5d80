/**
 * The inline policies that this tool puts on the broker's role. A role has those of one stack only (see other-stacks.ts), so the form of
 * their names distinguishes them.
 */
import type { BrokerPolicy } from './state.js';

type Named = Pick<BrokerPolicy, 'kind' | 'name'>;

/** Whether a policy of the role is the one with the Deny on routed mail. A managed policy of the same name is not. */
export function isBrokerPolicy({ kind, name }: Named): boolean {
  return kind === 'inline' && /^agentkeys-ses-routing-(.+-)?broker$/.test(name);
}

/** Whether it keeps, for every other bucket, what detached policies allowed. */
export function isRetained({ kind, name }: Named): boolean {
  return kind === 'inline' && /^agentkeys-ses-routing-(.+-)?broker-retained$/.test(name);
}

export function isOwnPolicy(policy: Named): boolean {
  return isBrokerPolicy(policy) || isRetained(policy);
}
