/**
 * The `backfill` command line that routes mail as the current settings do, independent of environment variables and settings files.
 */
import { ownCommand } from '../../aws/own-command.js';
import type { Scope } from '../../stack/scope.js';

/** @param more further flags with their values, as `{ '--since': '2026-01-31T12:00:00Z' }`; those without a value are omitted. */
export function backfillCommand(
  { identity, names, settings }: Pick<Scope, 'identity' | 'names' | 'settings'>,
  more: Record<string, string | undefined> = {},
): string {
  const { stack, mailDomain, prefixes, deleteSource, profile, endpointUrl } = settings;
  const flags = {
    '--stack': stack,
    '--bucket': names.bucket,
    '--region': identity.region,
    '--account': identity.account,
    '--prefix': prefixes.join(','),
    '--mail-domain': mailDomain,
    '--profile': profile,
    '--endpoint-url': endpointUrl,
    ...more,
  };
  const words = Object.entries(flags).flatMap(([flag, value]) =>
    value === undefined ? [] : [`${flag} ${inShell(value)}`],
  );
  return ownCommand(['backfill', ...words, ...(deleteSource ? ['--delete-source'] : [])].join(' '));
}

/** Quotes a word for a POSIX shell. https://pubs.opengroup.org/onlinepubs/9699919799/utilities/V3_chap02.html#tag_18_02_02 */
function inShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
