/**
 * The JSON Schemas of the settings file and of the documents that `--json` prints.
 */
import { join } from 'node:path';
import { build } from 'esbuild';
import { writeWhole } from './files.mjs';
import { common } from './function-bundle.mjs';

/**
 * Writes each schema to a file of its own.
 *
 * @param {string} root The project's root.
 * @param {string} outdir The folder to write to.
 * @returns {Promise<{ bundle: import('esbuild').BuildResult<{ metafile: true }>, outputs: string[] }>} What they were made of, and the
 *   files, as paths below the root.
 */
export async function writeSchemas(root, outdir) {
  const bundle = await build({
    ...common,
    absWorkingDir: root,
    entryPoints: ['src/commands/schemas.ts'],
    format: 'esm',
    target: 'node20.19',
  });
  const { schemas } = await import(`data:text/javascript,${encodeURIComponent(bundle.outputFiles[0].text)}`);
  const outputs = [...schemas].map(([name, schema]) => ({ path: join(outdir, `${name}.schema.json`), schema }));
  for (const { path, schema } of outputs) await writeWhole(join(root, path), `${JSON.stringify(schema, null, 2)}\n`);
  return { bundle, outputs: outputs.map(({ path }) => path) };
}
