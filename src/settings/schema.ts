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

/** An object with settings by their keys in the table, and no others. */
function settings(description: string, properties: Json): Json {
  return {
    description,
    type: 'object',
    properties,
    additionalProperties: false,
    // --broker-role and --broker-instance-profile exclude each other.
    not: { required: ['brokerRole', 'brokerInstanceProfile'] },
  };
}

const properties = Object.fromEntries(configFileKeys.map((key) => [key, property(key)]));

/** The properties of a named stack's settings are those of the file. */
const references = Object.fromEntries(configFileKeys.map((key) => [key, { $ref: `#/properties/${key}` }]));

/** The settings file: an object with settings by their keys in the table, and with those of each named stack. */
export const settingsSchema: Schema<unknown> = {
  json: settings('The settings that define a stack. Flags and environment variables take precedence.', {
    $schema: { description: 'This schema, for editors.', type: 'string' },
    ...properties,
    stacks: {
      description: "Each named stack's settings, by its name (see --stack). They take precedence over the others here.",
      type: 'object',
      propertyNames: settingsTable.stack.parse.schema,
      additionalProperties: settings("A stack's settings.", references),
    },
  }),
  definitions: {},
};
