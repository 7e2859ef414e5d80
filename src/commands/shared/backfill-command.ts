/**
 * The `backfill` command line that routes mail as the current settings do.
 */
import { inShell, ownCommand } from '../../aws/own-command.js';
import { defaultConfigFile, fileFlags, type SettingKey, settingsTable } from '../../settings/index.js';
import type { Scope } from '../../stack/scope.js';

/** The settings that decide which mail is routed where, in the order of the flags. */
const routing = [
  'stack',
  'bucket',
  'region',
  'account',
  'prefixes',
  'services',
  'mailDomain',
  'profile',
  'endpointUrl',
] as const;

/**
 * Repeats what the operator gave: files by their names; flags and environment variables as flags, so that the command means the same in
 * another shell. The account is always named.
 *
 * @param more further flags with their values, as `{ '--since': '2026-01-31T12:00:00Z' }`; those without a value are omitted.
 */
export function backfillCommand(
  { identity, settings }: Pick<Scope, 'identity' | 'settings'>,
  more: Record<string, string | undefined> = {},
): string {
  const { sources, deleteSource } = settings;
  const isGiven = (key: SettingKey) => ['flag', 'environment'].includes(sources[key].kind);
  const given = Object.fromEntries(
    // A list as the flag takes it: with commas.
    routing.map((key) => [settingsTable[key].flag, isGiven(key) ? String(settings[key]) : undefined]),
  );
  const fileOf = (kind: 'env-file' | 'config-file') =>
    [...routing, 'deleteSource' as const]
      .map((key) => sources[key])
      .flatMap((source) => (source.kind === kind ? [source.file] : []))[0];
  const config = fileOf('config-file');
  const flags = {
    [fileFlags.envFile.flag]: fileOf('env-file'),
    [fileFlags.config.flag]: config === defaultConfigFile ? undefined : config,
    ...given,
    ...(sources.account.kind === 'default' ? { [settingsTable.account.flag]: identity.account } : {}),
    ...more,
  };
  const words = Object.entries(flags).flatMap(([flag, text]) =>
    text === undefined ? [] : [`${flag} ${inShell(text)}`],
  );
  const deletes = isGiven('deleteSource') ? [deleteSource ? '--delete-source' : '--no-delete-source'] : [];
  return ownCommand(['backfill', ...words, ...deletes].join(' '));
}
