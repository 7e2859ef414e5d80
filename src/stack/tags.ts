/**
 * Tags: managed-by, and the operator's own. All other tags are left alone.
 */

import { managedBy } from '../agentkeys/names.js';
import { type Difference, difference } from '../reconcile/plan.js';

/** Whether a resource has the tag that this tool manages it. */
export function isManaged(tags: Record<string, string>): boolean {
  return tags[managedBy.key] === managedBy.value;
}

/** The desired tags that are missing or have another value. */
export function missingTags(have: Record<string, string>, want: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(want).filter(([key, value]) => have[key] !== value));
}

export function tagDifferences(have: Record<string, string>, missing: Record<string, string>): Difference[] {
  return Object.entries(missing).map(([key, value]) => difference(`tag ${key}`, have[key], value));
}

/** Tags in the form of IAM and EventBridge. */
export function tagList(tags: Record<string, string>): Array<{ Key: string; Value: string }> {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

export function tagRecord(list: Array<{ Key?: string; Value?: string }> | undefined): Record<string, string> {
  return Object.fromEntries((list ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
}
