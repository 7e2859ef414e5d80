/**
 * Tags: the mark of ownership, and the operator's own. Tags that we did not ask for are nobody's business of ours.
 */

import { managedBy } from '../agentkeys/names.js';
import { type Difference, difference } from '../reconcile/plan.js';

/** Whether a resource carries the mark that this tool manages it. */
export function isManaged(tags: Record<string, string>): boolean {
  return tags[managedBy.key] === managedBy.value;
}

/** The wanted tags that are missing or have another value. */
export function missingTags(have: Record<string, string>, want: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(want).filter(([key, value]) => have[key] !== value));
}

export function tagDifferences(have: Record<string, string>, missing: Record<string, string>): Difference[] {
  return Object.entries(missing).map(([key, value]) => difference(`tag ${key}`, have[key], value));
}

/** IAM's and EventBridge's form of tags. */
export function tagList(tags: Record<string, string>): Array<{ Key: string; Value: string }> {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

export function tagRecord(list: Array<{ Key?: string; Value?: string }> | undefined): Record<string, string> {
  return Object.fromEntries((list ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
}
