/**
 * The settings file, agentkeys-ses-routing.json: a JSON object whose keys are those of the settings that define the state.
 */
import { settingKeys, settingsTable } from './table.js';
import { quote } from './validators.js';

/** A token of JSON (RFC 8259) with the white space before it: a scalar, or one of the signs. */
const TOKEN =
  /[ \t\n\r]*(?:(?<scalar>"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)|(?<sign>[{}[\],:]))/uy;

/**
 * Where a text that is not JSON stops being it, as an offset. JSON.parse says so in some versions of Node and for some faults only.
 */
function stopsAt(text: string): number {
  let at = 0;
  const next = (...wanted: string[]) => {
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(text)?.groups;
    const kind = groups?.sign ?? (groups?.scalar?.startsWith('"') ? 'string' : groups && 'scalar');
    if (kind === undefined || !wanted.includes(kind)) return undefined;
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

/** How many characters have to be put in, taken out or changed to make one word of another (Levenshtein). */
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

const KNOWN: readonly string[] = settingKeys.filter((key) => settingsTable[key].definesState);

function nearest(key: string): string {
  const ranked = KNOWN.map((known) => ({ known, far: distance(key.toLowerCase(), known.toLowerCase()) }));
  return ranked.reduce((best, each) => (each.far < best.far ? each : best)).known;
}

/**
 * Reads the settings file's text.
 * @param name the file as the operator named it.
 * @returns the values of its known keys, as JSON has them, and a fault for everything else.
 */
export function parseConfigFile(text: string, name: string): { values: Map<string, unknown>; faults: string[] } {
  const values = new Map<string, unknown>();
  let content: unknown;
  const json = text.replace(/^\uFEFF/, '');
  try {
    content = JSON.parse(json);
  } catch {
    const lines = json.slice(0, stopsAt(json)).split('\n');
    const place = `line ${lines.length}, column ${String(lines.at(-1)).length + 1}`;
    return { values, faults: [`${name} is not JSON: it stops making sense at ${place}`] };
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    return { values, faults: [`${name} must hold a JSON object of settings`] };
  }
  const faults: string[] = [];
  for (const [key, value] of Object.entries(content)) {
    const setting = Object.entries(settingsTable).find(([known]) => known === key)?.[1];
    if (setting?.definesState) values.set(key, value);
    else if (setting) faults.push(`${name}: ${quote(key)} can't be set there, only with ${setting.flag}`);
    else faults.push(`${name}: no setting is named ${quote(key)}; the nearest is ${quote(nearest(key))}`);
  }
  return { values, faults };
}
