/**
 * `backfill`: routes what is already in `inbound/`: mail from before the first deploy, or missed. What it does with a message is what
 * the function does with it, by the function's own code; a copy that exists is left.
 */

import { explain, OperatorError } from '../../aws/errors.js';
import type { Settings } from '../../settings/index.js';
import type { Scope } from '../../stack/scope.js';
import type { Host } from '../../terminal/host.js';
import { asTime, duration, number, wrap } from '../../terminal/text.js';
import { backfillCommand } from '../shared/backfill-command.js';
import { defaultRuntime, type Runtime, withScope } from '../shared/session.js';
import { byFunction, here } from './executors.js';
import { growHeapSlowly } from './heap.js';
import { type Tally, work } from './process.js';
import { countMeanwhile, describeProgress, perSecond, stopwatch } from './progress.js';

export interface BackfillOptions {
  /** Only messages that SES stored at this time or later. */
  since?: Date;
  /** Only messages whose key comes after this one: where an interrupted run goes on from. */
  startAfter?: string;
  /** How much is worked on at a time; the way's own measure when left out. */
  concurrency?: number;
  /** Whether the deployed function does the work. */
  via: 'here' | 'lambda';
  /** Count what would be routed; copy nothing. */
  dryRun: boolean;
  runtime?: Runtime;
}

/**
 * @returns 0; 130 after Ctrl-C; 1 when a message could not be routed: each is named, and waits in `inbound/` for the next run.
 * @throws OperatorError when the listing broke off, or the function is not what would do the work.
 */
export function backfill(settings: Settings, host: Host, options: BackfillOptions): Promise<number> {
  const { runtime = defaultRuntime } = options;
  growHeapSlowly();
  return withScope(settings, host, runtime, async (scope) => {
    const { via, dryRun, since, startAfter } = options;
    const way = via === 'lambda' ? await byFunction(scope, dryRun) : here(scope, dryRun);
    const selection = { ...(since && { since }), ...(startAfter && { startAfter }) };
    const step = host.step(titles[via][dryRun ? 'dryRun' : 'real']);
    const elapsed = stopwatch(scope.clock);
    const ended = new AbortController();
    // To list is all the work there is when the function does it.
    const counts = via === 'here' && !settings.quiet;
    const total = counts
      ? countMeanwhile(scope, selection, AbortSignal.any([scope.signal, ended.signal]))
      : { counted: 0, complete: false };
    const tally = await work(scope, selection, way, options.concurrency ?? way.concurrency, ({ looked }) =>
      step.progress(() => describeProgress(looked, total, elapsed())),
    );
    ended.abort();
    if (tally.broken !== undefined || tally.failed > 0 || scope.signal.aborted) step.failed();
    else step.done();
    return report(tally, elapsed(), scope, host, options);
  });
}

const titles = {
  here: { real: 'Route what is in inbound/', dryRun: 'Look through inbound/' },
  lambda: { real: 'Hand what is in inbound/ over to the function', dryRun: 'Look through inbound/' },
};

/** Tells what has come of it. @returns the exit status */
function report(tally: Tally, milliseconds: number, scope: Scope, host: Host, options: BackfillOptions): number {
  const { json, endpointUrl } = scope.settings;
  const { counts, failures, unlisted, failed, samples, looked, gaveUp, broken } = tally;
  const byOutcome = Object.fromEntries([...counts].sort());
  const interrupted = scope.signal.aborted;
  const unfinished = interrupted || gaveUp || broken !== undefined || failed > 0;
  const next = unfinished ? resume(tally, scope, options) : undefined;
  if (broken !== undefined) {
    const routed = [...counts].map(([outcome, count]) => `${number(count)} ${outcome}`).join(', ') || 'none yet';
    throw new OperatorError(
      `${explain(broken, endpointUrl)} The listing of inbound/ stopped there (${routed}). Every message is where it was or routed; go on with:\n  ${next}`,
      { cause: broken },
    );
  }
  if (json) {
    const told = { version: 1, dryRun: options.dryRun, via: options.via, looked, counts: byOutcome, samples };
    host.print(JSON.stringify({ ...told, failed, failures, ...(next === undefined ? {} : { next }) }, null, 2));
  } else {
    for (const [outcome, count] of Object.entries(byOutcome)) host.print(`${number(count).padStart(9)}  ${outcome}`);
    if (looked === 0) host.print('There is no such message in inbound/.');
    for (const { key, to } of samples)
      for (const line of wrap(`${key} -> ${to}`, host.width, '           ', '             ')) host.print(line);
  }
  if (looked > 0)
    host.note(`${number(looked)} in ${duration(milliseconds / 1_000)} (${number(perSecond(looked, milliseconds))}/s).`);
  for (const { what, reason } of failures) host.warn(`failed: ${what}: ${reason}`);
  if (unlisted > 0) host.warn(`… and ${number(unlisted)} more.`);
  if (gaveUp) host.warn('Given up: nothing but failures came. They have one cause; see the reason above.');
  if (failed > 0) host.warn(`${number(failed)} failed. They wait in inbound/; once that is mended, go on with:`);
  else if (interrupted) host.warn('Interrupted. What was routed stays routed; go on with:');
  else if (options.via === 'lambda' && !options.dryRun && looked > 0)
    host.note('The function routes them now, in its own time: `status` and its log tell what comes of it.');
  if (next !== undefined) host.warn(`  ${next}`);
  if (interrupted) return 130;
  return failed > 0 ? 1 : 0;
}

/** The command that goes on from where this run came to. After a dry run it is one too: what was only looked at is not to be copied. */
function resume({ through }: Tally, scope: Scope, { since, via, concurrency, dryRun }: BackfillOptions): string {
  const command = backfillCommand(scope, {
    '--since': since && asTime(since),
    '--start-after': through,
    '--via': via === 'lambda' ? via : undefined,
    '--concurrency': concurrency?.toString(),
  });
  return dryRun ? `${command} --dry-run` : command;
}
