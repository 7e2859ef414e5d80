/**
 * The steps that deploy and teardown share: read, plan, show, confirm, apply, report.
 */
import { explain, OperatorError } from '../../aws/errors.js';
import { ownCommand } from '../../aws/own-command.js';
import { ApplyError, apply } from '../../reconcile/apply.js';
import { confinedTo } from '../../reconcile/confined.js';
import { renderMarkdown } from '../../reconcile/markdown.js';
import { changes, type Entry, needsDecision, type Plan } from '../../reconcile/plan.js';
import type { Progress } from '../../reconcile/progress.js';
import { describeEntry, planAsJson, renderPlan } from '../../reconcile/render.js';
import type { Settings } from '../../settings/index.js';
import { type Observed, partsOf, planStack, readStack, type StackPlan } from '../../stack/index.js';
import type { Scope } from '../../stack/scope.js';
import type { Host } from '../../terminal/host.js';
import { type Verification, verificationAsJson } from '../verify/result.js';
import { consent } from './consent.js';
import { readAndPlan } from './read-and-plan.js';
import type { RunDocument } from './schema.js';
import { type CurrentStep, type Runtime, withScope } from './session.js';

export interface Options {
  command: Plan['command'];
  /** Stop after the plan. */
  dryRun: boolean;
  /** Show the plan as Markdown. */
  markdown?: boolean;
  runtime: Runtime;
  /** A saved plan: the plan that is made now is to be the same one. */
  saved?: {
    /** Before the account is read. @throws OperatorError to stop */
    start(scope: Scope): void;
    /** Before anything is asked or written. @throws OperatorError to stop */
    compare(observed: Observed, plan: StackPlan, scope: Scope): Promise<void>;
    /** What to do after it was applied in part: it can't be applied again. */
    again: string;
  };
  /** Saves the plan of a dry run. @returns the path of the file */
  save?(observed: Observed, plan: StackPlan, scope: Scope): Promise<string>;
  /** The lines to print after the plan was applied, and the command to run next, for `--json`. */
  afterwards(applied: Entry[], scope: Scope, started: Date): { lines: string[]; next?: string };
  /** Verifies the stack after the plan was applied. */
  verify?(scope: Scope, current: CurrentStep): Promise<Verification>;
}

/** How a run ended; failures are reported by the command line. */
type WithoutPlan<One> = One extends RunDocument ? Omit<One, 'version' | 'plan'> : never;
type RunResult = WithoutPlan<RunDocument>;
type SuccessfulResult = Extract<RunResult, { verify?: unknown }>;

/**
 * Runs the command.
 *
 * @returns the exit status: 0 success; 1 declined; 2 if a dry run with --detailed-exitcode finds changes.
 * @throws OperatorError, ApplyError or the SDK's errors, which the command line reports.
 */
export function planAndApply(settings: Settings, host: Host, options: Options): Promise<number> {
  const session = { ...options.runtime, read: readStack };
  return withScope(settings, host, session, async (scope, current, readAhead) => {
    const started = new Date(scope.clock.now());
    const report = (plan: Plan, result: RunResult) => {
      if (!settings.json) return;
      const document: RunDocument = { version: 1, ...result, plan: planAsJson(plan) };
      host.print(JSON.stringify(document, null, 2));
    };
    options.saved?.start(scope);
    const { observed, plan } = await readAndPlan(options.command, host, scope, current, readAhead);
    const shown = options.markdown ? renderMarkdown(plan) : renderPlan(plan, host.paint, host.width);
    if (!settings.json) for (const line of shown) host.print(line);
    refuseBlocked(plan);
    if (options.dryRun) {
      const saved = await options.save?.(observed, plan, scope);
      report(plan, { outcome: 'planned', saved });
      const pending = changes(plan).length > 0 || plan.entries.some(needsDecision);
      return settings.detailedExitcode && pending ? 2 : 0;
    }

    await options.saved?.compare(observed, plan, scope);
    const agreed = await consent({ plan, settings, final: options.saved !== undefined }, host, (changed) =>
      planStack(options.command, observed, { ...scope, settings: changed }),
    );
    if ('declined' in agreed) {
      report(plan, { outcome: 'declined', reason: agreed.declined });
      host.warn(agreed.answered ? agreed.declined : `error: ${agreed.declined}`);
      return 1;
    }
    /** Ends a successful run. */
    const finish = async (result: SuccessfulResult, lines: string[]) => {
      for (const line of lines) host.note(line);
      const verifying = options.verify?.({ ...scope, settings: agreed.settings }, current);
      const verified = verifying && (await verifyAfterwards(verifying, scope, host));
      report(agreed.plan, { ...result, ...(verified && { verify: verified.document }) });
      return verified?.status ?? 0;
    };
    if (changes(agreed.plan).length === 0) return finish({ outcome: 'in sync' }, []);
    const missing: string[] = [];
    const progress = progressOn(
      host,
      current,
      (line) => {
        missing.push(line);
        host.warn(`! ${line}`);
      },
      settings.endpointUrl,
    );
    const parts = partsOf(options.command, observed, { ...scope, settings: agreed.settings });
    const within = options.saved === undefined ? parts : confinedTo(agreed.plan, parts);
    const applied = await apply(agreed.plan, within, scope, progress).catch((error) => {
      if (error instanceof ApplyError) {
        // After a partial deploy, backfill is due only if EventBridge was turned on.
        const due = error.done.some(({ resource }) => resource === 'bucket events');
        if (options.saved !== undefined) error.again = options.saved.again;
        error.next = options.afterwards(due ? error.done : [], scope, started).next;
      }
      throw error;
    });
    const { lines, next } = options.afterwards(applied, scope, started);
    const denied = missing.length > 0 ? missing : undefined;
    return finish({ outcome: 'applied', applied: applied.map(describeEntry), denied, next }, lines);
  });
}

/** @throws OperatorError if an entry blocks the plan. */
function refuseBlocked({ entries }: Plan): void {
  const blocking = entries.filter(({ blocks }) => blocks);
  if (blocking.length === 0) return;
  const reasons = blocking.map(({ resource, name, note }) => `The ${resource} ${name}: ${note}.`);
  throw new OperatorError(`This plan can't be applied. ${reasons.join(' ')} Nothing was written.`);
}

/** Waits for the verification. If it fails to run, the changes are reported all the same. */
async function verifyAfterwards(
  verifying: Promise<Verification>,
  { signal, settings }: Scope,
  host: Host,
): Promise<{ status: number; document: SuccessfulResult['verify'] }> {
  try {
    const verified = await verifying;
    return { status: verified.status, document: verificationAsJson(verified) };
  } catch (error) {
    const interrupted = signal.aborted;
    const reason = interrupted ? 'Interrupted.' : explain(error, settings.endpointUrl);
    host.warn(
      `${interrupted ? '' : 'error: '}${reason} The deploy is complete. Verify it with: ${ownCommand('verify')}`,
    );
    return {
      status: interrupted ? 130 : 1,
      document: { version: 1, outcome: interrupted ? 'interrupted' : 'failed', error: reason },
    };
  }
}

/** @param onDenied called with a line for each optional call that AWS denied, when its entry has ended. */
function progressOn(
  host: Host,
  current: CurrentStep,
  onDenied: (line: string) => void,
  endpointUrl?: string,
): Progress {
  const denied: string[] = [];
  const reportDenied = () => {
    for (const line of denied.splice(0)) onDenied(line);
  };
  return {
    start(entry: Entry) {
      current.step = host.step(describeEntry(entry));
    },
    waiting: (what) => current.step?.waiting(what),
    denied({ resource, name }, meaning, error) {
      denied.push(`${resource} ${name}: ${meaning}. ${explain(error, endpointUrl)}`);
    },
    done() {
      current.step?.done();
      reportDenied();
    },
    again: () => current.step?.again(),
    failed() {
      current.step?.failed();
      reportDenied();
    },
  };
}
