/**
 * A failure in words: what happened, what was and wasn't done, and the next move. No stack trace unless it is asked for.
 */
import { explain, nameOf, OperatorError } from '../aws/errors.js';
import { ApplyError } from '../reconcile/apply.js';
import { describeEntry, planAsJson } from '../reconcile/render.js';
import { SettingsError } from '../settings/index.js';

export interface FailureReport {
  lines: string[];
  /** The exit status: 1, or 130 after Ctrl-C. */
  status: number;
  /** The same for `--json`. */
  document: object;
}

/**
 * @param endpointUrl the endpoint in use when it isn't AWS's own.
 */
export function failure(error: unknown, endpointUrl: string | undefined): FailureReport {
  const interrupted = nameOf(error instanceof ApplyError ? error.cause : error) === 'AbortError';
  const status = interrupted ? 130 : 1;
  const document = { version: 1, outcome: interrupted ? 'interrupted' : 'failed' };
  if (error instanceof ApplyError) {
    const { plan, done, failed, remaining, cause, next } = error;
    const reason = interrupted ? 'Interrupted' : explain(cause, endpointUrl);
    const told = {
      applied: done.map(describeEntry),
      failed: describeEntry(failed),
      remaining: remaining.map(describeEntry),
    };
    return {
      status,
      lines: [
        interrupted ? reason : `Failed: ${reason}`,
        `  stopped at: ${told.failed}`,
        `  done:       ${listTitles(told.applied)}`,
        `  not done:   ${listTitles(told.remaining)}`,
        'Run the same command again: it goes on from there.',
        ...(next === undefined
          ? []
          : ['Mail that was not routed meanwhile waits in inbound/; route it after that with:', `  ${next}`]),
      ],
      document: {
        ...document,
        error: reason,
        plan: planAsJson(plan),
        ...told,
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

/** The stack traces of an error and of what caused it. */
export function traces(error: unknown): string[] {
  return error instanceof Error ? [String(error.stack), ...traces(error.cause)] : [];
}

function explained(error: unknown, endpointUrl: string | undefined): { faults: string[]; rest: string[] } {
  if (error instanceof SettingsError) return { faults: error.faults, rest: ['Nothing was read or written.'] };
  const unwritten = error instanceof OperatorError ? '' : ' Nothing was written.';
  return { faults: [`${explain(error, endpointUrl)}${unwritten}`], rest: [] };
}

function listTitles(titles: string[]): string {
  return titles.length === 0 ? 'nothing' : titles.join('\n              ');
}
