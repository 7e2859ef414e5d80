/**
 * The settings file, agentkeys-ses-routing.json: a JSON object with the settings of the stack's configuration by key.
 */
import type { SettingKey } from './definition.js';
import { settingKeys, settingsTable } from './table.js';
import { quote } from './validators.js';

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

function nearest(key: string): string {
  const ranked = configFileKeys.map((known) => ({ known, far: distance(key.toLowerCase(), known.toLowerCase()) }));
  return ranked.reduce((best, each) => (each.far < best.far ? each : best)).known;
}

/**
 * Parses the text of the settings file.
 *
 * @param name the path as given, for the messages.
 * @returns the values of its known keys, not yet validated, and a fault for each other problem. `$schema` is ignored.
 */
export function parseConfigFile(text: string, name: string): { values: Map<string, unknown>; faults: string[] } {
  const values = new Map<string, unknown>();
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    const lines = text.slice(0, syntaxErrorAt(text)).split('\n');
    const place = `line ${lines.length}, column ${String(lines.at(-1)).length + 1}`;
    return { values, faults: [`${name} is not valid JSON: syntax error at ${place}`] };
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    return { values, faults: [`${name} must contain a JSON object`] };
  }
  const faults: string[] = [];
  for (const [key, value] of Object.entries(content)) {
    if (key === '$schema') continue;
    const setting = Object.entries(settingsTable).find(([known]) => known === key)?.[1];
    if (setting?.definesState) values.set(key, value);
    else if (setting) faults.push(`${name}: ${quote(key)} can't be set in the settings file: use ${setting.flag}`);
    else faults.push(`${name}: unknown setting ${quote(key)}; did you mean ${quote(nearest(key))}?`);
  }
  return { values, faults };
}
