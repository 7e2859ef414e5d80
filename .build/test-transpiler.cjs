/**
 * What the test runner turns TypeScript into JavaScript with: esbuild in place of TypeScript's own compiler, and each file once for all
 * of the test processes. That halves the time of a whole run. Types are checked by `npm run types`.
 * https://typestrong.org/ts-node/docs/transpilers#third-party-transpilers
 */
const { createHash } = require('node:crypto');
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { transformSync, version } = require('esbuild');

/** What npm removes with all else in there. */
const cache = join(__dirname, '../node_modules/.cache/agentkeys-ses-routing-test');
mkdirSync(cache, { recursive: true });

const options = {
  loader: 'ts',
  format: 'esm',
  target: 'es2023',
  sourcemap: 'external',
  // What is imported is what stands there, as tsconfig.json has it.
  tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
};

function transpile(source, { fileName }) {
  const content = JSON.stringify([version, options, fileName, source]);
  const file = join(cache, createHash('sha256').update(content).digest('hex'));
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // Not there yet.
  }
  const { code, map } = transformSync(source, { ...options, sourcefile: fileName });
  const output = { outputText: code, sourceMapText: map };
  // Renamed into place: another process never reads half of it.
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, JSON.stringify(output));
  renameSync(unfinished, file);
  return output;
}

exports.create = () => ({ transpile });
