/**
 * The two slots that the retry queue needs: the dead-letter queue of the rule's target, and the function's on-failure destination. Each
 * holds one value. One that others set is kept; `--take-retry-slots` replaces it, and records it in a tag for `teardown`.
 */
import { attention, type Entry } from '../../../reconcile/plan.js';

/** The rule's tag with the dead-letter queue that its target had. */
export const deadLetterQueueTag = 'agentkeys-ses-routing:dead-letter-queue';

/** The function's tag with the on-failure destination that it had. */
export const destinationTag = 'agentkeys-ses-routing:on-failure-destination';

/** The longest value of a tag, characters. https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html */
const longestTagValue = 256;

/**
 * The ARN as a tag's value: tags take no `$`, which the ARN of a function may have (`:$LATEST`), and no ARN of a destination has a `=`.
 *
 * @returns undefined if it is too long; the name of an event bus can be.
 */
export function slotTagValue(arn: string): string | undefined {
  return arn.length > longestTagValue ? undefined : arn.replaceAll('$', '=');
}

/** The ARN that a tag of {@link slotTagValue} holds. */
export function fromSlotTag(value: string | undefined): string | undefined {
  return value?.replaceAll('=', '$');
}

/** A slot that others use. */
export interface OthersSlot {
  /** The kind of resource and its name, for the plan. */
  resource: string;
  name: string;
  /** The slot in words, and the field of the plan. */
  what: string;
  field: string;
  /** The ARNs: what it holds, and the retry queue. */
  from: string;
  to: string;
  /** The events that are not retried, as the subject of a sentence. */
  events: string;
}

/** What a plan says of a slot that stays others': which events are not retried, and how to change that. */
export function keptSlot({ resource, name, what, field, from, to, events }: OthersSlot): Entry {
  const kept = `its ${what}, which others set, is left alone: ${from}. ${events} go there, and are not retried`;
  if (slotTagValue(from) === undefined)
    return attention(resource, name, `${kept}. The ARN is too long for the tag that would record it`);
  const difference = { field, from, to };
  return {
    ...attention(resource, name, `${kept}; --take-retry-slots replaces it`, [difference]),
    offer: 'take-retry-slots',
  };
}
