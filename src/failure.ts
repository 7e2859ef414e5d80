/**
 * A failure in words: what happened, what was and wasn't done, and the next move. No stack trace unless it is asked for.
 */
import { explain, nameOf, OperatorError } from './aws/errors.js';
import { title } from './commands/reconcile.js';
import { ApplyError } from './reconcile/apply.js';
import { SettingsError } from './settings/index.js';

export interface Failure {
  lines: string[];
  /** The exit status: 1, or 130 after Ctrl-C. */
  status: number;
}

/**
 * @param endpointUrl the endpoint in use when it isn't AWS's own.
 */
export function failure(error: unknown, endpointUrl: string | undefined): Failure {
  const interrupted = nameOf(error instanceof ApplyError ? error.cause : error) === 'AbortError';
  const status = interrupted ? 130 : 1;
  if (error instanceof ApplyError) {
    const { done, failed, remaining, cause } = error;
    const what = interrupted ? 'Interrupted' : `Failed: ${explain(cause, endpointUrl)}`;
    return {
      status,
      lines: [
        what,
        `  stopped at: ${title(failed)}`,
        `  done:       ${list(done.map(title))}`,
        `  not done:   ${list(remaining.map(title))}`,
        'Run the same command again: it goes on from there.',
      ],
    };
  }
  if (interrupted) return { status, lines: ['Interrupted. Nothing was written.'] };
  if (error instanceof SettingsError)
    return { status, lines: [...error.faults.map((fault) => `error: ${fault}`), 'Nothing was read or written.'] };
  const unwritten = error instanceof OperatorError ? '' : ' Nothing was written.';
  return { status, lines: [`error: ${explain(error, endpointUrl)}${unwritten}`] };
}

function list(titles: string[]): string {
  return titles.length === 0 ? 'nothing' : titles.join('\n              ');
}
