/**
 * Loads the settings from, in order of precedence, flags, the environment, the --envfile, the settings file, and defaults. All values
 * are validated, and all faults are reported together.
 */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { stackNames } from '../agentkeys/names.js';
import { catalogue } from '../agentkeys/services.js';
import { type ConfigFile, type GivenSettings, inheritedBy, nearest, parseConfigFile } from './config-file.js';
import type { SettingDefinition, SettingKey, SettingValues } from './definition.js';
import { type EnvFile, parseEnvFile } from './env-file.js';
import { fileFlags, settingKeys, settingsTable, variablePrefix } from './table.js';
import { textOf } from './text-file.js';
import { type Parsed, quote } from './validators.js';

export {
  type FlagGroup,
  flagDescription,
  flagGroups,
  type SettingDefinition,
  type SettingKey,
  type SettingValues,
} from './definition.js';
export { allowedWords, stacksIn } from './suggestions.js';
export { fileFlags, formerEnvFileFlag, settingKeys, settingsTable } from './table.js';

/** The source of a setting's value; `default` if none was given. */
export type Source =
  | { kind: 'flag'; name: string }
  | { kind: 'environment'; name: string }
  | { kind: 'env-file' | 'config-file'; name: string; file: string }
  | { kind: 'default' };

/** The effective settings. */
export interface Settings extends SettingValues {
  sources: Record<SettingKey, Source>;
}

/** Invalid settings. Each fault is a sentence that names the flag and the source of the value. */
export class InvalidSettingsError extends Error {
  override readonly name = 'InvalidSettingsError';
  constructor(readonly faults: string[]) {
    super(faults.join('\n'));
  }
}

/** The settings file that is read without --config. */
export const defaultConfigFile = 'agentkeys-ses-routing.json';

/** A source for error messages: `AGENTKEYS_SES_ROUTING_MEMORY in operator.env`. */
export function describeSource(source: Source): string {
  if (source.kind === 'default') return 'the default';
  if (source.kind === 'flag') return 'the command line';
  return 'file' in source ? `${source.name} in ${source.file}` : source.name;
}

/** A value before parsing, and its source. */
interface Given {
  raw: unknown;
  source: Source;
  /** Why the value can't be determined, as a sentence without a full stop. */
  fault?: string | undefined;
}

type Layer = (key: SettingKey, setting: SettingDefinition) => Given | undefined;

/** A layer of environment variables. The first of a setting's variables that is set wins; empty means not set. */
function variables(lookup: (name: string) => string | undefined, source: (name: string) => Source): Layer {
  return (_, { environment }) => {
    const name = environment.find((each) => lookup(each)?.trim());
    return name === undefined ? undefined : { raw: lookup(name), source: source(name) };
  };
}

/** The layer of the --envfile: a variable of a line that can't be understood counts as set, and so does an empty ACCOUNT_ID. */
function envFileLayer({ variables, faults }: EnvFile, file: string): Layer {
  const faultOf = (name: string) =>
    faults.get(name) ??
    (name === 'ACCOUNT_ID' && variables.get(name)?.trim() === '' ? `${file}: ACCOUNT_ID is empty` : undefined);
  return (_, { flag, environment }) => {
    const name = environment.find((each) => faultOf(each) !== undefined || variables.get(each)?.trim());
    if (name === undefined) return undefined;
    const fault = faultOf(name);
    return {
      raw: variables.get(name),
      source: { kind: 'env-file', name, file },
      fault: fault && `${fault}; write the value there, or specify ${flag}`,
    };
  };
}

/** A layer of values by key. */
function keyed(values: ReadonlyMap<string, unknown>, source: (key: SettingKey, flag: string) => Source): Layer {
  return (key, { flag }) => (values.has(key) ? { raw: values.get(key), source: source(key, flag) } : undefined);
}

function isScalar(raw: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof raw);
}

/** A given value as texts, several for a list; undefined for a type that no setting has. */
function textsOf(raw: unknown, takes: SettingDefinition['takes']): string[] | undefined {
  if (takes === 'pairs' && typeof raw === 'object' && raw !== null && !Array.isArray(raw)) {
    const pairs = Object.entries(raw);
    const plain = pairs.every(([key, value]) => isScalar(value) && !key.includes('='));
    return plain ? pairs.map(([key, value]) => `${key}=${value}`) : undefined;
  }
  const given: unknown[] = [raw].flat();
  if (!given.every(isScalar)) return undefined;
  const several = takes === 'list' || takes === 'pairs';
  return several ? given.flatMap((each) => String(each).split(',')).map((each) => each.trim()) : given.map(String);
}

function parse(setting: SettingDefinition, raw: unknown): Parsed<unknown> {
  const texts = textsOf(raw, setting.takes);
  return texts ? setting.parse(texts) : { fault: 'must be a string, a number, a boolean, or a list of these' };
}

/** A setting with its value and where that came from. */
interface Settled {
  key: SettingKey;
  value: unknown;
  source: Source;
}

function faultOf({ flag }: SettingDefinition, fault: string, source: Source): string {
  return `${flag} ${fault} (from ${describeSource(source)})`;
}

/** The layer of one part of the settings file. @param place before the keys, for the messages: `stacks.test.` */
function fileLayer(values: GivenSettings, file: string, place = ''): Layer {
  return keyed(values, (key) => ({ kind: 'config-file', name: `${place}${key}`, file }));
}

/** The layers of the settings file: the stack's own settings, then those of all stacks. */
function fileLayers({ values, stacks }: ConfigFile, file: string, stack: string | undefined): Layer[] {
  const own = stack === undefined ? undefined : stacks?.get(stack);
  if (own === undefined) return [fileLayer(values, file)];
  return [fileLayer(own, file, `stacks.${stack}.`), fileLayer(inheritedBy(own, values), file)];
}

/** A stack that the settings file lacks, though it has others, is a mistake: it would be deployed with the settings of all stacks alone. */
function missingStack({ stacks }: ConfigFile, file: string, { value, source }: Settled): string[] {
  if (typeof value !== 'string' || stacks === undefined || stacks.has(value)) return [];
  const known = [...stacks.keys()].map(quote).join(', ') || 'none';
  return [faultOf(settingsTable.stack, `must be one of the stacks in ${file} (${known}), not ${quote(value)}`, source)];
}

/** The broker's role and its instance profile exclude each other. */
function exclusive(role?: Source, profile?: Source): string[] {
  if (role === undefined || profile === undefined || role.kind === 'default' || profile.kind === 'default') return [];
  const where = `(from ${describeSource(role)}) and --broker-instance-profile (from ${describeSource(profile)})`;
  return [`--broker-role ${where} exclude each other: specify only one`];
}

/** Settings that exclude each other. */
function contradictions({ broker, logRetention, sources }: Settings): string[] {
  const role = sources.brokerRole;
  const profile = sources.brokerInstanceProfile;
  const faults = exclusive(role, profile);
  if (!broker) {
    for (const source of [role, profile]) {
      if (source.kind !== 'flag') continue;
      faults.push(
        `${source.name} has no effect with --no-broker (from ${describeSource(sources.broker)}): specify only one`,
      );
    }
  }
  if (!logRetention && sources.logRetentionDays.kind === 'flag')
    faults.push(
      `${sources.logRetentionDays.name} has no effect with --no-log-retention (from ${describeSource(sources.logRetention)}): specify only one`,
    );
  return faults;
}

/** The names of all settings' variables. */
const knownVariables = settingKeys.flatMap((key) => settingsTable[key].environment);

/** A warning on a variable with this tool's prefix that it does not know. */
function warningOn(name: string): string[] {
  if (!name.startsWith(variablePrefix) || knownVariables.includes(name)) return [];
  return [`${name} is not a variable of this tool; did you mean ${nearest(name, knownVariables)}?`];
}

/**
 * Loads and validates the settings.
 *
 * @param flags the values given on the command line, by the setting's key (or `config` and `envFile`); undefined means not given. A
 *   switch is a boolean, a repeated flag a list.
 * @param env the environment; an empty variable counts as unset.
 * @param cwd the directory of the settings file, and the base of relative paths.
 * @returns the settings, and warnings: sentences on what was given without effect.
 * @throws {InvalidSettingsError} with all faults.
 */
export async function loadSettings(
  flags: Record<string, unknown>,
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<{ settings: Settings; warnings: string[] }> {
  const faults: string[] = [];
  const read = async (flag: string, path: string, given: boolean): Promise<string | undefined> => {
    const bytes = await readFile(resolve(cwd, path)).catch(({ code }: NodeJS.ErrnoException) => {
      if (given || code !== 'ENOENT') faults.push(`${flag} ${quote(path)} can't be read (${code})`);
    });
    const content = bytes && textOf(bytes);
    if (content !== undefined && 'fault' in content) faults.push(`${path} ${content.fault}`);
    return content !== undefined && 'text' in content ? content.text : undefined;
  };
  const envPath = String(flags.envFile ?? '');
  const envText = flags.envFile === undefined ? '' : await read(fileFlags.envFile.flag, envPath, true);
  const envFile = parseEnvFile(envText ?? '', envPath, env);
  const configPath = String(flags.config ?? defaultConfigFile);
  const configText = await read(fileFlags.config.flag, configPath, flags.config !== undefined);
  const config = parseConfigFile(configText ?? '{}', configPath);
  faults.push(...config.faults);

  // https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
  const ignored = env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS?.toLowerCase() === 'true' ? 'AWS_ENDPOINT_URL' : undefined;
  const given: Layer[] = [
    keyed(new Map(Object.entries(flags).filter(([, raw]) => raw !== undefined)), (_, name) => ({ kind: 'flag', name })),
    variables(
      (name) => (name === ignored ? undefined : env[name]),
      (name) => ({ kind: 'environment', name }),
    ),
    envFileLayer(envFile, envPath),
  ];
  const settle = (key: SettingKey, layers: Layer[], standard: unknown): Settled => {
    const setting: SettingDefinition = settingsTable[key];
    const found = layers.map((layer) => layer(key, setting)).find((each) => each !== undefined);
    if (found === undefined) return { key, value: standard, source: { kind: 'default' } };
    const { raw, source, fault } = found;
    const parsed = fault === undefined ? parse(setting, raw) : { fault };
    if ('value' in parsed) return { key, value: parsed.value, source };
    faults.push(fault ?? faultOf(setting, parsed.fault, source));
    return { key, value: standard, source };
  };
  const chosen = settle('stack', given, undefined);
  const stack = typeof chosen.value === 'string' ? chosen.value : undefined;
  faults.push(...missingStack(config, configPath, chosen));
  // Other stacks' settings are not used, but the file is either right or wrong.
  for (const [name, own] of config.stacks ?? []) {
    if (name === stack) continue;
    const layer = fileLayer(own, configPath, `stacks.${name}.`);
    const sources = new Map([...own.keys()].map((key) => [key, settle(key, [layer], undefined).source]));
    faults.push(...exclusive(sources.get('brokerRole'), sources.get('brokerInstanceProfile')));
  }
  const layers = [...given, ...fileLayers(config, configPath, stack)];
  const defaults = new Map<string, unknown>(Object.entries(stackNames(stack)));
  const settled = settingKeys.map((key) =>
    key === 'stack' ? chosen : settle(key, layers, defaults.get(key) ?? settingsTable[key].default),
  );
  // Object.fromEntries loses the keys' types; the type of the table guarantees that each has a value of its type.
  const values: SettingValues = Object.fromEntries(settled.map(({ key, value }): unknown[] => [key, value]));
  const sources: Settings['sources'] = Object.fromEntries(settled.map(({ key, source }): unknown[] => [key, source]));
  // Services add to the prefixes: --service never turns off another one.
  const added = (values.services ?? []).map((slug) => catalogue[slug].prefix);
  const prefixes = [...new Set([...values.prefixes, ...added])];
  const settings = { ...values, prefixes, sources };
  faults.push(...contradictions(settings));
  if (faults.length > 0) throw new InvalidSettingsError(faults);
  const seen = [...Object.keys(env), ...envFile.variables.keys()];
  return { settings, warnings: [...new Set(seen)].flatMap(warningOn) };
}
