/**
 * Regular expressions of the caller's on texts of a stranger's, within bounds: some expressions take longer than the universe on a few dozen
 * characters, and whoever knows a wallet can send it mail.
 */
import { createContext, Script } from 'node:vm';

/** How much of each text is searched; characters. The codes and links of sign-up mails stand far above it. */
export const LONGEST_TEXT = 256 * 1024;

/** How long one search may take; milliseconds. What is usual takes less than one. */
export const LONGEST_SEARCH = 500;

/** The search took longer than {@link LONGEST_SEARCH}. */
export class SlowPatternError extends Error {
  override readonly name = 'SlowPatternError';
}

/** What a search gives: the first group (where there is none, the match), or the whole text that has a match. */
type Wanted = 'group' | 'text';

/** V8 ends a script that has run too long, also within a regular expression; nothing else in Node.js does. */
const script = new Script(`(() => {
  const { source, flags, texts, wanted } = job;
  const pattern = new RegExp(source, flags);
  for (const text of texts)
    for (const match of text.matchAll(pattern)) {
      const found = wanted === 'text' ? text : match[1] ?? match[0];
      if (found !== '') return found;
    }
})()`);

/**
 * Searches texts in turn.
 *
 * @returns the first thing found that isn't empty; undefined when nothing is.
 * @throws {SlowPatternError}
 */
export function search(pattern: RegExp, texts: string[], wanted: Wanted): string | undefined {
  // Where a search begins is no business of an expression that was used elsewhere.
  const flags = `${pattern.flags.replace(/[gy]/g, '')}g`;
  const job = { source: pattern.source, flags, texts: texts.map((text) => text.slice(0, LONGEST_TEXT)), wanted };
  try {
    return script.runInContext(createContext({ job }), { timeout: LONGEST_SEARCH });
  } catch (cause) {
    throw new SlowPatternError('the regular expression took too long on a message', { cause });
  }
}
