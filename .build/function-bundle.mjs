/**
 * The Lambda function's bundle: one file that needs nothing beside it.
 */
import { build } from 'esbuild';

/** What both bundles, the function's and the executable's, have in common. */
export const common = {
  bundle: true,
  platform: 'node',
  // The AWS SDK's ES modules lose the commands that nobody calls; its CommonJS bundles come whole.
  mainFields: ['module', 'main'],
  metafile: true,
  legalComments: 'none',
  logLevel: 'warning',
};

/**
 * Bundles the function. CommonJS, whatever this package's "type" says: hence .cjs here, though the function's zip holds it as
 * index.js, without a package.json.
 *
 * @param {string} root The project's root.
 * @param {string} outfile Where to.
 * @param {import('esbuild').Plugin[]} plugins What is left out or replaced.
 * @returns {Promise<import('esbuild').BuildResult<{ metafile: true }>>}
 */
export function bundleFunction(root, outfile, plugins) {
  return build({
    ...common,
    absWorkingDir: root,
    entryPoints: ['handler/index.ts'],
    outfile,
    format: 'cjs',
    target: 'node24',
    minify: true,
    plugins,
  });
}
