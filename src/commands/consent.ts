/**
 * What needs the operator's word before a plan is applied: adoption, broad grants, and whatever would be lost.
 */
import { OperatorError } from '../aws/errors.js';
import type { Host } from '../host/host.js';
import type { Entry, Plan } from '../reconcile/plan.js';
import { renderPlan } from '../reconcile/render.js';
import type { Settings } from '../settings/index.js';

/**
 * Asks what has to be asked. Questions come before the first write.
 *
 * @param planWith plans again with the settings that an answer changed.
 * @returns the plan to apply; undefined when the operator declined.
 * @throws OperatorError where an answer is needed and nobody is there to give it, naming the flag.
 */
export async function consent(
  plan: Plan,
  settings: Settings,
  host: Host,
  planWith: (more: Partial<Settings>) => Plan,
): Promise<Plan | undefined> {
  const strangers = plan.entries.filter(({ action }) => action === 'adopt');
  if (strangers.length > 0 && !settings.adopt) {
    const question = `Take over ${list(strangers)}, which this tool did not make?`;
    if (!(await ask(question, '--adopt', host))) return undefined;
  }
  const agreed = await offerGrants(plan, host, planWith);
  const losses = agreed.entries.filter(loses(agreed));
  if (losses.length > 0 && !settings.yes) {
    const told = losses.map((entry) => entry.destroys ?? `delete the ${entry.resource} ${entry.name}`);
    for (const line of told) host.warn(`  - ${line}`);
    if (!(await ask('Do all of this?', '--yes', host))) return undefined;
  }
  return agreed;
}

/** Broad grants are removed by their own flag, or by yes to their own question. Without either they stay, and that is no failure. */
async function offerGrants(plan: Plan, host: Host, planWith: (more: Partial<Settings>) => Plan): Promise<Plan> {
  const offered = plan.entries.filter(({ offer }) => offer === 'remove-broad-grants');
  if (offered.length === 0) return plan;
  const question = `Take ${list(offered)} from the broker, as far as this bucket goes? (It is saved, and can be put back.)`;
  if ((await host.confirm(question)) !== true) return plan;
  const wider = planWith({ removeBroadGrants: true });
  for (const line of renderPlan(wider, host.paint, host.width)) host.print(line);
  return wider;
}

async function ask(question: string, flag: string, host: Host): Promise<boolean> {
  const answer = await host.confirm(question);
  if (answer === undefined)
    throw new OperatorError(`${question} There is no terminal to answer on: ${flag} says yes. Nothing was written.`);
  return answer;
}

function loses({ command }: Plan): (entry: Entry) => boolean {
  return ({ action, destroys }) => destroys !== undefined || (command === 'teardown' && action === 'delete');
}

function list(entries: Entry[]): string {
  return entries.map(({ resource, name }) => `the ${resource} ${name}`).join(', ');
}
