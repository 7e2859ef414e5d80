/**
 * The services that agents sign up for: each with the prefix that its mail's addresses begin with, and where its terms are; and those
 * that are not supported, with the reason. Data alone: importing it costs next to nothing.
 */
/** A service that an address can be made for; the command `services` lists them. */
export type Service = 'openrouter' | 'brave-search' | 'jina' | 'anthropic' | 'groq' | 'gemini';

/** A service that mail can be routed for. */
export interface Routable {
  name: string;
  /**
   * What its addresses' local parts begin with. With `-0x`, a wallet's 40 digits, and `-` and ten more for the time, a local part must
   * stay within 64 octets: https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.1
   */
  prefix: string;
  /** `planned`: off until it is named. */
  standing: 'routed by default' | 'planned';
  /** Where its terms of service are. */
  terms: string;
}

/** A service that no address is made for. */
export interface Unsupported {
  name: string;
  /** Why, completing "it is not supported: …". */
  reason: string;
  /** What would change that, likewise without a full stop. */
  change: string;
}

/** By slug, in the order in which they are listed. */
export const catalogue: { readonly [Slug in Service]: Routable } = {
  openrouter: {
    name: 'OpenRouter',
    prefix: 'or',
    standing: 'routed by default',
    terms: 'https://openrouter.ai/terms',
  },
  'brave-search': {
    name: 'Brave Search',
    prefix: 'brave',
    standing: 'planned',
    terms: 'https://api-dashboard.search.brave.com/terms-of-service',
  },
  jina: {
    name: 'Jina',
    prefix: 'jina',
    standing: 'planned',
    terms: 'https://jina.ai/legal/',
  },
  anthropic: {
    name: 'Anthropic',
    prefix: 'anthropic',
    standing: 'planned',
    terms: 'https://www.anthropic.com/legal/commercial-terms',
  },
  groq: {
    name: 'Groq',
    prefix: 'groq',
    standing: 'planned',
    terms: 'https://console.groq.com/docs/legal/services-agreement',
  },
  gemini: {
    name: 'Gemini',
    prefix: 'gemini',
    standing: 'planned',
    terms: 'https://ai.google.dev/gemini-api/terms',
  },
};

/**
 * By slug. The reasons are what the named pages say. That X may ask for a phone number stood on its help page as of 2018:
 * https://help.twitter.com/en/managing-your-account/additional-information-request-at-login
 */
export const unsupported: { readonly [slug: string]: Unsupported } = {
  x: {
    name: 'X',
    reason:
      'its Authenticity policy (April 2025, https://help.x.com/en/rules-and-policies/authenticity) forbids creating or mass-registering accounts that are not genuine, among them automated ones that do not comply with its Developer Policy; its developer guidelines (https://docs.x.com/developer-guidelines) allow its official API, and no automation of a browser; and a sign-up may ask for a phone number, which no mail answers',
    change: "X's permission for accounts that agents sign up for, and a phone number for each where it is asked for",
  },
  instagram: {
    name: 'Instagram',
    reason:
      "its Terms of Use (https://help.instagram.com/581066165581870) forbid creating accounts in an automated way without Meta's express permission",
    change: "Meta's express permission",
  },
};

function slugsOf<Slug extends string>(services: { readonly [slug in Slug]: Routable }): Slug[] {
  const slugs: Slug[] = [];
  for (const slug in services) slugs.push(slug);
  return slugs;
}

/** The slugs of {@link catalogue}, in its order. */
export const services: readonly Service[] = slugsOf(catalogue);

/** Whether mail can be routed for what is called so. */
export function isService(slug: string): slug is Service {
  return Object.hasOwn(catalogue, slug);
}

/**
 * Why no mail can be routed for what is called so.
 *
 * @param verb `be` where the sentence is about the service, `be for` where it is about something of a service's.
 * @returns the rest of a sentence, without its full stop: `must be one of …`, or `can't be x, …` with the reason.
 */
export function whyNot(slug: string, verb: 'be' | 'be for' = 'be'): string {
  const known = Object.hasOwn(unsupported, slug) ? unsupported[slug] : undefined;
  if (known === undefined) return `must ${verb} one of ${services.join(', ')}`;
  return `can't ${verb} ${slug}, which is not supported: ${known.reason}. What would change it: ${known.change}`;
}

/** The services whose mail is routed where these prefixes are in force, in the catalogue's order. */
export function servicesOf(prefixes: readonly string[]): Service[] {
  return services.filter((slug) => prefixes.includes(catalogue[slug].prefix));
}
