/**
 * Leaves out of a library's bundle what esbuild keeps for reasons of packaging.
 */
import { readFile } from 'node:fs/promises';

/** Packages whose modules do nothing when they are imported. They say so in their package.json, but a second one beside the modules hides it. */
const PURE = /\/node_modules\/(?:dom-serializer|domhandler|domutils|entities|htmlparser2|postal-mime)\//;

/** @returns {import('esbuild').Plugin} */
export function lean() {
  return {
    name: 'lean',
    setup(build) {
      build.onResolve({ filter: /./ }, async ({ path, kind, importer, resolveDir, with: attributes, pluginData }) => {
        if (pluginData === 'lean') return undefined;
        const options = { kind, importer, resolveDir, with: attributes, pluginData: 'lean' };
        const resolved = await build.resolve(path, options);
        return PURE.test(resolved.path) ? { ...resolved, sideEffects: false } : resolved;
      });
      // esbuild prints an array with a line for each number: the tables of character sets become twice as long.
      build.onLoad({ filter: /\/node_modules\/.*\.json$/ }, async ({ path }) => {
        const compact = JSON.stringify(JSON.parse(await readFile(path, 'utf8')));
        return { contents: `module.exports = JSON.parse(${JSON.stringify(compact)});`, loader: 'js' };
      });
    },
  };
}
