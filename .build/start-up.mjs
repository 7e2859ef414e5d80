/**
 * Shortens the start of the executable: commander loads `node:child_process`, which takes Node.js some milliseconds, for commands that
 * are files of their own. This program has none.
 *
 * When an update of commander has changed the code, the build fails.
 */
import { readFile } from 'node:fs/promises';

const EAGER = "const childProcess = require('node:child_process');";
const LAZY = "const childProcess = { spawn: (...args) => require('node:child_process').spawn(...args) };";

/** @returns {import('esbuild').Plugin} */
export function startUp() {
  return {
    name: 'start-up',
    setup(build) {
      build.onLoad({ filter: /\/node_modules\/commander\/lib\/command\.js$/ }, async ({ path }) => {
        const source = await readFile(path, 'utf8');
        if (!source.includes(EAGER)) throw new Error('commander has changed: see .build/start-up.mjs');
        return { contents: source.replace(EAGER, () => LAZY) };
      });
    },
  };
}
