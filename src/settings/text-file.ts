/**
 * The text of a settings file or an env file.
 */

/** @returns the text, without a byte order mark; or why there is none, as the rest of a sentence that starts with the file's name. */
export function textOf(bytes: Uint8Array): { text: string } | { fault: string } {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    return { fault: 'is UTF-16 text: save it as UTF-8' };
  if (bytes.includes(0)) return { fault: 'is not a text file: it contains NUL bytes' };
  try {
    // The decoder removes the byte order mark.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return text.trim() === '' ? { fault: 'is empty' } : { text };
  } catch {
    return { fault: 'is not UTF-8 text' };
  }
}
