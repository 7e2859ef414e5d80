/**
 * JSON Schemas (draft 2020-12), built together with the TypeScript types of what they describe: where a document is made, the compiler
 * checks it against its schema. https://json-schema.org/draft/2020-12/json-schema-validation
 */

/** A schema as JSON, or a part of one. */
export type Json = { readonly [keyword: string]: unknown };

/** A schema for values of the type `T`. */
export interface Schema<T> {
  readonly json: Json;
  /** The schemas that `$ref`s in it name. */
  readonly definitions: Json;
  /** Never set: it holds the type. */
  readonly type?: T;
}

/** A field that may be absent. */
export type Optional<T> = Schema<T> & { readonly optional: true };

/** The type that a schema describes. */
export type TypeOf<S> = S extends Schema<infer T> ? T : never;

type Fields = { readonly [name: string]: Schema<unknown> };

type OptionalKeys<F> = { [K in keyof F]: F[K] extends { readonly optional: true } ? K : never }[keyof F];

type ObjectOf<F> = { [K in Exclude<keyof F, OptionalKeys<F>>]: TypeOf<F[K]> } & {
  [K in OptionalKeys<F>]?: TypeOf<F[K]> | undefined;
};

function schema<T>(json: Json, parts: readonly Schema<unknown>[] = []): Schema<T> {
  return { json, definitions: Object.assign({}, ...parts.map(({ definitions }) => definitions)) };
}

export function text(description: string): Schema<string> {
  return schema({ description, type: 'string' });
}

/** A time in ISO 8601, UTC. */
export function time(description: string): Schema<string> {
  return schema({ description, type: 'string', format: 'date-time' });
}

/** A whole number, 0 or more. */
export function wholeNumber(description: string): Schema<number> {
  return schema({ description, type: 'integer', minimum: 0 });
}

export function trueOrFalse(description: string): Schema<boolean> {
  return schema({ description, type: 'boolean' });
}

export function constant<const Value extends string | number | boolean>(
  value: Value,
  description: string,
): Schema<Value> {
  return schema({ description, const: value });
}

/** One of several texts. */
export function oneOfTexts<const Value extends string>(values: readonly Value[], description: string): Schema<Value> {
  return schema({ description, enum: values });
}

export function list<Item>(items: Schema<Item>, description: string): Schema<Item[]> {
  return schema({ description, type: 'array', items: items.json }, [items]);
}

/** An object with these fields and no others. */
export function object<F extends Fields>(fields: F, description: string): Schema<ObjectOf<F>> {
  const entries = Object.entries(fields);
  return schema(
    {
      description,
      type: 'object',
      properties: Object.fromEntries(entries.map(([name, { json }]) => [name, json])),
      required: entries.flatMap(([name, field]) => ('optional' in field ? [] : [name])),
      additionalProperties: false,
    },
    Object.values(fields),
  );
}

/** Marks a field that may be absent. */
export function optional<T>(field: Schema<T>): Optional<T> {
  return { ...field, optional: true };
}

/** An object with values of one kind under any names. */
export function mapOf<Value>(values: Schema<Value>, description: string): Schema<Record<string, Value>> {
  return schema({ description, type: 'object', additionalProperties: values.json }, [values]);
}

/** An object that someone else defines. */
export function anyObject(description: string): Schema<object> {
  return schema({ description, type: 'object' });
}

/** One of several schemas, of which a value matches exactly one. */
export function either<const S extends readonly Schema<unknown>[]>(
  schemas: S,
  description: string,
): Schema<TypeOf<S[number]>> {
  return schema({ description, oneOf: schemas.map(({ json }) => json) }, schemas);
}

/** A value, or null. */
export function orNull<T>(value: Schema<T>, description: string): Schema<T | null> {
  return schema({ description, oneOf: [value.json, { type: 'null' }] }, [value]);
}

/**
 * A schema that others refer to by name, among them itself.
 *
 * @param of given a reference to it, makes it.
 */
export function named<T>(name: string, of: (self: Schema<T>) => Schema<T>): Schema<T> {
  const self: Schema<T> = { json: { $ref: `#/$defs/${name}` }, definitions: {} };
  const { json, definitions } = of(self);
  return { json: self.json, definitions: { ...definitions, [name]: json } };
}

/**
 * A schema as a file.
 *
 * @param name the file's name, without `.schema.json`; its relative `$id`.
 */
export function schemaFile(name: string, title: string, { json, definitions }: Schema<unknown>): Json {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `${name}.schema.json`,
    title,
    ...json,
    ...(Object.keys(definitions).length === 0 ? {} : { $defs: definitions }),
  };
}
