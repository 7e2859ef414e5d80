/**
 * `npm run bench`: bundles the bench into a temporary folder and runs it from there; nothing is written into the repository.
 */
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { writeBundle } from '../../.build/files.mjs';
import { bundleFunction } from '../../.build/function-bundle.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const repository = join(here, '..', '..');

/** The function's bundle as it would be with the SDK's own client, to compare. */
const sdkClient = {
  name: 'sdk-client',
  setup(bundling) {
    bundling.onResolve({ filter: /^\.\/client\.js$/ }, ({ importer }) =>
      importer === join(repository, 'handler/index.ts')
        ? { path: join(here, 'function/untrimmed-client.ts') }
        : undefined,
    );
  },
};

const folder = await mkdtemp(join(tmpdir(), 'agentkeys-ses-routing-bench-'));
const directory = join(folder, 'bench');
try {
  // Beside the bundles, where the embedded AWS looks for it.
  await mkdir(join(folder, 'execution'));
  await copyFile(
    join(repository, 'src/sandbox/execution/lambda-runtime.mjs'),
    join(folder, 'execution/lambda-runtime.mjs'),
  );
  await build({
    absWorkingDir: here,
    // The others run as processes of their own.
    entryPoints: [
      'bench.ts',
      'latency-proxy.ts',
      'embedded-aws.ts',
      'function/decisions.ts',
      'backfill/account.ts',
      'mailbox/hostile-reading.ts',
    ],
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    logLevel: 'warning',
    // Dependencies that are CommonJS call `require`, which an ESM bundle has to make for itself.
    banner: { js: "import { createRequire as rf } from 'node:module'; const require = rf(import.meta.url);" },
  });
  await writeBundle(await bundleFunction(repository, join(directory, 'untrimmed.cjs'), [sdkClient]));
  const { bench } = await import(pathToFileURL(join(directory, 'bench.mjs')).href);
  process.exitCode = await bench({ repository, directory, args: process.argv.slice(2) });
} finally {
  await rm(folder, { recursive: true, force: true });
}
