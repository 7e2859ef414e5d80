/**
 * The Lambda function's bundle: one file without dependencies.
 */
import { build } from 'esbuild';

/** The options that all bundles share. */
export const common = {
  bundle: true,
  platform: 'node',
  // esbuild drops unused commands from the AWS SDK's ES modules, but not from its CommonJS bundles.
  mainFields: ['module', 'main'],
  metafile: true,
  // files.mjs writes what is bundled.
  write: false,
  legalComments: 'none',
  logLevel: 'warning',
};

/**
 * Bundles the function as CommonJS. This package's "type" is "module", hence the extension .cjs; in the function's zip, which has no
 * package.json, the file is index.js.
 *
 * @param {string} root The project's root.
 * @param {string} outfile The bundle's path.
 * @param {import('esbuild').Plugin[]} plugins What they leave out or replace.
 * @returns {Promise<import('esbuild').BuildResult<{ metafile: true, write: false }>>} Not written yet.
 */
export function bundleFunction(root, outfile, plugins) {
  return build({
    ...common,
    absWorkingDir: root,
    entryPoints: ['handler/index.ts'],
    outfile,
    format: 'cjs',
    // The oldest runtime of --runtime.
    target: 'node22',
    minify: true,
    plugins,
  });
}
