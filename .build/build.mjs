/**
 * `npm run build`: bundles the Lambda function, the executable and the libraries, writes the JSON Schemas, and collects the licences of the bundled packages.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { removeOthers, writeBundle, writeWhole } from './files.mjs';
import { bundleFunction, common } from './function-bundle.mjs';
import { bundleLibrary } from './library-bundle.mjs';
import { bundledPackages, thirdPartyNotices } from './notices.mjs';
import { writeSchemas } from './schemas.mjs';
import { STAMP, writeStamp } from './stamp.mjs';
import { startUp } from './start-up.mjs';
import { trim } from './trim.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const EXECUTABLE = 'bin/agentkeys-ses-routing';
const LAMBDA_RUNTIME = 'execution/lambda-runtime.mjs';
const NOTICES = 'dist/THIRD-PARTY-NOTICES.txt';

/** CommonJS dependencies call `require`, which an ES module does not have. */
const REQUIRE_FOR_ESM =
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);";

/** Split, so that a command loads only what it uses. Not minified: stack traces stay readable, and it starts as fast. */
const executable = () =>
  build({
    ...common,
    absWorkingDir: root,
    entryPoints: { [EXECUTABLE]: `${EXECUTABLE}.ts` },
    outdir: 'dist',
    chunkNames: 'chunks/[name]-[hash]',
    format: 'esm',
    splitting: true,
    target: 'node20.19',
    banner: { js: REQUIRE_FOR_ESM },
    plugins: [startUp()],
  });

const started = performance.now();
const [functionBundle, executableBundle, mailbox, vault, schemas] = await Promise.all([
  bundleFunction(root, 'dist/handler/index.cjs', [trim()]),
  executable(),
  bundleLibrary(root, 'mailbox'),
  bundleLibrary(root, 'vault'),
  writeSchemas(root, 'dist/schema'),
]);
const libraries = [mailbox, vault];
const bundles = [functionBundle, executableBundle, ...libraries.map(({ bundle }) => bundle)];

await writeBundle(functionBundle);
await writeBundle(executableBundle, 0o755);
await writeWhole(join(root, 'dist', LAMBDA_RUNTIME), await readFile(join(root, 'src/sandbox', LAMBDA_RUNTIME)));
const packages = bundledPackages(bundles.map((bundle) => bundle.metafile));
await writeWhole(join(root, NOTICES), await thirdPartyNotices(root, packages));

const sourcesOf = ({ metafile }) => Object.keys(metafile.inputs).filter((path) => /^(?:bin|handler|src)\//.test(path));
const outputsOf = ({ metafile }) => Object.keys(metafile.outputs);
const outputs = [
  ...bundles.flatMap(outputsOf),
  ...libraries.flatMap((library) => library.outputs),
  ...schemas.outputs,
  `dist/${LAMBDA_RUNTIME}`,
  NOTICES,
];
await writeStamp(root, {
  function: { sources: sourcesOf(functionBundle), outputs: outputsOf(functionBundle) },
  package: {
    sources: [
      ...[...bundles, schemas.bundle].flatMap(sourcesOf),
      ...libraries.flatMap(({ sources }) => sources),
      `src/sandbox/${LAMBDA_RUNTIME}`,
    ],
    outputs,
  },
});
await removeOthers(
  join(root, 'dist'),
  [...outputs, STAMP].map((path) => relative('dist', path)),
);

const kilobytes = (bundle) =>
  Math.round(Object.values(bundle.metafile.outputs).reduce((sum, output) => sum + output.bytes, 0) / 1000);
const parts = [
  `function ${kilobytes(functionBundle)} kB`,
  `executable ${kilobytes(executableBundle)} kB`,
  `mailbox ${kilobytes(mailbox.bundle)} kB`,
  `vault ${kilobytes(vault.bundle)} kB`,
  `${schemas.outputs.length} schemas`,
  `notices of ${packages.length} packages`,
];
console.log(`dist: ${parts.join(', ')}; ${Math.round(performance.now() - started)} ms`);
