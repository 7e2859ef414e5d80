/**
 * Finds this package's own files, from the sources as from the bundle: both lie below its package.json.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGE_NAME = 'agentkeys-ses-routing';

/** This package's manifest, and the directory it lies in. */
export interface PackageRoot {
  directory: string;
  version: string;
}

/** The files this package consists of are not where they belong. */
export class PackageError extends Error {
  override readonly name = 'PackageError';
}

/**
 * Walks up to the package.json named agentkeys-ses-routing. Others on the way are passed by.
 *
 * @param from The URL of a file below it; by default this module's.
 * @throws {PackageError} when there is none up to the root of the file system.
 */
export async function packageRoot(from: string = import.meta.url): Promise<PackageRoot> {
  const file = fileURLToPath(from);
  for (const directory of directoriesFrom(dirname(file))) {
    const manifest = await readManifest(join(directory, 'package.json'));
    if (manifest?.name === PACKAGE_NAME) return { directory, version: manifest.version };
  }
  throw new PackageError(`no package.json of ${PACKAGE_NAME} above ${file}: install the package anew`);
}

/** A directory and those above it, upwards. */
function directoriesFrom(directory: string): string[] {
  const parent = dirname(directory);
  return parent === directory ? [directory] : [directory, ...directoriesFrom(parent)];
}

/** The version of this package, as its package.json has it. */
export async function packageVersion(): Promise<string> {
  return (await packageRoot()).version;
}

async function readManifest(path: string): Promise<{ name?: string; version: string } | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}
