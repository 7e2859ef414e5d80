/**
 * The file of a saved plan.
 */
import { randomBytes } from 'node:crypto';
import { access, constants, lstat, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OperatorError } from '../../aws/errors.js';
import { conforms } from '../../schema/conforms.js';
import { checksumOf, saveAgain } from './saved-plan.js';
import { PLAN_KIND, type SavedPlan, savedPlanSchema } from './schema.js';

/** Bytes: some fifty times as many as a plan has. */
const largest = 1024 * 1024;

/**
 * Reads a saved plan.
 *
 * @throws OperatorError when the file can't be read, or is not a plan that this version can apply.
 */
export async function readPlan(path: string): Promise<SavedPlan> {
  const plan = await contentOf(path).catch(failed(path, 'read'));
  const refused = (why: string) => new OperatorError(`${path} ${why}. Nothing was written. ${saveAgain(path)}`);
  if ('fault' in plan) throw refused(plan.fault);
  const { content } = plan;
  if (!isPlan(content)) throw refused('is not a plan that deploy --dry-run --out saved');
  if (content.version !== 1) throw refused('has another version of the format: another version of this tool saved it');
  if (!conforms(content, savedPlanSchema)) throw refused('is damaged');
  const { checksum, ...rest } = content;
  if (checksumOf(rest) !== checksum) throw refused('is damaged: its checksum does not match');
  return content;
}

/**
 * Checks that a plan can be saved, so that a wrong path is reported before anything is read.
 *
 * @throws OperatorError when the directory takes no file, or the path is something else than an earlier plan.
 */
export async function assertReplaceable(path: string): Promise<void> {
  const existing = await lstat(path).catch(absent).catch(failed(path, 'written'));
  if (existing === undefined) {
    await access(dirname(path), constants.W_OK).catch(failed(path, 'written'));
    return;
  }
  const refused = (why: string) =>
    new OperatorError(`${path} ${why}: it is not replaced. Nothing was written. Choose another path for --out.`);
  if (existing.isSymbolicLink()) throw refused('is a symbolic link');
  const plan = await contentOf(path).catch(failed(path, 'read'));
  if ('fault' in plan || !isPlan(plan.content)) throw refused('exists, and is not a saved plan');
}

/**
 * Saves a plan: complete or not at all, and for its owner alone.
 *
 * @throws OperatorError when the file can't be written, or is something else than an earlier plan.
 */
export async function writePlan(path: string, plan: SavedPlan): Promise<void> {
  await assertReplaceable(path);
  const unfinished = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  const write = async () => {
    // Fails if the file exists, also as a link. It has its mode before it has its content.
    const file = await open(unfinished, 'wx', 0o600);
    await file.writeFile(`${JSON.stringify(plan, null, 2)}\n`).finally(() => file.close());
    // Replaces the name itself: if it has become a link, nothing is written to where it leads.
    await rename(unfinished, path);
  };
  await write()
    .finally(() => rm(unfinished, { force: true }))
    .catch(failed(path, 'written'));
}

/** A file's JSON document, or why it has none, as the rest of a sentence that starts with the path. */
async function contentOf(path: string): Promise<{ content: unknown } | { fault: string }> {
  // Without O_NONBLOCK, to open a pipe waits for its writer.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) return { fault: 'is not a file' };
    if (stats.size > largest) return { fault: 'is too big for a plan' };
    return parsed(await file.readFile('utf8'));
  } finally {
    await file.close();
  }
}

function parsed(text: string): { content: unknown } | { fault: string } {
  if (text.trim() === '') return { fault: 'is empty' };
  try {
    return { content: JSON.parse(text) };
  } catch {
    return { fault: 'is not a complete JSON document' };
  }
}

/** Whether a document says that it is a saved plan, of whichever version. */
function isPlan(content: unknown): content is { version: unknown } {
  return content !== null && typeof content === 'object' && 'kind' in content && content.kind === PLAN_KIND;
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

/** @returns what throws an OperatorError for an error of the file system. */
function failed(path: string, how: 'read' | 'written'): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    throw new OperatorError(`${path} can't be ${how} (${error.code}). Nothing was written to AWS.`, { cause: error });
  };
}
