/**
 * A failure in words: what happened, what was and wasn't done, and the next move. No stack trace unless it is asked for.
 */
import { explain, nameOf, OperatorError } from './aws/errors.js';
import { title } from './commands/reconcile.js';
import { forPrograms } from './host/for-programs.js';
import { ApplyError } from './reconcile/apply.js';
import { planAsJson } from './reconcile/render.js';
import { SettingsError } from './settings/index.js';

export interface Failure {
  lines: string[];
  /** The exit status: 1, or 130 after Ctrl-C. */
  status: number;
  /** The same for `--json`. */
  document: object;
}

/**
 * @param endpointUrl the endpoint in use when it isn't AWS's own.
 */
export function failure(error: unknown, endpointUrl: string | undefined): Failure {
  const interrupted = nameOf(error instanceof ApplyError ? error.cause : error) === 'AbortError';
  const status = interrupted ? 130 : 1;
  const document = { version: 1, outcome: interrupted ? 'interrupted' : 'failed' };
  if (error instanceof ApplyError) {
    const { plan, done, failed, remaining, cause, next } = error;
    const reason = interrupted ? 'Interrupted' : explain(cause, endpointUrl);
    const told = { applied: done.map(title), failed: title(failed), remaining: remaining.map(title) };
    return {
      status,
      lines: [
        interrupted ? reason : `Failed: ${reason}`,
        `  stopped at: ${told.failed}`,
        `  done:       ${list(told.applied)}`,
        `  not done:   ${list(told.remaining)}`,
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
  const lines = interrupted ? ['Interrupted. Nothing was written.'] : explained(error, endpointUrl);
  return { status, lines, document: { ...document, error: forPrograms(lines.join('\n')) } };
}

/** The stack traces of an error and of what caused it. */
export function traces(error: unknown): string[] {
  return error instanceof Error ? [String(error.stack), ...traces(error.cause)] : [];
}

function explained(error: unknown, endpointUrl: string | undefined): string[] {
  if (error instanceof SettingsError)
    return [...error.faults.map((fault) => `error: ${fault}`), 'Nothing was read or written.'];
  const unwritten = error instanceof OperatorError ? '' : ' Nothing was written.';
  return [`error: ${explain(error, endpointUrl)}${unwritten}`];
}

function list(titles: string[]): string {
  return titles.length === 0 ? 'nothing' : titles.join('\n              ');
}
