/**
 * When each service's terms were reviewed. AgentKeys' rule is that they are before the first live sign-up; the days are recorded in the
 * function's environment, which has no effect on what the function does.
 */

/** The variable of the function's environment that holds them: `groq=2026-11-21,openrouter=2026-11-20`. */
export const reviewsVariable = 'TOS_REVIEWED';

/**
 * Days as `YYYY-MM-DD` by the service's slug. Slugs that the catalogue doesn't have stay in it: what another version has recorded
 * stands too.
 */
export type Reviews = Readonly<Record<string, string>>;

/** Whether a text is a day of the calendar, as `2026-02-28`. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  // JavaScript takes the 30th of February for the 2nd of March.
  const time = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text);
}

/** Reads the variable. What can't be read, by whomever it was written, is not recorded. */
export function readReviews(text: string | undefined): Reviews {
  const pairs = (text ?? '').split(',').flatMap((pair): Array<[slug: string, day: string]> => {
    const { slug = '', day = '' } = /^(?<slug>[a-z][a-z0-9-]*)=(?<day>.*)$/.exec(pair)?.groups ?? {};
    return isDay(day) ? [[slug, day]] : [];
  });
  return Object.fromEntries(pairs);
}

/** The variable's text: the same for the same reviews, whatever their order; empty when there are none. */
export function writeReviews(reviews: Reviews): string {
  return Object.entries(reviews)
    .map(([slug, day]) => `${slug}=${day}`)
    .sort()
    .join(',');
}
