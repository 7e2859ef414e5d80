/** `services`: lists the services of the catalogue, and which of them the settings turn on. Makes no AWS calls. */

import { catalogue, servicesOf, services as slugs, unsupported } from '../../agentkeys/services.js';
import type { Settings } from '../../settings/index.js';
import type { Host } from '../../terminal/host.js';
import { wrap } from '../../terminal/text.js';
import type { ServicesDocument } from './schema.js';

const slugWidth = 14;
const prefixWidth = 11;

export async function services(settings: Settings, host: Host): Promise<number> {
  if (settings.json) host.print(JSON.stringify(asJson(settings), null, 2));
  else for (const line of table(settings, host.width)) host.print(line);
  return 0;
}

/** The lines, wrapped at `width` columns. */
function table({ prefixes, tosReviewed }: Settings, width: number): string[] {
  const on = servicesOf(prefixes);
  const under = ' '.repeat(slugWidth);
  const row = (slug: string, prefix: string, state: string) =>
    `${slug.padEnd(slugWidth)}${prefix.padEnd(prefixWidth)}${state}`;
  return [
    row('service', 'prefix', 'state'),
    ...slugs.flatMap((slug) => {
      const { prefix, standing, terms } = catalogue[slug];
      const day = tosReviewed[slug];
      return [
        row(slug, prefix, `${on.includes(slug) ? 'on' : 'off'}, ${standing}`),
        ...wrap(`terms: ${terms}${day === undefined ? '' : `, reviewed on ${day}`}`, width, under),
      ];
    }),
    ...Object.entries(unsupported).flatMap(([slug, { reason, change }]) => [
      row(slug, '-', 'not supported'),
      ...wrap(`reason: ${reason}`, width, under),
      ...wrap(`requires: ${change}`, width, under),
    ]),
  ];
}

function asJson({ prefixes, tosReviewed }: Settings): ServicesDocument {
  const on = servicesOf(prefixes);
  return {
    version: 1,
    services: [
      ...slugs.map((slug) => ({
        slug,
        ...catalogue[slug],
        on: on.includes(slug),
        termsReviewed: tosReviewed[slug] ?? null,
      })),
      ...Object.entries(unsupported).map(([slug, { name, reason, change }]) => ({
        slug,
        name,
        standing: 'not supported' as const,
        reason,
        change,
      })),
    ],
  };
}
