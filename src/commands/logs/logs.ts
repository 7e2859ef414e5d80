/** `logs`: what the function logged, newest last. Read-only. */
import type { Settings } from '../../settings/index.js';
import type { Scope } from '../../stack/scope.js';
import type { Host } from '../../terminal/host.js';
import { asLocalTime, number } from '../../terminal/text.js';
import { defaultRuntime, type Runtime, withScope } from '../shared/session.js';
import { type Since, startOf } from '../shared/since.js';
import { type Entry, readEntry } from './entry.js';
import { readLog } from './events.js';
import { renderEntry } from './render.js';
import type { LogsDocument } from './schema.js';

export interface LogsOptions {
  /** Print new lines until Ctrl-C. */
  follow: boolean;
  since: Since;
  /** Only what was routed to this wallet; in lower case. */
  wallet?: string;
  /** Only what needs attention. */
  failed: boolean;
  runtime?: Runtime;
}

/** How often `--follow` reads the log; milliseconds. CloudWatch allows some calls a second to an account. */
const POLL_INTERVAL = 3_000;

/** How late a line may appear after later ones: each execution environment sends its own; milliseconds. */
const LATEST = 60_000;

/**
 * @returns 0; 130 after Ctrl-C, which is how --follow ends.
 * @throws OperatorError when there is no log group, or it can't be read; the SDK's other errors.
 */
export function logs(settings: Settings, host: Host, options: LogsOptions): Promise<number> {
  const { runtime = defaultRuntime, follow, since } = options;
  return withScope(settings, host, runtime, async (scope) => {
    const { clock, signal } = scope;
    const start = startOf(since, clock.now());
    const seen: Seen = { from: start, ids: new Map(), printed: 0, foreign: 0 };
    await printNew(seen, scope, host, options);
    if (!follow) {
      summarize(seen, start, scope, host);
      return 0;
    }
    try {
      for (;;) {
        await clock.sleep(POLL_INTERVAL, signal);
        await printNew(seen, scope, host, options);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
      return 130;
    }
  });
}

/** What was read so far. */
interface Seen {
  /** From when on the log is read; milliseconds since 1970. */
  from: number;
  /** The lines from then on, with their times. */
  ids: Map<string, number>;
  printed: number;
  foreign: number;
}

/** Prints the lines that are new. */
async function printNew(seen: Seen, scope: Scope, host: Host, { wallet, failed }: LogsOptions): Promise<void> {
  const pages = readLog(scope, { start: seen.from, ...(wallet === undefined ? {} : { text: wallet }) });
  for (;;) {
    // A step for each page: it is off the screen when the page's lines are printed.
    const step = host.step('Read the log', { brief: true });
    const page = await pages.next().finally(step.done);
    if (page.done) return;
    for (const event of page.value) {
      if (seen.ids.has(event.id)) continue;
      seen.ids.set(event.id, event.at);
      const entry = readEntry(event);
      if (entry === 'foreign') seen.foreign += 1;
      if (typeof entry === 'string' || !isSelected(entry, wallet, failed)) continue;
      host.print(scope.settings.json ? JSON.stringify(toJson(entry)) : renderEntry(entry, host.paint));
      seen.printed += 1;
    }
    seen.from = Math.max(seen.from, Number(page.value.at(-1)?.at ?? 0) - LATEST);
    for (const [id, at] of seen.ids) if (at < seen.from) seen.ids.delete(id);
  }
}

function isSelected(entry: Entry, wallet: string | undefined, failed: boolean): boolean {
  const ofWallet = wallet === undefined || (entry.kind === 'message' && entry.wallets.includes(wallet));
  const needsAttention = entry.kind === 'runtime' || entry.needsAttention;
  return ofWallet && (!failed || needsAttention);
}

function toJson(entry: Entry): LogsDocument {
  const at = new Date(entry.at).toISOString();
  return { version: 1, ...entry, at };
}

/** Says on stderr what was not printed. */
function summarize({ printed, foreign }: Seen, start: number, { names }: Scope, host: Host): void {
  if (printed === 0) host.note(`No matching lines since ${asLocalTime(start)} in ${names.logGroupName}.`);
  if (foreign > 0)
    host.note(
      `Not shown: ${number(foreign)} lines that this function does not write. See them with: aws logs tail ${names.logGroupName}`,
    );
}
