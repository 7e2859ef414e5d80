/**
 * What is read of the broker's role, and the tags on it that record what was removed.
 */
import type { PolicyDocument } from '../../policy/document.js';

interface PolicyBasics {
  name: string;
  /** Exactly as it was put. */
  text: string;
  document: PolicyDocument;
}

export interface ManagedPolicy extends PolicyBasics {
  kind: 'managed';
  arn: string;
}

/** A policy of the broker's role. */
export type BrokerPolicy = ManagedPolicy | (PolicyBasics & { kind: 'inline' });

/** An inline policy's document from before it was narrowed, saved as a managed policy. */
export interface SavedPolicy {
  arn: string;
  /** The inline policy's name. */
  name: string;
  text: string;
}

/** An attached policy whose document could not be read. */
export interface UnreadablePolicy {
  name: string;
  arn: string;
  /** `AWS denied iam:GetPolicy on …`. */
  why: string;
}

export interface BrokerRole {
  name: string;
  arn: string;
  /** IAM's unique ID of the role, with which `aws:userid` of its sessions begins. */
  id?: string;
  /** The trust policy's text. */
  trust: string;
  tags: Record<string, string>;
  policies: BrokerPolicy[];
  /** Attached to it too, or its permissions boundary, but what they say is unknown. */
  unreadable?: UnreadablePolicy[];
  saved: SavedPolicy[];
  /** Absent if the role has no permissions boundary. */
  boundary?: { name: string; document: PolicyDocument };
}

/** What is read of the mail bucket's policy. */
export interface SeenBucket {
  /** Its text; absent if the bucket has none. */
  policy?: string;
  /** Whether AWS denied reading it. */
  policyDenied?: true;
}

export type BrokerState = { role: BrokerRole } | { role?: undefined; why: string };

/** Whether a tag of the broker's role records a detached policy: its value is the ARN of that managed policy. */
export function recordsDetached(key: string): boolean {
  return /^agentkeys-ses-routing(\/[^:]+)?:detached:/.test(key);
}

/** Whether a tag of the broker's role records a narrowed policy: its value is the ARN of the managed policy that holds the document. */
export function recordsNarrowed(key: string): boolean {
  return /^agentkeys-ses-routing(\/[^:]+)?:narrowed:/.test(key);
}

/** Whether a tag of the broker's role is this tool's, of whichever stack. */
export function isRecord(key: string): boolean {
  return /^agentkeys-ses-routing(\/[^:]+)?:reads-inbound$/.test(key) || recordsDetached(key) || recordsNarrowed(key);
}

/** Tags of a saved policy: the inline policy and the role it was saved from, and a named stack's bucket. */
export const savedTags = { policy: 'policy-name', role: 'role-name', bucket: 'bucket-name' } as const;

/** A name as a tag's value. A comma, which tags can't contain, becomes a colon, which IAM's names can't contain. */
export function asTagValue(name: string): string {
  return name.replaceAll(',', ':');
}

export function fromTagValue(value: string): string {
  return value.replaceAll(':', ',');
}
