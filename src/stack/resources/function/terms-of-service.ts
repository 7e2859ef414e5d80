/**
 * The reviews of services' terms recorded in the function's environment, and the plan's notes on services without a review.
 */

import { catalogue, type Service, servicesOf } from '../../../agentkeys/services.js';
import { type Reviews, readReviews, reviewsVariable } from '../../../agentkeys/terms-of-service.js';
import { attention, type Entry } from '../../../reconcile/plan.js';
import type { Settings } from '../../../settings/index.js';
import type { ExistingFunction } from './state.js';

const kind = 'service';

/** The reviews recorded in the deployed function. */
export function recordedReviews(have: Pick<ExistingFunction, 'configuration'> | undefined): Reviews {
  return readReviews(have?.configuration.Environment?.Variables?.[reviewsVariable]);
}

/** The reviews after a deploy: the recorded ones, unless another day is given. */
export function reviewsAfter(have: ExistingFunction | undefined, { tosReviewed }: Settings): Reviews {
  return { ...recordedReviews(have), ...tosReviewed };
}

/**
 * An entry for each enabled service whose terms have not been reviewed. For OpenRouter, which was routed before this rule, it does not
 * block the plan. Pure.
 */
export function unreviewed(have: ExistingFunction | undefined, settings: Settings): Entry[] {
  const reviews = reviewsAfter(have, settings);
  return servicesOf(settings.prefixes)
    .filter((slug) => reviews[slug] === undefined)
    .map((slug) => {
      const entry = attention(kind, slug, note(slug));
      return catalogue[slug].standing === 'planned' ? { ...entry, blocks: true } : entry;
    });
}

function note(slug: Service): string {
  const { standing, terms } = catalogue[slug];
  const until = standing === 'planned' ? '; until then, leave it out of --service and --prefix' : '';
  return `no review of its terms is recorded, and AgentKeys' rule is to review them before the first live sign-up (${terms}); then deploy with --tos-reviewed ${slug}=YYYY-MM-DD${until}`;
}
