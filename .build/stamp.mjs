/**
 * What `dist` was built from: the hash of each source, kept beside what was built, so that a test never runs an old build.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from './files.mjs';

/** Below the project's root. */
export const STAMP = 'dist/.inputs.json';

/** What every part is built with, beside its own sources. The lock file stands for everything in node_modules. */
const tools = (root) => [
  'package-lock.json',
  'tsconfig.json',
  ...readdirSync(join(root, '.build')).flatMap((file) => (file.endsWith('.mjs') ? [`.build/${file}`] : [])),
];

const hashOf = (path) => createHash('sha256').update(readFileSync(path)).digest('base64');

/** Size and time of a file tell that it is unchanged without reading it. */
const sightOf = (path) => {
  const { size, mtimeMs } = statSync(path);
  return { size, mtimeMs };
};

/**
 * Notes what the parts of `dist` were built from.
 *
 * @param {string} root The project's root.
 * @param {Record<string, { sources: string[], outputs: string[] }>} parts Paths below the root.
 */
export async function writeStamp(root, parts) {
  const noted = Object.entries(parts).map(([name, { sources, outputs }]) => {
    const inputs = [...new Set([...sources, ...tools(root)])].sort();
    return [
      name,
      {
        inputs: inputs.map((path) => ({ path, hash: hashOf(join(root, path)), ...sightOf(join(root, path)) })),
        outputs: [...outputs].sort().map((path) => ({ path, size: statSync(join(root, path)).size })),
      },
    ];
  });
  await writeWhole(join(root, STAMP), JSON.stringify(Object.fromEntries(noted)));
}

/**
 * Whether a part of `dist` is complete and built from the sources as they are. Takes some milliseconds.
 *
 * @param {string} root The project's root.
 * @param {string} part
 * @returns {boolean}
 */
export function isFresh(root, part) {
  try {
    const { inputs, outputs } = JSON.parse(readFileSync(join(root, STAMP), 'utf8'))[part];
    const unchanged = ({ path, hash, size, mtimeMs }) => {
      const now = sightOf(join(root, path));
      return (now.size === size && now.mtimeMs === mtimeMs) || hashOf(join(root, path)) === hash;
    };
    const noNewTool = tools(root).every((tool) => inputs.some(({ path }) => path === tool));
    return (
      noNewTool && outputs.every(({ path, size }) => sightOf(join(root, path)).size === size) && inputs.every(unchanged)
    );
  } catch {
    // A file is missing: the stamp itself, a source, or what was built.
    return false;
  }
}
