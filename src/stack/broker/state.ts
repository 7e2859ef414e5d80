/**
 * What is known of the broker's role, and where on it is noted what was taken from it.
 */
import type { PolicyDocument } from '../../policy/document.js';

interface PolicyBasics {
  name: string;
  /** As it was written. */
  text: string;
  document: PolicyDocument;
}

export interface ManagedPolicy extends PolicyBasics {
  kind: 'managed';
  arn: string;
}

/** A policy of the broker's role. */
export type BrokerPolicy = ManagedPolicy | (PolicyBasics & { kind: 'inline' });

/** An inline policy's document as it was before it was narrowed, kept as a managed policy. */
export interface SavedPolicy {
  arn: string;
  /** The inline policy's name. */
  name: string;
  text: string;
}

export interface BrokerRole {
  name: string;
  arn: string;
  tags: Record<string, string>;
  policies: BrokerPolicy[];
  saved: SavedPolicy[];
  /** The permissions boundary, where there is one. */
  boundary?: { name: string; document: PolicyDocument };
}

export type BrokerState = { role: BrokerRole } | { role?: undefined; why: string };

/** Tag on the broker's role: the ARN of a managed policy that was detached. */
export const detachedTag = 'agentkeys-ses-routing:detached:';
/** Tag on the broker's role: the ARN of the managed policy that keeps a narrowed inline policy's document. */
export const narrowedTag = 'agentkeys-ses-routing:narrowed:';

/** Tags of a saved policy: what it was saved of. */
export const savedTags = { policy: 'policy-name', role: 'role-name' } as const;

/** A name as a tag's value: a comma, which tags can't hold, stands as a colon, which IAM's names can't hold. */
export function asTagValue(name: string): string {
  return name.replaceAll(',', ':');
}

export function fromTagValue(value: string): string {
  return value.replaceAll(':', ',');
}
