/**
 * TypeScript to JavaScript, each file once for all test processes. Types are checked by `npm run types`.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { cache } from './paths.mjs';

const require = createRequire(import.meta.url);
const { version } = require('esbuild/package.json');

const directory = join(cache, 'transpiled');
mkdirSync(directory, { recursive: true });

const options = {
  loader: 'ts',
  format: 'esm',
  target: 'es2023',
  sourcemap: 'inline',
  sourcesContent: false,
  // Keeps the imports as they are written, as tsconfig.json has it.
  tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
};

/**
 * @param {string} fileName An absolute path.
 * @returns {string} Its JavaScript, with an inline source map.
 */
export function transpile(fileName) {
  const source = readFileSync(fileName, 'utf8');
  const content = JSON.stringify([version, options, fileName, source]);
  const file = join(directory, createHash('sha256').update(content).digest('hex'));
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Not transpiled yet.
  }
  // Loaded only when there is something to do.
  const { code } = require('esbuild').transformSync(source, { ...options, sourcefile: fileName });
  // Renamed into place, so that no other process reads half a file.
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, code);
  renameSync(unfinished, file);
  return code;
}
