/**
 * IAM's quotas for a role and its policies, so that the plan reports what would not fit instead of failing half-way.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
import { type PolicyDocument, parsePolicy, policySize, policyText } from '../../policy/document.js';
import type { BrokerRole } from './state.js';

/** All inline policies of a role together, characters without white space. */
const inlineLimit = 10_240;
/** One managed policy, characters without white space. */
const managedLimit = 6_144;
/** Tags of a role, not counting those with the `aws:` prefix. */
const tagLimit = 50;
/** Managed policies attached to a role: the default quota, which an account can have raised. */
const attachedLimit = 10;

/** The texts of a role's inline policies by name. */
export type InlineTexts = ReadonlyMap<string, string>;

export function inlineTexts({ policies }: BrokerRole): InlineTexts {
  return new Map(policies.flatMap(({ kind, name, text }) => (kind === 'inline' ? [[name, text]] : [])));
}

/** The texts after one policy has been put. */
export function withInlineText(texts: InlineTexts, name: string, text: string): InlineTexts {
  return new Map([...texts, [name, text]]);
}

/** The texts after one policy has been put, or deleted if it has no statements left: IAM rejects an empty policy. */
export function withInline(texts: InlineTexts, name: string, document: PolicyDocument): InlineTexts {
  if (document.Statement.length > 0) return withInlineText(texts, name, policyText(document));
  return new Map([...texts].filter(([one]) => one !== name));
}

/** Why these do not fit as a role's inline policies; undefined when they fit. */
export function inlineOverflow(texts: InlineTexts): string | undefined {
  const size = [...texts.values()].reduce((sum, text) => sum + sizeOf(text), 0);
  if (size <= inlineLimit) return undefined;
  return `the role's inline policies would total ${size} characters, and IAM allows ${inlineLimit}`;
}

export function fitsManaged(text: string): boolean {
  return sizeOf(text) <= managedLimit;
}

/** Whether a role can have tags of these keys. */
export function fitTags(keys: readonly string[]): boolean {
  const counted = new Set(keys.filter((one) => !one.startsWith('aws:')));
  return counted.size <= tagLimit;
}

/** Whether one more managed policy can be attached to a role that has these. */
export function fitsAttached(attached: readonly string[]): boolean {
  return attached.length < attachedLimit;
}

/** At least what IAM counts: escapes make the text longer than its values, and values may hold white space. */
function sizeOf(text: string): number {
  return Math.max(Buffer.byteLength(text.replace(/\s/g, '')), policySize(parsePolicy(text)));
}
