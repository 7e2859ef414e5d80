/**
 * The settings file, agentkeys-ses-routing.json: a JSON object with the settings of the stack's configuration by key, and under `stacks`
 * those of each named stack, which take precedence over the others.
 */
import type { SettingKey } from './definition.js';
import { settingKeys, settingsTable } from './table.js';
import { quote, stackName } from './validators.js';

/** A JSON token (RFC 8259) after optional white space: a scalar or a structural character. */
const TOKEN =
  /[ \t\n\r]*(?:(?<scalar>"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)|(?<sign>[{}[\],:]))/uy;

/**
 * The offset of the first syntax error. JSON.parse reports it only in some versions of Node.js, and not for all errors.
 */
function syntaxErrorAt(text: string): number {
  let at = 0;
  const next = (...expected: string[]) => {
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(text)?.groups;
    const kind = groups?.sign ?? (groups?.scalar?.startsWith('"') ? 'string' : groups && 'scalar');
    if (kind === undefined || !expected.includes(kind)) return undefined;
    at = TOKEN.lastIndex;
    return kind;
  };
  const series = (close: string, item: () => boolean): boolean => {
    if (next(close)) return true;
    do if (!item()) return false;
    while (next(','));
    return next(close) !== undefined;
  };
  const value = (): boolean => {
    const kind = next('string', 'scalar', '{', '[');
    if (kind === '[') return series(']', value);
    if (kind === '{') return series('}', () => Boolean(next('string') && next(':')) && value());
    return kind !== undefined;
  };
  value();
  return text.length - text.slice(at).replace(/^[ \t\n\r]+/, '').length;
}

/** The Levenshtein distance of two words. */
function distance(a: string, b: string): number {
  let row = [...b, ''].map((_, index) => index);
  for (const [i, character] of [...a].entries()) {
    const above = row;
    row = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const changed = Number(above[j]) + Number(character !== other);
      row.push(Math.min(Number(row[j]) + 1, Number(above[j + 1]) + 1, changed));
    }
  }
  return Number(row.at(-1));
}

/** The keys of the settings file. */
export const configFileKeys: readonly SettingKey[] = settingKeys.filter((key) => settingsTable[key].definesState);

/** The word that is most like another. @param words at least one */
export function nearest(key: string, words: readonly string[]): string {
  const ranked = words.map((known) => ({ known, far: distance(key.toLowerCase(), known.toLowerCase()) }));
  return ranked.reduce((best, each) => (each.far < best.far ? each : best)).known;
}

/** Settings by key, as given. */
export type GivenSettings = ReadonlyMap<SettingKey, unknown>;

/** The settings file. */
export interface ConfigFile {
  /** The settings of all stacks. */
  values: GivenSettings;
  /** Each stack's own settings, by its name; absent if the file has no `stacks`. */
  stacks?: ReadonlyMap<string, GivenSettings>;
  /** What is wrong with it; values are validated later. */
  faults: string[];
}

/**
 * Parses the text of the settings file. `$schema` is ignored.
 *
 * @param name the path as given, for the messages.
 */
export function parseConfigFile(text: string, name: string): ConfigFile {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    const lines = text.slice(0, syntaxErrorAt(text)).split('\n');
    const place = `line ${lines.length}, column ${String(lines.at(-1)).length + 1}`;
    return { values: new Map(), faults: [`${name} is not valid JSON: syntax error at ${place}`] };
  }
  if (!isObject(content)) return { values: new Map(), faults: [`${name} must contain a JSON object`] };
  const { $schema, stacks: given, ...common } = content;
  const { values, faults } = readSettings(common, name);
  if (given === undefined) return { values, faults };
  if (!isObject(given)) return { values, faults: [...faults, `${name}: "stacks" must be an object`] };
  const stacks = new Map<string, GivenSettings>();
  for (const [stack, own] of Object.entries(given)) {
    const place = `${name}: stack ${quote(stack)}`;
    const parsed = stackName([stack]);
    if ('fault' in parsed) faults.push(`${name}: a key of "stacks" ${parsed.fault}`);
    if (!isObject(own)) {
      faults.push(`${place} must be an object`);
      continue;
    }
    const read = readSettings(own, place);
    faults.push(...read.faults);
    stacks.set(stack, read.values);
  }
  return { values, stacks, faults };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @param place where they are, for the messages. */
function readSettings(content: object, place: string): { values: GivenSettings; faults: string[] } {
  const values = new Map<SettingKey, unknown>();
  const faults: string[] = [];
  for (const [key, value] of Object.entries(content)) {
    const setting = settingKeys.find((known) => known === key);
    if (setting !== undefined && settingsTable[setting].definesState) values.set(setting, value);
    else if (setting !== undefined)
      faults.push(`${place}: ${quote(key)} can't be set in the settings file: use ${settingsTable[setting].flag}`);
    else faults.push(`${place}: unknown setting ${quote(key)}; did you mean ${quote(nearest(key, configFileKeys))}?`);
  }
  return { values, faults };
}

/** Settings of which only one can be given: a stack's own one replaces the other one of all stacks. */
const alternatives: ReadonlyArray<readonly [SettingKey, SettingKey]> = [['brokerRole', 'brokerInstanceProfile']];

/** The settings of all stacks that one stack's own settings leave in force. */
export function inheritedBy(own: GivenSettings, common: GivenSettings): GivenSettings {
  const replaced = alternatives.flatMap((pair) => (pair.some((key) => own.has(key)) ? pair : []));
  return new Map([...common].filter(([key]) => !own.has(key) && !replaced.some((one) => one === key)));
}
