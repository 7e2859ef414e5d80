/**
 * Creates a zip whose bytes depend only on the files' names and contents: Lambda's CodeSha256 shows whether the function's
 * code has changed, so the same code must give the same zip on every machine.
 */
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';

/** The first instant that a zip entry's MS-DOS date can hold; archiver writes it in UTC, whatever the time zone. */
const ENTRY_DATE = new Date('1980-01-01T00:00:00Z');

/** Readable by the user that Lambda runs the function as. */
const ENTRY_MODE = 0o644;

/**
 * Zips files. The entries are stored, not deflated (zlib's output differs between Node versions), in the order of their
 * names, with a fixed date and mode.
 *
 * @param files The contents by name; names with `/` between directories.
 */
export async function zip(files: Readonly<Record<string, Buffer>>): Promise<Buffer> {
  // Loaded lazily, while GetCallerIdentity is in progress: archiver is half of a command's code.
  const { ZipArchive } = await import('archiver');
  const archive = new ZipArchive({ store: true });
  const bytes = buffer(archive);
  const sorted = Object.entries(files).sort(([one], [other]) => (one < other ? -1 : 1));
  for (const [name, content] of sorted) archive.append(content, { name, date: ENTRY_DATE, mode: ENTRY_MODE });
  await archive.finalize();
  return bytes;
}

/**
 * The hash by which Lambda identifies a zip.
 *
 * @returns The base64 of its SHA-256, as `CodeSha256` in Lambda's FunctionConfiguration.
 */
export function codeSha256(zipped: Buffer): string {
  return createHash('sha256').update(zipped).digest('base64');
}
