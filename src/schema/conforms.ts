/**
 * Whether a value from outside has the form of a schema: what the builders in {@link ./schema.js} write, without `$ref` and `oneOf`.
 */
import type { Json, Schema } from './schema.js';

/** Narrows a value to a schema's type. */
export function conforms<T>(value: unknown, { json }: Schema<T>): value is T {
  return fits(value, json);
}

function fits(value: unknown, schema: Json): boolean {
  if ('const' in schema) return value === schema.const;
  if (schema.type === 'array') return Array.isArray(value) && value.every((item) => fits(item, part(schema.items)));
  if (schema.type !== 'object') return typeof value === schema.type;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const {
    properties = {},
    required = [],
    additionalProperties,
  } = schema as {
    properties?: Record<string, Json>;
    required?: string[];
    additionalProperties: Json | false;
  };
  return (
    required.every((name) => Object.hasOwn(value, name)) &&
    Object.entries(value).every(([name, inner]) => {
      const known = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
      return known !== false && fits(inner, part(known));
    })
  );
}

function part(schema: unknown): Json {
  return schema as Json;
}
