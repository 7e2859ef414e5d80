/**
 * Whether the stack is in sync: the plan's entries as checks. Pure.
 */
import { ownCommand } from '../../aws/own-command.js';
import { type Difference, needsDecision } from '../../reconcile/plan.js';
import type { StackPlan } from '../../stack/index.js';
import { type Check, fail, group, ok, skip } from './check.js';

const redeploy = `${ownCommand('deploy')} (preview the changes with --dry-run)`;

const found = {
  create: 'it does not exist',
  update: 'it differs:',
  adopt: 'it was not created by this tool, and differs:',
  delete: "it belongs to deploy.sh's router, which a deploy replaces",
};

export function stackChecks({ entries }: StackPlan): Check {
  const seen = new Map<string, number>();
  const checks = entries.map(({ resource, name, action, note, differences, offer }) => {
    const title = numbered(`${resource} ${name}`, seen);
    if (action === 'none') return ok(title, note);
    if (needsDecision({ offer })) return fail(title, String(note), redeploy);
    if (action === 'attention') return skip(title, `note: ${note}`);
    const details = action === 'update' || action === 'adopt' ? ` ${differences.map(inWords).join('; ')}` : '';
    return fail(title, `${found[action]}${details}`, redeploy);
  });
  return group('the stack is in sync', checks);
}

/** Several entries may be about one resource. */
function numbered(title: string, seen: Map<string, number>): string {
  const times = (seen.get(title) ?? 0) + 1;
  seen.set(title, times);
  return times === 1 ? title : `${title} (${times})`;
}

function inWords({ field, from = 'nothing', to = 'nothing' }: Difference): string {
  return `${field} is ${from}, not ${to}`;
}
