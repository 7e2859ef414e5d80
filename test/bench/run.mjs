/**
 * `npm run bench`: bundles the bench into a temporary folder and runs it from there; nothing is written into the repository.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const directory = await mkdtemp(join(tmpdir(), 'agentkeys-ses-routing-bench-'));
try {
  await build({
    absWorkingDir: here,
    // The proxy and the embedded AWS run as processes of their own.
    entryPoints: ['bench.ts', 'latency-proxy.ts', 'embedded-aws.ts'],
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
  const { bench } = await import(pathToFileURL(join(directory, 'bench.mjs')).href);
  const repository = join(here, '..', '..');
  process.exitCode = await bench({ repository, directory, args: process.argv.slice(2) });
} finally {
  await rm(directory, { recursive: true, force: true });
}
