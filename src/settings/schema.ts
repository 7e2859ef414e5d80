/**
 * The JSON Schema of the settings file, from the table of settings.
 */
import type { Json, Schema } from '../schema/schema.js';
import { configFileKeys } from './config-file.js';
import type { SettingDefinition, SettingKey } from './definition.js';
import { settingsTable } from './table.js';

function property(key: SettingKey): Json {
  const { description, takes, default: standard, parse }: SettingDefinition = settingsTable[key];
  // The description of a switch that is on by default is that of its --no-… flag.
  const text = takes === 'switch' && standard === true ? `If false: ${lowerFirst(description)}` : description;
  return { description: `${text}.`, ...parse.schema, ...(standard === undefined ? {} : { default: standard }) };
}

function lowerFirst(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}

/** The settings file: an object with settings by their keys in the table. */
export const settingsSchema: Schema<unknown> = {
  json: {
    description: 'The settings that define a stack. Flags and environment variables take precedence.',
    type: 'object',
    properties: {
      $schema: { description: 'This schema, for editors.', type: 'string' },
      ...Object.fromEntries(configFileKeys.map((key) => [key, property(key)])),
    },
    additionalProperties: false,
    // --broker-role and --broker-instance-profile exclude each other.
    not: { required: ['brokerRole', 'brokerInstanceProfile'] },
  },
  definitions: {},
};
