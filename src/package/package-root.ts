/**
 * Finds this package's own files, from the sources or from the bundle: both are below its package.json.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGE_NAME = 'agentkeys-ses-routing';

/** This package's version and directory. */
export interface PackageRoot {
  directory: string;
  version: string;
}

/** A file of this package is missing. */
export class PackageError extends Error {
  override readonly name = 'PackageError';
}

/**
 * Walks up to the package.json named agentkeys-ses-routing, past any others.
 *
 * @param from The URL of a file below it; by default this module's.
 * @throws {PackageError} when there is none up to the root of the file system.
 */
export function packageRoot(from: string = import.meta.url): PackageRoot {
  const file = fileURLToPath(from);
  for (const directory of directoriesFrom(dirname(file))) {
    const manifest = readManifest(join(directory, 'package.json'));
    if (manifest?.name === PACKAGE_NAME) return { directory, version: manifest.version };
  }
  throw new PackageError(`no package.json of ${PACKAGE_NAME} above ${file}: reinstall the package`);
}

/** A directory and those above it, upwards. */
function directoriesFrom(directory: string): string[] {
  const parent = dirname(directory);
  return parent === directory ? [directory] : [directory, ...directoriesFrom(parent)];
}

/** The version of this package, as its package.json has it. */
export function packageVersion(): string {
  return packageRoot().version;
}

function readManifest(path: string): { name?: string; version: string } | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
