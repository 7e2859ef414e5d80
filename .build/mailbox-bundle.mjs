/**
 * The mailbox's bundle and its declarations: an ES module for whoever imports `agentkeys-ses-routing/mailbox`.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';
import ts from 'typescript';
import { common } from './function-bundle.mjs';

const SOURCES = 'src/mailbox';

/** The folders that the published declarations may refer to. */
const PUBLISHED = [SOURCES, 'src/agentkeys'];

/**
 * Bundles it with what it parses mail with, but without the AWS SDK: a client and the commands it is sent must be of one SDK, and
 * the client may be the caller's (docs/design.md).
 *
 * @param {string} root The project's root.
 * @param {string} outdir Where to.
 * @returns {Promise<import('esbuild').BuildResult<{ metafile: true }>>}
 */
export async function bundleMailbox(root, outdir) {
  const [bundle] = await Promise.all([
    build({
      ...common,
      absWorkingDir: root,
      entryPoints: [`${SOURCES}/index.ts`],
      outdir,
      format: 'esm',
      target: 'node20.19',
      external: ['@aws-sdk/*'],
    }),
    declarations(root, outdir),
  ]);
  return bundle;
}

/**
 * Writes the declarations of the entry point and of what it refers to.
 *
 * @throws {Error} When one can't be made of its file alone, or refers to what lies elsewhere: nothing but these are published.
 */
async function declarations(root, outdir) {
  const files = [`${SOURCES}/index.ts`];
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
      if (!imported.startsWith('.') || !PUBLISHED.some((folder) => path.startsWith(`${folder}/`)))
        throw new Error(`the mailbox's declarations refer to ${imported}, in ${file}`);
      if (!files.includes(path)) files.push(path);
    }
    // The folders lie beside each other as in src, so that the references between them hold.
    const target = join(root, outdir, '..', relative('src', file).replace(/\.ts$/, '.d.ts'));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, outputText);
  }
}
