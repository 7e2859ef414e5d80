/** `status --watch`: the report on a screen of its own, read again and again. Read-only. */
import { explain, OperatorError } from '../../aws/errors.js';
import type { Settings } from '../../settings/index.js';
import { type Host, type Screen, silentStep } from '../../terminal/host.js';
import { asLocalTime, duration, wrap } from '../../terminal/text.js';
import { defaultRuntime, type Runtime, withScope } from '../shared/session.js';
import { driftOf } from './drift.js';
import { renderOutcome, renderStatus } from './render.js';
import type { Status } from './report.js';
import { readStatus } from './status.js';

export interface WatchOptions {
  /** Between two reports. */
  seconds: number;
  runtime?: Runtime | undefined;
}

/**
 * Shows what a deploy would change, and the last day. The newest mail is left out: to find it, all mail is listed.
 *
 * @returns 130 after Ctrl-C, which is how it ends.
 * @throws OperatorError without a terminal, and what fails the first time. A later failure is shown, and tried again.
 */
export function watchStatus(
  settings: Settings,
  host: Host,
  { seconds, runtime = defaultRuntime }: WatchOptions,
): Promise<number> {
  if (settings.json) throw new OperatorError('--watch is for a terminal: with --json, repeat the command instead.');
  return withScope(settings, host, runtime, async (scope, current) => {
    const screen = host.openScreen();
    if (screen === undefined)
      throw new OperatorError('--watch needs a terminal that can be redrawn, on stdout. Repeat the command instead.');
    const { clock, signal } = scope;
    const quiet: Host = { ...host, step: () => silentStep };
    let found: Status | undefined;
    const redraw = async (): Promise<void> => {
      let problem: string | undefined;
      try {
        found = await readStatus(quiet, scope, current, false);
      } catch (error) {
        if (signal.aborted || found === undefined) throw error;
        problem = explain(error, settings.endpointUrl);
      }
      show(screen, found, host, [
        ...(problem === undefined ? [] : [`error: ${problem}`]),
        `Read at ${asLocalTime(found.at.getTime())}, again every ${duration(seconds)}. Ctrl-C ends.`,
      ]);
      await clock.sleep(seconds * 1_000, signal);
    };
    try {
      screen.draw(['Reading …']);
      while (!signal.aborted) await redraw();
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      screen.close();
    }
    return 130;
  });
}

/** Draws the report, without the services and what is in sync. What does not fit is cut before the last lines. */
function show(
  screen: Screen,
  { services: _, ...status }: Status,
  { paint, width, unicode }: Host,
  last: string[],
): void {
  const drifting = new Set(driftOf(status.resources).map(({ state }) => state));
  const resources = status.resources.filter(({ state }) => drifting.has(state));
  const outcome = renderOutcome(resources, paint, width);
  const lines = renderStatus({ ...status, resources }, paint, width, { unicode }).slice(0, -outcome.length);
  const foot = [...outcome, ...last.flatMap((line) => wrap(line, width, ''))];
  const room = screen.rows - foot.length;
  const hidden = lines.length - room + 1;
  screen.draw([
    ...(hidden > 1 ? [...lines.slice(0, room - 1), `… ${hidden} more lines: enlarge the window`] : lines),
    ...foot,
  ]);
}
