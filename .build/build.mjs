/**
 * `npm run build`: bundles the Lambda function, the executable and the mailbox, and gathers the
 * licences of what went into them.
 */
import { chmod, copyFile, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundleFunction, common } from './function-bundle.mjs';
import { bundleMailbox } from './mailbox-bundle.mjs';
import { bundledPackages, thirdPartyNotices } from './notices.mjs';
import { trim } from './trim.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const EXECUTABLE = 'bin/agentkeys-ses-routing';
const LAMBDA_RUNTIME = 'execution/lambda-runtime.mjs';

/** Dependencies that are CommonJS call `require`, which an ESM bundle has to make for itself. */
const REQUIRE_FOR_ESM =
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);";

/** Split, so that a command loads only what it uses; not minified, so that a stack trace can be read: it starts no slower. */
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
  });

/** Chunks of an earlier build, whose names hold other hashes. The rest of dist is written over, never missing for a moment. */
async function removeStaleChunks(metafile) {
  const chunks = await readdir(join(root, 'dist/chunks')).catch(() => []);
  const stale = chunks.filter((file) => metafile.outputs[`dist/chunks/${file}`] === undefined);
  await Promise.all(stale.map((file) => rm(join(root, 'dist/chunks', file))));
}

const exists = (path) =>
  stat(join(root, path)).then(
    () => true,
    () => false,
  );

const started = performance.now();
const [hasExecutable, hasRuntime] = await Promise.all([
  exists(`${EXECUTABLE}.ts`),
  exists(`src/sandbox/${LAMBDA_RUNTIME}`),
]);
const [functionBundle, executableBundle, mailboxBundle] = await Promise.all([
  bundleFunction(root, 'dist/handler/index.cjs', [trim()]),
  hasExecutable ? executable() : undefined,
  bundleMailbox(root, 'dist/mailbox'),
]);
const bundles = [functionBundle, executableBundle, mailboxBundle].filter((bundle) => bundle !== undefined);

if (executableBundle !== undefined) {
  await chmod(join(root, 'dist', `${EXECUTABLE}.js`), 0o755);
  await removeStaleChunks(executableBundle.metafile);
}
if (hasRuntime) {
  await mkdir(join(root, 'dist/execution'), { recursive: true });
  await copyFile(join(root, 'src/sandbox', LAMBDA_RUNTIME), join(root, 'dist', LAMBDA_RUNTIME));
}

const packages = bundledPackages(bundles.map((bundle) => bundle.metafile));
await writeFile(join(root, 'dist/THIRD-PARTY-NOTICES.txt'), await thirdPartyNotices(root, packages));

const kilobytes = (bundle) =>
  Math.round(Object.values(bundle.metafile.outputs).reduce((sum, output) => sum + output.bytes, 0) / 1000);
const parts = [
  `function ${kilobytes(functionBundle)} kB`,
  executableBundle && `executable ${kilobytes(executableBundle)} kB`,
  `mailbox ${kilobytes(mailboxBundle)} kB`,
  `notices of ${packages.length} packages`,
];
console.log(`dist: ${parts.filter(Boolean).join(', ')}; ${Math.round(performance.now() - started)} ms`);
