/**
 * The libraries' bundles and their declarations: the ES modules `agentkeys-ses-routing/mailbox` and `agentkeys-ses-routing/vault`.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';
import ts from 'typescript';
import { writeBundle, writeWhole } from './files.mjs';
import { common } from './function-bundle.mjs';
import { lean } from './lean.mjs';

/** The folders that a library's declarations may refer to. */
const published = {
  mailbox: ['src/mailbox', 'src/agentkeys'],
  vault: ['src/vault', 'src/mailbox', 'src/agentkeys'],
};

/**
 * Bundles a library with its parsers and its cryptography, but without the AWS SDK: a client and its commands must come from the same SDK, and the client may
 * be the caller's (docs/design.md).
 *
 * @param {string} root The project's root.
 * @param {keyof typeof published} name
 * @returns {Promise<{ bundle: import('esbuild').BuildResult<{ metafile: true }>, sources: string[], outputs: string[] }>} The bundle, and
 *   the sources of the declarations and what was written of them, as paths below the root.
 */
export async function bundleLibrary(root, name) {
  const outdir = `dist/${name}`;
  const entry = `src/${name}/index.ts`;
  const [bundle, written] = await Promise.all([
    build({
      ...common,
      absWorkingDir: root,
      entryPoints: [entry],
      outdir,
      format: 'esm',
      target: 'node20.19',
      external: ['@aws-sdk/*'],
      // Tables of characters are half as long as with escapes.
      charset: 'utf8',
      plugins: [lean()],
    }),
    declarations(root, entry, published[name]),
  ]);
  await writeBundle(bundle);
  return { bundle, ...written };
}

/**
 * Writes the declarations of the entry point and of the files that it refers to.
 *
 * @throws {Error} When a declaration needs the types of another file to be made, or refers to a folder that is not published.
 */
async function declarations(root, entry, folders) {
  const files = [entry];
  const outputs = [];
  for (const file of files) {
    const fileName = join(root, file);
    const { outputText, diagnostics = [] } = ts.transpileDeclaration(await readFile(fileName, 'utf8'), {
      fileName,
      reportDiagnostics: true,
      compilerOptions: { isolatedDeclarations: true, module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2023 },
    });
    const [fault] = diagnostics;
    if (fault !== undefined) throw new Error(`${file}: ${ts.flattenDiagnosticMessageText(fault.messageText, ' ')}`);
    for (const { fileName: imported } of ts.preProcessFile(outputText).importedFiles) {
      const path = relative(root, join(dirname(fileName), imported.replace(/\.js$/, '.ts')));
      if (!imported.startsWith('.') || !folders.some((folder) => path.startsWith(`${folder}/`)))
        throw new Error(`the declarations of ${entry} refer to ${imported}, in ${file}`);
      if (!files.includes(path)) files.push(path);
    }
    // The folders keep their places relative to each other, so that the references between them hold.
    const target = join('dist', relative('src', file).replace(/\.ts$/, '.d.ts'));
    await writeWhole(join(root, target), outputText);
    outputs.push(target);
  }
  return { sources: files, outputs };
}
