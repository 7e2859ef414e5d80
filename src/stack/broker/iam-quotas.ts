/**
 * IAM's limits of a role and its policies, so that what would not fit is said in the plan and not met half-way.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
import { type PolicyDocument, parsePolicy, policySize, policyText } from '../../policy/document.js';
import type { BrokerRole } from './state.js';

/** All inline policies of a role together, characters without white space. */
const inlineLimit = 10_240;
/** One managed policy, characters without white space. */
const managedLimit = 6_144;
/** Tags of a role, AWS's own not counted. */
const tagLimit = 50;
/** Managed policies attached to a role, where the account's quota wasn't raised. */
const attachedLimit = 10;

/** The texts of a role's inline policies by name. */
export type InlineTexts = ReadonlyMap<string, string>;

export function inlineTexts({ policies }: BrokerRole): InlineTexts {
  return new Map(policies.flatMap(({ kind, name, text }) => (kind === 'inline' ? [[name, text]] : [])));
}

/** The same with one put in place. */
export function withInlineText(texts: InlineTexts, name: string, text: string): InlineTexts {
  return new Map([...texts, [name, text]]);
}

/** The same with one put in place, or gone when it has nothing left to say: IAM knows no policy without statements. */
export function withInline(texts: InlineTexts, name: string, document: PolicyDocument): InlineTexts {
  if (document.Statement.length > 0) return withInlineText(texts, name, policyText(document));
  return new Map([...texts].filter(([one]) => one !== name));
}

/** What is the matter with these as a role's inline policies; undefined when they fit. */
export function inlineOverflow(texts: InlineTexts): string | undefined {
  const size = [...texts.values()].reduce((sum, text) => sum + sizeOf(text), 0);
  if (size <= inlineLimit) return undefined;
  return `the role's inline policies would take ${size} of IAM's ${inlineLimit} characters`;
}

export function fitsManaged(text: string): boolean {
  return sizeOf(text) <= managedLimit;
}

/** Whether a role with these tags can be given one of this key. */
export function fitsTag(keys: readonly string[], key: string): boolean {
  const counted = new Set([...keys, key].filter((one) => !one.startsWith('aws:')));
  return counted.size <= tagLimit;
}

/** Whether a role that carries these managed policies can be given one more. */
export function fitsAttached(attached: readonly string[]): boolean {
  return attached.length < attachedLimit;
}

/** Never less than IAM counts: the text may be longer than its values, written with escapes, and a value may hold white space. */
function sizeOf(text: string): number {
  return Math.max(Buffer.byteLength(text.replace(/\s/g, '')), policySize(parsePolicy(text)));
}
