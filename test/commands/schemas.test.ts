/**
 * The schemas of the documents that `--json` prints: that they are strict and explain every field. Each document that a test's run prints is
 * checked against them in test/support/documents.ts.
 */
import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import t from 'tap';
import { schemas } from '../../src/commands/schemas.js';
import { checkDocument, faultsOf } from '../support/documents.js';
import { startOperator } from '../support/operator.js';

type Node = { readonly [keyword: string]: unknown };

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Each object schema in a schema, with its place. */
function objectsIn(value: unknown, place: string): Array<[place: string, schema: Node]> {
  if (Array.isArray(value)) return value.flatMap((one, index) => objectsIn(one, `${place}/${index}`));
  if (!isNode(value)) return [];
  const inner = Object.entries(value).flatMap(([key, one]) => objectsIn(one, `${place}/${key}`));
  return value.type === 'object' ? [[place, value], ...inner] : inner;
}

t.test('each is a valid schema of draft 2020-12 with a relative $id', async (t) => {
  const ajv = new Ajv2020();
  for (const [name, schema] of schemas) {
    t.ok(ajv.validateSchema(schema), name);
    t.match(schema, { $schema: 'https://json-schema.org/draft/2020-12/schema', $id: `${name}.schema.json` });
    t.type(schema.title, 'string');
  }
});

t.test('each object is closed, and each of its fields has a description', async (t) => {
  const open: string[] = [];
  for (const [name, schema] of schemas) {
    const definitions: object = { ...Object(schema.properties), ...Object(schema.$defs) };
    const objects = objectsIn(schema, name);
    t.ok(objects.length > 0, name);
    for (const [place, { properties, additionalProperties }] of objects) {
      if (additionalProperties === undefined) open.push(place);
      for (const [field, value] of Object.entries(properties ?? {})) {
        const { $ref = '', description } = value as { $ref?: string; description?: string };
        const defined = Object.entries(definitions).find(
          ([key]) => /^#\/(\$defs|properties)\/(.*)$/.exec($ref)?.[2] === key,
        )?.[1];
        const text = isNode(defined) ? defined.description : description;
        t.match(text, /^[\S ]+\.$/, `${place}: ${field}`);
      }
    }
  }
  // The input of a call is AWS's own.
  t.strictSame(
    open.filter((place) => !place.endsWith('/$defs/write/properties/input')),
    [],
  );
});

t.test('a document with a wrong field is refused', async (t) => {
  const { run } = await startOperator(t);
  const args = ['deploy', '--dry-run', '--json'];
  const plan = JSON.parse((await run(args)).stdout);
  t.strictSame(faultsOf('deploy', plan), []);
  const [entry] = plan.plan.entries;
  const wrong = {
    'an unknown field': { ...plan, surprise: true },
    'an unknown field deep inside': { ...plan, plan: { ...plan.plan, entries: [{ ...entry, surprise: true }] } },
    'a missing field': { ...plan, plan: undefined },
    'another version': { ...plan, version: 2 },
    'another type': { ...plan, plan: { ...plan.plan, counts: { ...plan.plan.counts, create: '9' } } },
    'an unknown outcome': { ...plan, outcome: 'perhaps' },
    'a field of another outcome': { ...plan, applied: [] },
  };
  for (const [what, document] of Object.entries(wrong)) {
    const text = JSON.stringify(document);
    t.not(faultsOf('deploy', JSON.parse(text)).length, 0, what);
    t.throws(() => checkDocument(args, text), /its schema/, what);
  }
  t.throws(() => checkDocument(args, 'Plan to deploy'), 'text that is not JSON');
  t.throws(() => checkDocument(args, ''), 'no document');
  t.throws(() => faultsOf('demo', {}), { message: 'there is no schema demo' });
});

t.test('docs/configuration.md names each of them', async (t) => {
  const page = await readFile('docs/configuration.md', 'utf8');
  for (const name of schemas.keys()) t.ok(page.includes(`${name}.schema.json`), name);
});

t.test('a failed command prints the document of errors', async (t) => {
  const { run } = await startOperator(t);
  for (const args of [['status', '--memory', 'much'], ['demo'], ['inbox', 'show']]) {
    const { status, stdout } = await run([...args, '--json']);
    t.equal(status, 1);
    t.strictSame(faultsOf('error', JSON.parse(stdout)), []);
  }
});
