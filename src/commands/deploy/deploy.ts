/** `deploy`: creates or updates the stack; with --dry-run, shows the changes. */

import { OperatorError } from '../../aws/errors.js';
import { inShell, ownCommand } from '../../aws/own-command.js';
import { type Entry, needsDecision } from '../../reconcile/plan.js';
import type { Settings } from '../../settings/index.js';
import { sinceTag } from '../../stack/resources/rule.js';
import { repairsRouting } from '../../stack/routing-path.js';
import type { Scope } from '../../stack/scope.js';
import type { Host } from '../../terminal/host.js';
import { asTime } from '../../terminal/text.js';
import { backfillCommand } from '../shared/backfill-command.js';
import { type Options, planAndApply } from '../shared/plan-and-apply.js';
import { type CurrentStep, defaultRuntime, type Runtime } from '../shared/session.js';
import { probeTimeout } from '../verify/command.js';

export interface DeployOptions {
  /** Stop after the plan. */
  dryRun: boolean;
  /** Show the plan as Markdown. */
  markdown?: boolean;
  /** The file to save the plan in. */
  out?: string;
  /** The file of the saved plan to apply. */
  plan?: string;
  /** Verify the stack afterwards. */
  verify?: boolean;
  runtime?: Runtime;
}

export async function deploy(
  settings: Settings,
  host: Host,
  { dryRun, markdown = false, out, plan, verify = false, runtime = defaultRuntime }: DeployOptions,
): Promise<number> {
  const unfit = markdown ? '--markdown' : out === undefined ? undefined : '--out';
  if (unfit !== undefined && !dryRun) throw new OperatorError(`${unfit} needs --dry-run. Nothing was read or written.`);
  return planAndApply(settings, host, {
    command: 'deploy',
    dryRun,
    markdown,
    runtime,
    ...(out !== undefined && { save: await savingIn(out, host) }),
    ...(plan !== undefined && { saved: await savedIn(plan, host) }),
    ...(verify && { verify: await prepareVerification(settings, host, runtime) }),
    afterwards(applied, scope, started) {
      const backfill = backfillCommand(scope);
      const left = mailLeftBehind(applied, scope);
      const turnedOn = applied.find(turnsEventsOn);
      if (turnedOn !== undefined) {
        const since = missingSince(turnedOn, applied, started);
        const next = backfillCommand(scope, { '--since': since });
        return {
          next,
          lines: [
            'Done. S3 starts to deliver events about five minutes after EventBridge is turned',
            'on. Mail that arrives before then stays in inbound/. Route it in ten minutes:',
            `  ${next}`,
            ...(since === undefined ? [] : ['Without --since, this also routes all earlier mail.']),
            ...left,
          ],
        };
      }
      if (!applied.some(repairsRouting)) return { lines: ['Done.'] };
      return {
        next: backfill,
        lines: [
          'Done. Earlier mail that was not routed is still in inbound/. Route it with:',
          `  ${backfill}`,
          ...left,
        ],
      };
    },
  });
}

/** Saves plans in a file. The path is checked now, so that a problem with it is reported before anything is read. */
async function savingIn(path: string, host: Host): Promise<Options['save']> {
  const { assertReplaceable, writePlan } = await import('./plan-file.js');
  const { savedPlan } = await import('./saved-plan.js');
  await assertReplaceable(path);
  return async (observed, plan, scope) => {
    const undecided = plan.entries.find(needsDecision);
    if (undecided !== undefined)
      throw new OperatorError(
        `This plan is not saved, because it can't be applied: ${undecided.note}. Re-run with --broker-reads-inbound or --no-broker-reads-inbound.`,
      );
    await writePlan(path, await savedPlan({ observed, plan, scope }));
    host.note(
      `Saved in ${path}. Apply this plan with the same settings: ${ownCommand(`deploy --plan ${inShell(path)}`)}`,
    );
    return path;
  };
}

/** A saved plan to apply. It is read now, before anything else. */
async function savedIn(path: string, host: Host): Promise<Options['saved']> {
  const { readPlan } = await import('./plan-file.js');
  const { assertSameTarget, assertUnchanged, saveAgain } = await import('./saved-plan.js');
  const saved = await readPlan(path);
  return {
    again: saveAgain(path),
    start: (scope) => assertSameTarget(saved, scope, path),
    async compare(observed, plan, scope) {
      await assertUnchanged(saved, { observed, plan, scope }, path);
      host.note(`This is the plan of ${saved.saved} in ${path}.`);
    },
  };
}

/** Reads the token now, so that a problem with it is reported before anything is written. */
async function prepareVerification(settings: Settings, host: Host, runtime: Runtime) {
  const { agentToken, verification } = await import('../verify/verify.js');
  const options = { timeout: probeTimeout, token: await agentToken(settings), runtime };
  return (scope: Scope, current: CurrentStep) => verification(scope, host, current, options);
}

/**
 * The earliest moment at which EventBridge can have been off. Nobody records when it was turned off: if it had been on, everything since
 * then may be missing; if that time is unknown, everything may be.
 *
 * @returns the value of --since; undefined to route all mail.
 */
function missingSince({ differences }: Entry, applied: Entry[], started: Date): string | undefined {
  const onSince = Date.parse(String(differences.find(({ field }) => field === `tag ${sinceTag}`)?.from));
  if (!Number.isNaN(onSince)) return asTime(new Date(onSince));
  const isFirst = applied.some(({ resource, action }) => resource === 'rule' && action === 'create');
  return isFirst ? asTime(started) : undefined;
}

/** Where the mail of the bucket is from which the stack was moved, and how to route it. */
function mailLeftBehind(applied: Entry[], scope: Scope): string[] {
  const { moveFromBucket: from } = scope.settings;
  const moved = applied.some(({ differences }) => differences.some((one) => one.from === from && one.to !== undefined));
  if (from === undefined || !moved) return [];
  const backfill = backfillCommand(scope, { '--bucket': from });
  return [`Mail in ${from} stays in its inbound/. Route it with:`, `  ${backfill}`];
}

function turnsEventsOn({ differences }: Entry): boolean {
  return differences.some(({ field, to }) => field === 'EventBridge' && to === 'on');
}
