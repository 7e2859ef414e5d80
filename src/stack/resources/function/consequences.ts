/**
 * What an update of the function takes away or opens, so that the operator confirms it. Pure.
 */
import type { Settings } from '../../../settings/index.js';
import type { Names } from '../../scope.js';
import type { ExistingFunction } from './state.js';

type Planned = { names: Names; settings: Settings };

/** What is no longer routed, and what others set that is removed; undefined if nothing. */
export function losses(
  existing: ExistingFunction,
  foreign: { variables: string[]; logging: string[] },
  scope: Planned,
) {
  const { variables, logging } = foreign;
  return joined([
    ...stopsRouting(existing, scope),
    // By name only: the values may be secrets of another tool.
    ...(variables.length === 0 ? [] : [`remove the environment variables ${variables.join(', ')}`]),
    ...(logging.length === 0 ? [] : [`reset the function's ${logging.join(', ')}`]),
  ]);
}

function stopsRouting({ configuration }: ExistingFunction, { names, settings }: Planned): string[] {
  const { PREFIXES = '', MAIL_DOMAIN = '', BUCKET = names.bucket } = { ...configuration.Environment?.Variables };
  // The move as a whole is confirmed, see the stack.
  if (BUCKET !== names.bucket) return [];
  const dropped = PREFIXES.split(',').filter((prefix) => prefix !== '' && !settings.prefixes.includes(prefix));
  const stops = dropped.map((prefix) => `mail to ${prefix}-0x…`);
  const domain = settings.mailDomain ?? '';
  if (domain !== '' && domain !== MAIL_DOMAIN && PREFIXES !== '')
    stops.push(MAIL_DOMAIN === '' ? `mail to any domain but ${domain}` : `mail to ${MAIL_DOMAIN}`);
  return stops.length === 0 ? [] : [`stop routing ${stops.join(', and ')}`];
}

/** Whose mail is routed, or what is deleted, beyond what was; undefined if nothing. Prefixes are always named by the operator. */
export function widenings({ configuration }: ExistingFunction, { settings }: Planned): string | undefined {
  const { MAIL_DOMAIN = '', DELETE_SOURCE = 'true' } = { ...configuration.Environment?.Variables };
  return joined([
    ...(MAIL_DOMAIN !== '' && settings.mailDomain === undefined
      ? [`route mail to any domain, no longer to ${MAIL_DOMAIN} only (--mail-domain, MAIL_DOMAIN)`]
      : []),
    ...(DELETE_SOURCE === 'false' && settings.deleteSource
      ? ['delete messages from inbound/ once they are routed']
      : []),
  ]);
}

function joined(parts: string[]): string | undefined {
  return parts.length === 0 ? undefined : parts.join('; ');
}
