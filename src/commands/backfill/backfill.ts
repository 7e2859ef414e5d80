/**
 * `backfill`: routes the mail that is already in `inbound/`, from before the first deploy or missed. It runs the function's own code
 * for each message; existing copies are not overwritten.
 */

import { explain, OperatorError } from '../../aws/errors.js';
import type { Settings } from '../../settings/index.js';
import type { Scope } from '../../stack/scope.js';
import type { Host } from '../../terminal/host.js';
import { asTime, duration, number, wrap } from '../../terminal/text.js';
import { backfillCommand } from '../shared/backfill-command.js';
import { defaultRuntime, type Runtime, withScope } from '../shared/session.js';
import { byFunction, here, noteOnBucket } from './executors.js';
import { growHeapSlowly } from './heap.js';
import { type Tally, work } from './process.js';
import { countMeanwhile, describeProgress, perSecond, stopwatch } from './progress.js';
import type { BackfillDocument } from './schema.js';

export interface BackfillOptions {
  /** Only messages that SES stored at this time or later. */
  since?: Date;
  /** Only messages whose key comes after this one: where to resume an interrupted run. */
  startAfter?: string;
  /** The number of batches in parallel; the executor's default if absent. */
  concurrency?: number;
  /** Where messages are routed: on this machine or by the deployed function. */
  via: 'here' | 'lambda';
  /** Count the messages that would be routed; copy nothing. */
  dryRun: boolean;
  runtime?: Runtime;
}

/**
 * @returns 0; 130 after Ctrl-C; 1 when the deletion of messages was declined, or when a message could not be routed: each is listed, and stays in `inbound/` for the next run.
 * @throws OperatorError when the listing failed, or the deployed function differs from this version or these settings.
 */
export function backfill(settings: Settings, host: Host, options: BackfillOptions): Promise<number> {
  const { runtime = defaultRuntime } = options;
  growHeapSlowly();
  return withScope(settings, host, runtime, async (scope) => {
    const { via, dryRun, since, startAfter } = options;
    if (settings.deleteSource && !dryRun && !(await mayDelete(scope, host))) {
      host.warn('Declined: no message was routed or deleted.');
      return 1;
    }
    const executor = via === 'lambda' ? await byFunction(scope, dryRun) : here(scope, dryRun);
    const note = via === 'here' ? await noteOnBucket(scope) : undefined;
    if (note !== undefined) host.warn(note);
    const selection = { ...(since && { since }), ...(startAfter && { startAfter }) };
    const step = host.step(titles[via][dryRun ? 'dryRun' : 'real']);
    const elapsed = stopwatch(scope.clock);
    const ended = new AbortController();
    // With the function, this machine only lists, so a second listing would double the work.
    const counts = via === 'here' && !settings.quiet;
    const total = counts
      ? countMeanwhile(scope, selection, AbortSignal.any([scope.signal, ended.signal]))
      : { counted: 0, complete: false };
    const tally = await work(scope, selection, executor, options.concurrency ?? executor.concurrency, ({ processed }) =>
      step.progress(() => describeProgress(processed, total, elapsed())),
    );
    ended.abort();
    if (tally.broken !== undefined || tally.failed > 0 || scope.signal.aborted) step.failed();
    else step.done();
    return report(tally, elapsed(), scope, host, options);
  });
}

/**
 * Asks before messages are deleted.
 *
 * @throws OperatorError if there is no way to ask.
 */
async function mayDelete({ names, settings }: Scope, host: Host): Promise<boolean> {
  if (settings.yes) return true;
  const answer = await host.confirm(`Delete messages from inbound/ in ${names.bucket} once they are routed?`);
  if (answer !== undefined) return answer;
  const reason = settings.json ? '--json does not prompt' : 'stdin is not a terminal';
  throw new OperatorError(
    `Confirmation required to delete messages from inbound/ (--delete-source), but ${reason}. Re-run with --yes. No message was routed or deleted.`,
  );
}

const titles = {
  here: { real: 'Route the mail in inbound/', dryRun: 'Check the mail in inbound/' },
  lambda: { real: 'Invoke the function for the mail in inbound/', dryRun: 'Check the mail in inbound/' },
};

/** Prints the result. @returns the exit status */
function report(tally: Tally, milliseconds: number, scope: Scope, host: Host, options: BackfillOptions): number {
  const { json, endpointUrl } = scope.settings;
  const { counts, failures, unlisted, failed, permanent, samples, processed, gaveUp, broken } = tally;
  const byOutcome = Object.fromEntries([...counts].sort());
  const deleted = scope.settings.deleteSource && options.via === 'here' ? tally.deleted : undefined;
  const deletions = options.dryRun ? 'would be deleted from inbound/' : 'deleted from inbound/';
  const interrupted = scope.signal.aborted;
  const unfinished = interrupted || gaveUp !== undefined || broken !== undefined || failed > permanent;
  const next = unfinished ? resume(tally.through, scope, options) : undefined;
  const retry = tally.retry && resume(tally.retry.after, scope, options);
  if (broken !== undefined) {
    const all: Array<[string, number]> = [...counts, ...(deleted ? [[deletions, deleted] as [string, number]] : [])];
    const routed = all.map(([outcome, count]) => `${number(count)} ${outcome}`).join(', ') || 'nothing';
    throw new OperatorError(
      `${explain(broken, endpointUrl)} The listing of inbound/ stopped (so far: ${routed}). No mail is lost; resume with:\n  ${next}`,
      { cause: broken },
    );
  }
  if (json) {
    const document: BackfillDocument = {
      version: 1,
      dryRun: options.dryRun,
      via: options.via,
      looked: processed,
      counts: byOutcome,
      deleted,
      samples,
      failed,
      failures,
      next,
      retry,
    };
    host.print(JSON.stringify(document, null, 2));
  } else {
    for (const [outcome, count] of Object.entries(byOutcome)) host.print(`${number(count).padStart(9)}  ${outcome}`);
    if (deleted !== undefined) host.print(`${number(deleted).padStart(9)}  ${deletions}`);
    if (processed === 0) host.print('No matching messages in inbound/.');
    for (const { key, to } of samples)
      for (const line of wrap(`${key} -> ${to}`, host.width, '           ', '             ')) host.print(line);
  }
  if (processed > 0)
    host.note(
      `${number(processed)} messages in ${duration(milliseconds / 1_000)} (${number(perSecond(processed, milliseconds))}/s).`,
    );
  for (const { what, reason } of failures) host.warn(`failed: ${what}: ${reason}`);
  if (unlisted > 0) host.warn(`… and ${number(unlisted)} more.`);
  const archived = counts.get('stays: archived');
  if (archived !== undefined)
    host.note(
      `${number(archived)} archived messages can't be read. Restore them (aws s3api restore-object), then run this command again.`,
    );
  if (permanent > 0) {
    const again = retry === undefined ? '' : ', then route them with:';
    host.warn(`${number(permanent)} failed and would fail again. They stay in inbound/; fix the cause${again || '.'}`);
    if (retry !== undefined) host.warn(`  ${retry}`);
  }
  if (gaveUp !== undefined) host.warn(`${gaveUp} See the reason above.`);
  if (failed > permanent)
    host.warn(`${number(failed - permanent)} failed. They stay in inbound/; fix the cause, then resume with:`);
  else if (interrupted) host.warn('Interrupted. Messages routed so far stay routed; resume with:');
  else if (gaveUp !== undefined) host.warn('Continue with the messages after them with:');
  else if (options.via === 'lambda' && !options.dryRun && processed > 0)
    host.note(
      `The function routes them asynchronously${scope.settings.deleteSource ? ' and deletes routed messages from inbound/' : ''}: see \`status\` and its log for the results.`,
    );
  if (next !== undefined) host.warn(`  ${next}`);
  if (interrupted) return 130;
  return failed > 0 ? 1 : 0;
}

/** The command that continues this run after a key; of a dry run, again a dry run. */
function resume(after: string | undefined, scope: Scope, { since, via, concurrency, dryRun }: BackfillOptions): string {
  const command = backfillCommand(scope, {
    '--since': since && asTime(since),
    '--start-after': after,
    '--via': via === 'lambda' ? via : undefined,
    '--concurrency': concurrency?.toString(),
  });
  const { deleteSource, yes } = scope.settings;
  return [command, ...(deleteSource && yes ? ['--yes'] : []), ...(dryRun ? ['--dry-run'] : [])].join(' ');
}
