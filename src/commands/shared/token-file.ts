/**
 * A token that is read from a file.
 */
import { readFile } from 'node:fs/promises';
import { OperatorError } from '../../aws/errors.js';

/**
 * The token in the file, where one was named.
 *
 * @param path The file's; no message has it: it may be the token itself, in the wrong place.
 * @param flag Which names it.
 * @param undone What was therefore not done, where that may be asked; a sentence.
 * @throws OperatorError when it can't be read.
 */
export async function readTokenFile(
  path: string | undefined,
  flag: string,
  undone?: string,
): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const token = await readFile(path, 'utf8').catch(({ code }: NodeJS.ErrnoException) => {
    throw new OperatorError(
      `The file that ${flag} names can't be read (${code}).${undone === undefined ? '' : ` ${undone}`}`,
    );
  });
  return token.trim();
}
