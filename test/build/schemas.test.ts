/**
 * The schemas as the package ships them.
 */
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import t from 'tap';
import { schemas } from '../../src/commands/schemas.js';

const require = createRequire(import.meta.url);

t.test('dist/schema has a file for each schema, which the package exports', async (t) => {
  const names = [...schemas.keys()].map((name) => `${name}.schema.json`);
  t.strictSame((await readdir('dist/schema')).sort(), names.toSorted());
  for (const [name, schema] of schemas) {
    const file = require.resolve(`agentkeys-ses-routing/schema/${name}.schema.json`);
    t.strictSame(JSON.parse(await readFile(file, 'utf8')), schema, name);
  }
});
