/**
 * Searches a stranger's text with the caller's regular expressions, within bounds: some expressions take longer than the universe on a few dozen
 * characters, and anybody who knows a wallet can send it mail.
 */
import { type Context, createContext, Script } from 'node:vm';

/** How much of each text is searched; characters. The codes and links of sign-up mails are far above it. */
export const LONGEST_TEXT = 256 * 1024;

/** How long one search may take; milliseconds. Most take less than one. */
export const LONGEST_SEARCH = 500;

/** The search took longer than {@link LONGEST_SEARCH}. */
export class SlowPatternError extends Error {
  override readonly name = 'SlowPatternError';
}

/**
 * What a search returns of a match: its first group, or the whole match where that is missing (`group`); its first group alone (`group-only`);
 * the text that it is in (`text`).
 */
export type SearchResult = 'group' | 'group-only' | 'text';

interface Job {
  source: string;
  flags: string;
  texts: string[];
  wanted: SearchResult | 'test';
}

/** V8 ends a script that has run too long, also within a regular expression; nothing else in Node.js does. */
const script = new Script(`(() => {
  const { source, flags, texts, wanted } = job;
  const pattern = new RegExp(source, flags);
  if (wanted === 'test') return texts.some((text) => pattern.test(text)) ? 'yes' : undefined;
  for (const text of texts)
    for (const match of text.matchAll(pattern)) {
      const found = wanted === 'text' ? text : wanted === 'group' ? match[1] ?? match[0] : match[1];
      if (found) return found;
    }
})()`);

/** One for all searches: making one takes longer than most searches. The scripts that run in it keep nothing there. */
let context: Context | undefined;

function run(pattern: RegExp, texts: string[], wanted: Job['wanted']): string | undefined {
  // Where an expression that was used elsewhere stopped must not matter.
  const flags = `${pattern.flags.replace(/[gy]/g, '')}${wanted === 'test' ? '' : 'g'}`;
  const job: Job = { source: pattern.source, flags, texts: texts.map((text) => text.slice(0, LONGEST_TEXT)), wanted };
  context ??= createContext({});
  context.job = job;
  const once = () => script.runInContext(context as Context, { timeout: LONGEST_SEARCH });
  try {
    // Twice: V8 counts the time, not the work, and on a busy machine a harmless search may have had none of it.
    return attempt(() => attempt(once, once), tooSlow);
  } finally {
    context.job = undefined;
  }
}

/** What `work` returns, or what `otherwise` makes of its failure. */
function attempt<Result>(work: () => Result, otherwise: (cause: unknown) => Result): Result {
  try {
    return work();
  } catch (cause) {
    return otherwise(cause);
  }
}

function tooSlow(cause: unknown): never {
  throw new SlowPatternError('the regular expression took too long on a message', { cause });
}

/**
 * Searches texts in turn.
 *
 * @returns the first result that is not empty; undefined when there is none.
 * @throws {SlowPatternError}
 */
export function search(pattern: RegExp, texts: string[], wanted: SearchResult): string | undefined {
  return run(pattern, texts, wanted);
}

/** Whether an expression matches in a text, an empty one too. @throws {SlowPatternError} */
export function matches(pattern: RegExp, text: string): boolean {
  return run(pattern, [text], 'test') !== undefined;
}

/** Whether something is a regular expression, or the text of one, that says something. */
export function isPattern(pattern: RegExp | string | undefined): boolean {
  try {
    return pattern !== undefined && new RegExp(pattern).source !== '(?:)';
  } catch {
    return false;
  }
}
