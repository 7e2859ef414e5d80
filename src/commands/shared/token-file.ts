/** Reads a token from a file. */
import { readFile } from 'node:fs/promises';
import { OperatorError } from '../../aws/errors.js';

/**
 * Reads the token, if a file was given.
 *
 * @param path of the file. Never repeated in a message: it may be the token itself, passed by mistake.
 * @param flag the flag that sets the path.
 * @param consequence a sentence to add to the error: what was not done.
 * @throws OperatorError when the file can't be read.
 */
export async function readTokenFile(
  path: string | undefined,
  flag: string,
  consequence?: string,
): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const token = await readFile(path, 'utf8').catch(({ code }: NodeJS.ErrnoException) => {
    throw new OperatorError(
      `The file given with ${flag} can't be read (${code}).${consequence === undefined ? '' : ` ${consequence}`}`,
    );
  });
  return token.trim();
}
