/**
 * What deploy and teardown have in common: read, plan, show, ask, apply, report.
 */
import { explain, OperatorError } from '../../aws/errors.js';
import { ApplyError, apply } from '../../reconcile/apply.js';
import { changes, type Entry, type Plan } from '../../reconcile/plan.js';
import { describeEntry, planAsJson, renderPlan } from '../../reconcile/render.js';
import type { Settings } from '../../settings/index.js';
import { partsOf, planStack } from '../../stack/index.js';
import type { Scope } from '../../stack/scope.js';
import type { Host } from '../../terminal/host.js';
import { type Verification, verificationAsJson } from '../verify/result.js';
import { consent } from './consent.js';
import { readAndPlan, type Waiting } from './read-and-plan.js';
import { type Runtime, withScope } from './session.js';

export interface Options {
  command: Plan['command'];
  /** Stop after the plan. */
  dryRun: boolean;
  runtime: Runtime;
  /** What there is to say once the plan was carried out: lines for the operator, and the same for `--json`. */
  afterwards(applied: Entry[], scope: Scope, started: Date): { lines: string[]; next?: string };
  /** Looks, once the plan was carried out, whether it works. */
  verify?(scope: Scope, waiting: Waiting): Promise<Verification>;
}

/** How a run ended; one that failed is told by the one error boundary. */
type RunOutcome = 'planned' | 'in sync' | 'applied' | 'declined';

/**
 * Runs the command.
 *
 * @returns the exit status: 0, or with --detailed-exitcode and a dry run 2 when there is something to do; 1 when the operator declined.
 * @throws OperatorError, ApplyError or the SDK's own errors, for the one error boundary of the CLI.
 */
export function planAndApply(settings: Settings, host: Host, options: Options): Promise<number> {
  return withScope(settings, host, options.runtime, async (scope, waiting) => {
    const started = new Date(scope.clock.now());
    const report = (plan: Plan, outcome: RunOutcome, more: object = {}) => {
      if (settings.json) host.print(JSON.stringify({ version: 1, outcome, plan: planAsJson(plan), ...more }, null, 2));
    };
    const { observed, plan } = await readAndPlan(options.command, host, scope, waiting);
    if (!settings.json) for (const line of renderPlan(plan, host.paint, host.width)) host.print(line);
    refuseBlocked(plan);
    if (options.dryRun) {
      report(plan, 'planned');
      return settings.detailedExitcode && changes(plan).length > 0 ? 2 : 0;
    }

    const agreed = await consent({ plan, settings }, host, (wider) =>
      planStack(options.command, observed, { ...scope, settings: wider }),
    );
    if ('declined' in agreed) {
      report(plan, 'declined', { reason: agreed.declined });
      host.warn(agreed.answered ? agreed.declined : `error: ${agreed.declined}`);
      return 1;
    }
    /** The end of a run that did all there was to do. */
    const finish = async (outcome: RunOutcome, lines: string[], more: object) => {
      for (const line of lines) host.note(line);
      const verifying = options.verify?.({ ...scope, settings: agreed.settings }, waiting);
      const verified = verifying && (await verifyAfterwards(verifying, scope, host));
      report(agreed.plan, outcome, { ...more, ...(verified && { verify: verified.document }) });
      return verified?.status ?? 0;
    };
    if (changes(agreed.plan).length === 0) return finish('in sync', [], {});
    const progress = progressOn(host, waiting);
    const parts = partsOf(options.command, observed, { ...scope, settings: agreed.settings });
    const applied = await apply(agreed.plan, parts, scope, progress).catch((error) => {
      if (error instanceof ApplyError) {
        // Until the deploy has gone through, only what was turned on makes something due.
        const turnedOn = error.done.filter(({ resource }) => resource === 'bucket events');
        error.next = options.afterwards(turnedOn, scope, started).next;
      }
      throw error;
    });
    const { lines, next } = options.afterwards(applied, scope, started);
    return finish('applied', lines, { applied: applied.map(describeEntry), ...(next === undefined ? {} : { next }) });
  });
}

/** @throws OperatorError where something in the plan keeps it from being carried out. */
function refuseBlocked({ entries }: Plan): void {
  const blocking = entries.filter(({ blocks }) => blocks);
  if (blocking.length === 0) return;
  const told = blocking.map(({ resource, name, note }) => `The ${resource} ${name}: ${note}.`);
  throw new OperatorError(`This plan can't be carried out. ${told.join(' ')} Nothing was written.`);
}

/** What came of looking. That it could not be seen whether it works undoes nothing: what was done is told all the same. */
async function verifyAfterwards(verifying: Promise<Verification>, { signal, settings }: Scope, host: Host) {
  try {
    const verified = await verifying;
    return { status: verified.status, document: verificationAsJson(verified) };
  } catch (error) {
    const interrupted = signal.aborted;
    const reason = interrupted ? 'Interrupted.' : explain(error, settings.endpointUrl);
    host.warn(
      `${interrupted ? '' : 'error: '}${reason} The deploy itself is done; see whether it works with: npx agentkeys-ses-routing verify`,
    );
    return {
      status: interrupted ? 130 : 1,
      document: { version: 1, outcome: interrupted ? 'interrupted' : 'failed', error: reason },
    };
  }
}

function progressOn(host: Host, waiting: Waiting) {
  return {
    start(entry: Entry) {
      waiting.step = host.step(describeEntry(entry));
    },
    done: () => waiting.step?.done(),
    again: () => waiting.step?.again(),
    failed: () => waiting.step?.failed(),
  };
}
