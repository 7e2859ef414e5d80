/**
 * The dates on which services' terms were reviewed. AgentKeys requires a review before the first live sign-up. The dates are recorded in
 * the function's environment; the function itself ignores them.
 */

/** The environment variable of the function that records them: `groq=2026-11-21,openrouter=2026-11-20`. */
export const reviewsVariable = 'TOS_REVIEWED';

/**
 * Dates, `YYYY-MM-DD` by slug. Slugs that the catalogue does not have are kept: another version of this tool may have recorded them.
 */
export type Reviews = Readonly<Record<string, string>>;

/** Whether a text is a valid date such as `2026-02-28`. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  // JavaScript reads 30 February as 2 March.
  const time = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text);
}

/** Parses the variable. Invalid entries are ignored. */
export function readReviews(text: string | undefined): Reviews {
  const pairs = (text ?? '').split(',').flatMap((pair): Array<[slug: string, day: string]> => {
    const { slug = '', day = '' } = /^(?<slug>[a-z][a-z0-9-]*)=(?<day>.*)$/.exec(pair)?.groups ?? {};
    return isDay(day) ? [[slug, day]] : [];
  });
  return Object.fromEntries(pairs);
}

/** Formats the variable, sorted, so that equal reviews have equal text; empty if there are none. */
export function writeReviews(reviews: Reviews): string {
  return Object.entries(reviews)
    .map(([slug, day]) => `${slug}=${day}`)
    .sort()
    .join(',');
}
