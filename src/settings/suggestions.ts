/**
 * The values of settings that the shell can complete.
 */
import { readFile } from 'node:fs/promises';
import type { Json } from '../schema/schema.js';
import { parseConfigFile } from './config-file.js';
import type { SettingDefinition } from './definition.js';
import { settingKeys, settingsTable } from './table.js';

function wordsOf(schema: unknown): string[] {
  const { enum: words = [] } = Object(schema) as { enum?: unknown[] };
  return words.map(String);
}

/**
 * The words that the schema of a flag's value allows; none if it is not a list of words.
 *
 * @param flag `--runtime`
 */
export function allowedWords(flag: string): { words: string[]; takes: SettingDefinition['takes'] } {
  const key = settingKeys.find((each) => settingsTable[each].flag === flag);
  if (key === undefined) return { words: [], takes: 'value' };
  const { takes, parse } = settingsTable[key];
  const schema: Json = parse.schema;
  const keys = wordsOf(schema.propertyNames).map((word) => `${word}=`);
  return { words: [...new Set([...wordsOf(schema), ...wordsOf(schema.items), ...keys])], takes };
}

/** The names of the stacks in a settings file; none if it can't be read. */
export async function stacksIn(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch(() => '{}');
  return [...(parseConfigFile(text, path).stacks ?? new Map()).keys()];
}
