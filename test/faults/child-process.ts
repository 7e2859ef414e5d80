/**
 * A sweep in a process of its own, bundled: the hundreds of runs take a third of the time that they take under the measuring of coverage and
 * the test runner's own hooks. What the runs execute is covered by the tests of each part.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import type { Test } from 'tap';
import type { scenarios } from './scenarios/index.js';
import type { Report } from './sweep.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Sweeps a scenario, says how many injections were made, and holds that none diverged. */
export async function sweepApart(t: Test, name: keyof typeof scenarios): Promise<void> {
  const directory = t.testdir({ bundle: {}, empty: {} });
  await build({
    absWorkingDir: root,
    entryPoints: ['test/faults/main.ts'],
    outfile: join(directory, 'bundle/sweep.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    mainFields: ['module', 'main'],
    logLevel: 'warning',
    external: ['tap'],
    // Dependencies that are CommonJS call `require`, which an ESM bundle has to make for itself.
    banner: { js: "import { createRequire as rf } from 'node:module'; const require = rf(import.meta.url);" },
  });
  // Most of what a run leaves behind is gone with it: a larger young generation is collected less often.
  const args = ['--max-semi-space-size=64', join(directory, 'bundle/sweep.mjs'), name, join(directory, 'empty')];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, maxBuffer: 1e9 });
  const { calls, writes, injections, divergences }: Report = JSON.parse(stdout);
  t.comment(
    `${name}: ${calls} calls, ${writes.length} of them writes; ${injections} injections, ${divergences.length} diverged`,
  );
  t.ok(writes.length > 0 && injections >= writes.length, 'the command has something to do, and it was disturbed');
  t.strictSame(divergences, []);
}
