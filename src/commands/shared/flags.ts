/**
 * The commands' flags, generated from the table of settings, and the values given for them.
 */
import { type Command, Option } from 'commander';
import {
  type FlagGroup,
  fileFlags,
  flagDescription,
  formerEnvFileFlag,
  type SettingDefinition,
  type SettingKey,
  settingsTable,
} from '../../settings/index.js';
import { settingFlags } from './definition.js';

/** The stack, the AWS connection, the account and the bucket. */
export const connectionFlags: SettingKey[] = ['stack', 'bucket', 'region', 'profile', 'account', 'endpointUrl'];
/** Names of resources. */
export const nameFlags: SettingKey[] = ['functionName', 'roleName', 'ruleName', 'brokerRole', 'brokerInstanceProfile'];
/** The wallet whose mail is read, and its token. */
export const mailboxFlags: SettingKey[] = ['wallet', 'tokenFile'];
/** The agents' vault, besides the wallet and its token. */
export const vaultFlags: SettingKey[] = ['vaultBucket', 'vaultRole', 'signerUrl'];
/** Output. */
export const outputFlags: SettingKey[] = ['json', 'quiet', 'color', 'debug'];
/** Configuration of the stack. */
export const stackFlags: SettingKey[] = [
  'mailDomain',
  'prefixes',
  'services',
  'tosReviewed',
  'deleteSource',
  'retryQueue',
  'alarmTopic',
  'runtime',
  'architecture',
  'memory',
  'timeout',
  'reservedConcurrency',
  'logRetentionDays',
  'logRetention',
  'logLevel',
  'permissionsBoundary',
  'tags',
  'broker',
  'brokerReadsInbound',
  'dataRole',
  'oidcProvider',
  'trustedPrincipals',
  'removeBroadGrants',
  'keepLegacy',
  'vault',
];

/** The settings that a command has flags for. Its own flags may share a name with another setting, as `inbox wait --timeout` does. */
const commandSettings = new WeakMap<Command, SettingKey[]>();

/** A flag under a heading of the help. A command's own flags are made with it too: each has a heading. */
export function flag(group: FlagGroup, flags: string, description: string): Option {
  return new Option(flags, description).helpGroup(`${group}:`);
}

/** Adds flags for settings to a command. @param files whether to add --config and --envfile. */
export function addSettingFlags(command: Command, keys: SettingKey[], files = true): void {
  commandSettings.set(command, keys);
  const add = (option: Option) => {
    settingFlags.add(option);
    command.addOption(option);
  };
  for (const key of keys)
    for (const option of optionsOf(key)) add(settingsTable[key].takes === 'value' ? once(option, command) : option);
  if (!files) return;
  for (const { flag: long, short, valueName, description } of Object.values(fileFlags)) {
    const flags = `${short === undefined ? '' : `${short}, `}${long} <${valueName}>`;
    add(once(flag('Common', flags, description), command));
  }
  const former = new Option(`${formerEnvFileFlag} <path>`).hideHelp().conflicts(attributeOf(fileFlags.envFile.flag));
  command.addOption(once(former, command));
}

function optionsOf(key: SettingKey): Option[] {
  const setting: SettingDefinition = settingsTable[key];
  const { flag: long, group, short, valueName, takes, negatable, environment, description } = setting;
  const standard = setting.default;
  const fixed = takes === 'switch' || takes === 'pairs' ? undefined : standard;
  const text = [
    flagDescription(setting),
    ...(fixed === undefined || String(fixed) === '' ? [] : [`(default: ${fixed})`]),
    ...(environment.length === 0 ? [] : [`[${environment.join(', ')}]`]),
  ].join(' ');
  if (takes === 'switch')
    return negatable === true
      ? [
          flag(group, long, text),
          flag(
            group,
            long.replace('--', '--no-'),
            `Do not ${description.charAt(0).toLowerCase()}${description.slice(1)}`,
          ),
        ]
      : [flag(group, short === undefined ? long : `${short}, ${long}`, text)];
  const option = flag(group, `${long} <${valueName}>`, text);
  return [takes === 'value' ? option : option.argParser((value: string, before: string[] = []) => [...before, value])];
}

/** Refuses a second value that differs from the first: one of them would have no effect. Values are not repeated; one may be a secret. */
export function once(option: Option, command: Command, parse = (value: string) => value): Option {
  return option.argParser((given: string, before?: string) => {
    const value = parse(given);
    if (before !== undefined && before !== value)
      command.error(`error: option '${option.flags}' is given twice, with different values`);
    return value;
  });
}

/** Under which name commander keeps a flag's value. */
function attributeOf(flag: string): string {
  return new Option(flag).attributeName();
}

/** The values given on the command line, by setting; defaults are not included. */
export function givenFlags(command: Command): Record<string, unknown> {
  const values: Record<string, unknown> = command.opts();
  const files = [
    ...Object.entries(fileFlags).map(([key, { flag }]) => ({ key, attribute: attributeOf(flag), negate: false })),
    { key: 'envFile', attribute: attributeOf(formerEnvFileFlag), negate: false },
  ];
  const settings = (commandSettings.get(command) ?? []).flatMap((key) =>
    optionsOf(key).map((option) => ({ key, attribute: option.attributeName(), negate: option.negate })),
  );
  return Object.fromEntries(
    [...files, ...settings].flatMap(({ key, attribute, negate }) => {
      const value = values[attribute];
      // Commander stores --broker and --no-broker, which belong to two settings, as `broker`: the value shows which one was given.
      return command.getOptionValueSource(attribute) === 'cli' && negate === (value === false) ? [[key, value]] : [];
    }),
  );
}
