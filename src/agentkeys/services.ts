/**
 * The catalogue of services that agents sign up for: each with the prefix of its addresses and its terms, and those that are not
 * supported, with the reason. It is cheap to import.
 */

/** The slug of a supported service; the command `services` lists them. */
export type Service = 'openrouter' | 'brave-search' | 'jina' | 'anthropic' | 'groq' | 'gemini';

/** A supported service. */
export interface Routable {
  name: string;
  /**
   * The prefix of its addresses' local parts. With `-0x`, a wallet's 40 digits, `-` and ten digits for the time, a local part is at most
   * 64 octets long: https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.1
   */
  prefix: string;
  /** `planned`: off unless turned on. */
  standing: 'routed by default' | 'planned';
  /** The URL of its terms of service. */
  terms: string;
}

/** A service that is not supported. */
export interface Unsupported {
  name: string;
  /** The reason, without a full stop. */
  reason: string;
  /** What its support requires, without a full stop. */
  change: string;
}

/** The supported services by slug, in the order of `services`. */
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
 * The unsupported services by slug, with reasons from the pages they name. X's help page of 2018 says that it may ask for a phone number:
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

/** Whether a slug is that of a supported service. */
export function isService(slug: string): slug is Service {
  return Object.hasOwn(catalogue, slug);
}

/**
 * Why a slug is not that of a supported service.
 *
 * @param verb `be for` if the subject of the sentence is not the service itself.
 * @returns the rest of a sentence, without a full stop: `must be one of …`, or `can't be x, …` with the reason.
 */
export function whyNot(slug: string, verb: 'be' | 'be for' = 'be'): string {
  const known = Object.hasOwn(unsupported, slug) ? unsupported[slug] : undefined;
  if (known === undefined) return `must ${verb} one of ${services.join(', ')}`;
  return `can't ${verb} ${slug}, which is not supported: ${known.reason}. Its support requires ${known.change}`;
}

/** The services whose mail is routed where these prefixes are in force, in the catalogue's order. */
export function servicesOf(prefixes: readonly string[]): Service[] {
  return services.filter((slug) => prefixes.includes(catalogue[slug].prefix));
}
