/**
 * The commands' flags, made from the table of settings, and the values that came of them.
 */
import { type Command, Option } from 'commander';
import { fileFlags, type SettingKey, settingsTable } from '../../settings/index.js';

/** How AWS is reached, and which account and bucket it is about. */
export const connectionFlags: SettingKey[] = ['bucket', 'region', 'profile', 'account', 'endpointUrl'];
/** What the resources are called. */
export const nameFlags: SettingKey[] = ['functionName', 'roleName', 'ruleName', 'brokerRole', 'brokerInstanceProfile'];
/** Whose mail is read, and how to get at it. */
export const mailboxFlags: SettingKey[] = ['wallet', 'tokenFile'];
/** How a command speaks. */
export const outputFlags: SettingKey[] = ['json', 'quiet', 'debug'];
/** What defines the stack. */
export const stackFlags: SettingKey[] = [
  'mailDomain',
  'prefixes',
  'services',
  'tosReviewed',
  'deleteSource',
  'memory',
  'timeout',
  'reservedConcurrency',
  'logRetentionDays',
  'logLevel',
  'permissionsBoundary',
  'tags',
  'broker',
  'dataRole',
  'removeBroadGrants',
  'keepLegacy',
];

/** Which settings a command takes: a flag of its own may have the name of another setting's, as `inbox wait --timeout`. */
const offered = new WeakMap<Command, SettingKey[]>();

/** Gives a command its flags, from the table of settings. */
export function addSettingFlags(command: Command, keys: SettingKey[], files = true): void {
  offered.set(command, keys);
  for (const key of keys) for (const option of optionsOf(key)) command.addOption(option);
  if (!files) return;
  for (const { flag, valueName, description } of Object.values(fileFlags))
    command.option(`${flag} <${valueName}>`, description);
}

function optionsOf(key: SettingKey): Option[] {
  const { flag, valueName, takes, negatable, environment, description, default: standard } = settingsTable[key];
  const notes = [
    ...(environment.length === 0 ? [] : [environment.join(', ')]),
    ...(takes === 'switch' || takes === 'pairs' || standard === undefined ? [] : [`default ${standard}`]),
  ];
  const text = notes.length === 0 ? description : `${description} [${notes.join('; ')}]`;
  if (takes === 'switch')
    return negatable === true
      ? [new Option(flag, text), new Option(flag.replace('--', '--no-'), `do not ${description}`)]
      : [new Option(flag, text)];
  const option = new Option(`${flag} <${valueName}>`, text);
  return [takes === 'value' ? option : option.argParser((value: string, before: string[] = []) => [...before, value])];
}

/** The flags that were given, by setting: a flag's own default is not one that was given. */
export function givenFlags(command: Command): Record<string, unknown> {
  const values: Record<string, unknown> = command.opts();
  const files = Object.keys(fileFlags).map((key) => ({ key, attribute: key, negate: false }));
  const settings = (offered.get(command) ?? []).flatMap((key) =>
    optionsOf(key).map((option) => ({ key, attribute: option.attributeName(), negate: option.negate })),
  );
  return Object.fromEntries(
    [...files, ...settings].flatMap(({ key, attribute, negate }) => {
      const value = values[attribute];
      // `--broker` and `--no-broker` are two settings' flags, and commander calls both `broker`: the value tells which was given.
      return command.getOptionValueSource(attribute) === 'cli' && negate === (value === false) ? [[key, value]] : [];
    }),
  );
}
