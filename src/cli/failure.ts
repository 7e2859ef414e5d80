/**
 * Describes an error to the operator: what happened, what was done and what was not, and what to do next.
 */
import { explain, nameOf, OperatorError } from '../aws/errors.js';
import type { ErrorDocument } from '../commands/shared/schema.js';
import { ApplyError } from '../reconcile/apply.js';
import { describeEntry, planAsJson } from '../reconcile/render.js';
import { InvalidSettingsError } from '../settings/index.js';

export interface FailureReport {
  lines: string[];
  /** The exit status: 1, or 130 after Ctrl-C. */
  status: number;
  /** The document of `--json`. */
  document: ErrorDocument;
}

/**
 * Describes an error.
 *
 * @param endpointUrl the value of --endpoint-url, if any.
 */
export function failure(error: unknown, endpointUrl: string | undefined): FailureReport {
  const interrupted = nameOf(error instanceof ApplyError ? error.cause : error) === 'AbortError';
  const status = interrupted ? 130 : 1;
  const document = { version: 1, outcome: interrupted ? 'interrupted' : 'failed' } as const;
  if (error instanceof ApplyError) {
    const { plan, done, failed, remaining, cause, others, next, again } = error;
    const failures = [{ entry: failed, cause }, ...others].map(({ entry, cause: why }) => ({
      entry: describeEntry(entry),
      error: interrupted ? 'Interrupted' : explain(why, endpointUrl),
    }));
    const reasons = [...new Set(failures.map((one) => one.error))];
    const stoppedBy = (reason: string) => failures.flatMap((one) => (one.error === reason ? [one.entry] : []));
    const progress = {
      applied: done.map(describeEntry),
      failed: describeEntry(failed),
      remaining: remaining.map(describeEntry),
    };
    return {
      status,
      lines: [
        ...reasons.flatMap((reason) => [
          interrupted ? reason : `Failed: ${reason}`,
          `  stopped at: ${listTitles(stoppedBy(reason))}`,
        ]),
        `  done:       ${listTitles(progress.applied)}`,
        `  not done:   ${listTitles(progress.remaining)}`,
        again ?? 'Run the same command again to continue.',
        ...(next === undefined
          ? []
          : ['Mail that was not routed in the meantime stays in inbound/. Afterwards, route it with:', `  ${next}`]),
      ],
      document: {
        ...document,
        error: reasons.join('\n'),
        plan: planAsJson(plan),
        ...progress,
        ...(others.length === 0 ? {} : { alsoFailed: failures.slice(1) }),
        ...(next === undefined ? {} : { next }),
      },
    };
  }
  if (interrupted) {
    const message = 'Interrupted. Nothing was written.';
    return { status, lines: [message], document: { ...document, error: message } };
  }
  const { faults, rest } = explained(error, endpointUrl);
  return {
    status,
    lines: [...faults.map((fault) => `error: ${fault}`), ...rest],
    document: { ...document, error: [...faults, ...rest].join('\n') },
  };
}

/** The stack traces of an error and its causes. */
export function traces(error: unknown): string[] {
  return error instanceof Error ? [String(error.stack), ...traces(error.cause)] : [];
}

function explained(error: unknown, endpointUrl: string | undefined): { faults: string[]; rest: string[] } {
  if (error instanceof InvalidSettingsError) return { faults: error.faults, rest: ['Nothing was read or written.'] };
  const unwritten = error instanceof OperatorError ? '' : ' Nothing was written.';
  return { faults: [`${explain(error, endpointUrl)}${unwritten}`], rest: [] };
}

function listTitles(titles: string[]): string {
  return titles.length === 0 ? 'nothing' : titles.join('\n              ');
}
