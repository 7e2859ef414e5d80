/**
 * `npm run test:watch [-- <test files>]`: runs test files again whenever a source changes; without arguments, the tests that import what
 * changed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { build } from 'esbuild';
import { root } from './paths.mjs';

const FOLDERS = ['bin', 'fixtures', 'handler', 'src', 'test'];

/** An editor writes a file in several steps; milliseconds. */
const QUIET = 200;

const named = process.argv.slice(2).map((path) => relative(root, join(process.cwd(), path)));
const changed = new Set();
let timer;
let running = Promise.resolve();

for (const folder of FOLDERS)
  watch(join(root, folder), { recursive: true }, (_event, file) => {
    if (file === null) return;
    changed.add(join(folder, file));
    clearTimeout(timer);
    timer = setTimeout(() => {
      running = running.then(runAgain);
    }, QUIET);
  });
console.log(`Watching ${FOLDERS.join(', ')}. Press Ctrl-C to stop.`);
if (named.length > 0) running = run(named);

async function runAgain() {
  const files = [...changed];
  changed.clear();
  const tests = named.length > 0 ? named : await testsOf(files).catch(() => []);
  // esbuild has printed what can't be parsed.
  if (tests.length > 0) await run(tests);
}

async function run(tests) {
  const tap = spawn(process.execPath, ['node_modules/tap/dist/esm/run.mjs', '--disable-coverage', ...tests], {
    cwd: root,
    stdio: 'inherit',
  });
  await once(tap, 'exit');
}

/** The test files that import one of the files, directly or not. */
async function testsOf(files) {
  const entries = await readdir(join(root, 'test'), { recursive: true });
  const tests = entries.filter((file) => file.endsWith('.test.ts')).map((file) => join('test', file));
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: tests,
    outdir: 'unused',
    bundle: true,
    write: false,
    metafile: true,
    treeShaking: false,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
  return Object.values(metafile.outputs).flatMap(({ entryPoint, inputs }) =>
    files.some((file) => Object.hasOwn(inputs, file)) ? [entryPoint] : [],
  );
}
