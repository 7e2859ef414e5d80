/**
 * The module hooks of a test process. What they answer themselves never reaches the runner's own hooks, each of which costs a message to
 * another thread and back.
 * https://nodejs.org/docs/latest-v20.x/api/module.html#customization-hooks
 */
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { freshBuild } from './fresh-build.mjs';
import { root } from './paths.mjs';
import { transpile } from './transpile.mjs';

const project = pathToFileURL(root).href;
const packages = `${project}node_modules/`;

/** The URL of the bundled module for each specifier. */
let sdk = {};

export function initialize(data) {
  sdk = data.sdk;
}

/** The modules that read what `npm run build` writes, and the part of it. */
const reading = new Map([
  [`${project}src/package/function-package.ts`, 'function'],
  [`${project}test/faults/child-process.ts`, 'function'],
  [`${project}test/support/process.ts`, 'package'],
  [`${project}test/build/schemas.test.ts`, 'package'],
  [`${project}test/mailbox/package.test.ts`, 'package'],
]);

const ours = (url) => url?.startsWith(project) && !url.startsWith(packages);

const isFile = (url) => statSync(fileURLToPath(url), { throwIfNoEntry: false })?.isFile() === true;

export function resolve(specifier, context, next) {
  if (ours(context.parentURL)) {
    if (specifier === 'tap' && /^[^?]*\.test\.ts$/.test(context.parentURL)) {
      const { href } = new URL(`tap.mjs?file=${encodeURIComponent(context.parentURL)}`, import.meta.url);
      return { url: href, format: 'module', shortCircuit: true };
    }
    if (Object.hasOwn(sdk, specifier)) return { url: sdk[specifier], format: 'module', shortCircuit: true };
    if (/^\.\.?\//.test(specifier)) {
      const { href: url } = new URL(specifier, context.parentURL);
      // TypeScript's own convention: an import names the file that the compiler would write.
      const source = url.replace(/\.js$/, '.ts');
      if (isFile(source)) return { url: source, format: 'module', shortCircuit: true };
    }
  }
  return next(specifier, context);
}

export async function load(url, context, next) {
  const [path] = url.split(/[?#]/);
  if (reading.has(path)) await freshBuild(reading.get(path));
  if (ours(path) && path.endsWith('.ts'))
    return { format: 'module', source: transpile(fileURLToPath(path)), shortCircuit: true };
  if (path.startsWith(packages) && context.format === 'module')
    return { format: 'module', source: readFileSync(fileURLToPath(path)), shortCircuit: true };
  return next(url, context);
}
