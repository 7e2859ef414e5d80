/**
 * The Lambda function as it is uploaded: the built bundle, zipped.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PackageError, packageRoot } from './package-root.js';
import { codeSha256, zip } from './zip.js';

/** The function's `Handler`: the export `handler` of the zip's index.js. */
export const FUNCTION_HANDLER = 'index.handler';

/** A deployment package. */
export interface FunctionPackage {
  zip: Buffer;
  /** As Lambda returns it once the zip is deployed. */
  codeSha256: string;
  /** This package's version. */
  version: string;
}

/**
 * Creates the deployment package from the bundle that `npm run build` wrote.
 *
 * @param directory The package's directory; by default the one that contains this code.
 * @throws {PackageError} when the bundle is missing.
 */
export async function functionPackage(directory?: string): Promise<FunctionPackage> {
  const root = packageRoot(directory && pathToFileURL(join(directory, 'package.json')).href);
  const path = join(directory ?? root.directory, 'dist/handler/index.cjs');
  const bundle = await readFile(path).catch((cause) => {
    throw new PackageError(`the function's bundle is missing (${path}): run npm run build`, { cause });
  });
  // Without a package.json in its folder, Node.js takes index.js for CommonJS, which is what the bundle is.
  const zipped = await zip({ 'index.js': bundle });
  return { zip: zipped, codeSha256: codeSha256(zipped), version: root.version };
}
