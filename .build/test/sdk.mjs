/**
 * The AWS SDK, bundled once for all test processes: loading its some six hundred files takes twice as long.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cache, root } from './paths.mjs';

const require = createRequire(import.meta.url);

/**
 * @returns {Promise<Record<string, string>>} The URL of the bundled module for each specifier.
 */
export async function prebundledSdk() {
  const key = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(readFileSync(new URL(import.meta.url)))
    .digest('hex')
    .slice(0, 16);
  const directory = join(cache, `sdk-${key}`);
  const index = join(directory, 'index.json');
  const read = () => JSON.parse(readFileSync(index, 'utf8'));
  let files;
  try {
    files = read();
  } catch {
    await bundle(directory);
    files = read();
  }
  return Object.fromEntries(
    Object.entries(files).map(([specifier, file]) => [specifier, pathToFileURL(join(directory, file)).href]),
  );
}

/** The SDK's packages that this project depends on, with their subpaths. */
function specifiers() {
  const { devDependencies } = require(join(root, 'package.json'));
  return Object.keys(devDependencies)
    .filter((name) => /^@(aws-sdk|smithy)\//.test(name) && name !== '@smithy/types')
    .flatMap((name) => {
      const { exports = {} } = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'));
      const subpaths = Object.keys(exports).filter((path) => path !== '.' && !path.endsWith('.json'));
      return [name, ...subpaths.map((path) => name + path.slice(1))];
    });
}

async function bundle(directory) {
  const { build } = require('esbuild');
  const files = Object.fromEntries(specifiers().map((specifier) => [specifier, specifier.replaceAll('/', '_')]));
  await mkdir(cache, { recursive: true });
  const unfinished = await mkdtemp(`${directory}-`);
  await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(Object.entries(files).map(([specifier, file]) => [file, specifier])),
    outdir: unfinished,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    mainFields: ['module', 'main'],
    logLevel: 'warning',
    // Dependencies that are CommonJS call `require`, which an ESM bundle has to make for itself.
    banner: { js: "import { createRequire as rf } from 'node:module'; const require = rf(import.meta.url);" },
  });
  const index = Object.fromEntries(Object.entries(files).map(([specifier, file]) => [specifier, `${file}.mjs`]));
  await writeFile(join(unfinished, 'index.json'), JSON.stringify(index));
  // Another process may have been faster.
  await rename(unfinished, directory).catch(() => rm(unfinished, { recursive: true }));
}
