/**
 * Writes build outputs atomically, so that a concurrent reader of `dist` never sees a partial file.
 */
import { chmod, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Writes a file by renaming a finished one into its place.
 *
 * @param {string} path
 * @param {string | Uint8Array} contents
 * @param {number} mode
 */
export async function writeWhole(path, contents, mode = 0o644) {
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  await writeFile(unfinished, contents);
  await chmod(unfinished, mode);
  await rename(unfinished, path);
}

/**
 * Writes what esbuild made with `write: false`; the entry points last, which refer to the other files.
 *
 * @param {import('esbuild').BuildResult<{ metafile: true, write: false }>} bundle
 * @param {number} mode Of the entry points.
 */
export async function writeBundle({ outputFiles, metafile }, mode = 0o644) {
  const entries = Object.entries(metafile.outputs).flatMap(([path, { entryPoint }]) => (entryPoint ? [path] : []));
  const isEntry = ({ path }) => entries.some((entry) => path.endsWith(`/${entry}`));
  await Promise.all(
    outputFiles.filter((file) => !isEntry(file)).map(({ path, contents }) => writeWhole(path, contents)),
  );
  await Promise.all(outputFiles.filter(isEntry).map(({ path, contents }) => writeWhole(path, contents, mode)));
}

/**
 * Removes what an earlier build left in a folder.
 *
 * @param {string} folder
 * @param {string[]} kept The paths of this build's files, below the folder.
 */
export async function removeOthers(folder, kept) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const wanted = new Set(kept.map((path) => join(folder, path)));
  await Promise.all(files.filter((file) => !wanted.has(file)).map((file) => rm(file, { force: true })));
}
