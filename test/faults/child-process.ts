/**
 * Runs sweeps in a child process, bundled: without coverage and the test runner's module hooks, their hundreds of runs take a third of the
 * time. The tests of each part cover the code that it executes.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build, type Plugin } from 'esbuild';
import type { Test } from 'tap';
import type { scenarios } from './scenarios/index.js';
import type { Report } from './sweep.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The test loader's own code is JavaScript without types. */
const { prebundledSdk }: { prebundledSdk(): Promise<Record<string, string>> } = await import(
  new URL('../../.build/test/sdk.mjs', import.meta.url).href
);

/** Leaves the AWS SDK out of the bundle: it has been bundled once for all tests. */
const sharedSdk: Plugin = {
  name: 'shared-sdk',
  async setup({ onResolve }) {
    const sdk = await prebundledSdk();
    onResolve({ filter: /^@(?:aws-sdk|smithy)\// }, ({ path }) => {
      const url = sdk[path];
      return url === undefined ? undefined : { path: url, external: true };
    });
  },
};

/**
 * Sweeps scenarios one after the other, reports how many disruptions each injected, and asserts that no run diverged. One process for all of
 * them compiles the code once.
 */
export async function sweepInChildProcess(t: Test, names: Array<keyof typeof scenarios>): Promise<void> {
  const directory = t.testdir({ bundle: {}, empty: {} });
  await build({
    absWorkingDir: root,
    entryPoints: ['test/faults/main.ts'],
    outfile: join(directory, 'bundle/sweep.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    packages: 'external',
    plugins: [sharedSdk],
    logLevel: 'warning',
  });
  // Most of the objects that a run allocates die with it: a larger young generation is collected less often.
  const args = ['--max-semi-space-size=64', join(directory, 'bundle/sweep.mjs'), join(directory, 'empty'), ...names];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, maxBuffer: 1e9 });
  const reports: Report[] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.equal(reports.length, names.length);
  for (const [index, { calls, writes, injections, runs, divergences }] of reports.entries())
    t.test(String(names[index]), async (t) => {
      t.comment(
        `${calls} calls, ${writes.length} of them writes; ${injections} injections in ${runs} runs, ${divergences.length} diverged`,
      );
      t.ok(writes.length > 0 && injections >= writes.length, 'the command has something to do, and it was disrupted');
      t.strictSame(divergences, []);
    });
}
