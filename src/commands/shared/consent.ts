/**
 * What needs the operator's word before a plan is applied: adoption, broad grants, and whatever would be lost.
 */

import type { Entry, Plan } from '../../reconcile/plan.js';
import { renderPlan } from '../../reconcile/render.js';
import type { Settings } from '../../settings/index.js';
import type { StackPlan } from '../../stack/index.js';
import type { Host } from '../../terminal/host.js';

/** A plan, and the settings it was made with. */
export interface Proposal {
  plan: StackPlan;
  settings: Settings;
}

/** Why nothing is to be done, in a line for the operator. */
export interface Declined {
  declined: string;
  /** Whether somebody answered no; otherwise nobody was there to answer. */
  answered: boolean;
}

/**
 * Asks what has to be asked. Questions come before the first write.
 *
 * @param planWith plans again with the settings that an answer changed.
 * @returns what to apply; or why not: the operator declined, or nobody is there to answer, in which case the flag is named.
 */
export async function consent(
  proposal: Proposal,
  host: Host,
  planWith: (settings: Settings) => StackPlan,
): Promise<Proposal | Declined> {
  const { plan, settings } = proposal;
  const strangers = plan.entries.filter(({ action }) => action === 'adopt');
  if (strangers.length > 0 && !settings.adopt) {
    const question = `Take over ${listEntries(strangers)}, which this tool did not make?`;
    const refused = await refusal(question, '--adopt', host);
    if (refused !== undefined) return refused;
  }
  const agreed = await offerGrants(proposal, host, planWith);
  const losses = agreed.plan.entries.filter(loses(plan));
  if (losses.length > 0 && !settings.yes) {
    const told = losses.map((entry) => entry.destroys ?? `delete the ${entry.resource} ${entry.name}`);
    for (const line of told) host.warn(`  - ${line}`);
    const refused = await refusal('Do all of this?', '--yes', host);
    if (refused !== undefined) return refused;
  }
  return agreed;
}

/** Broad grants are removed by their own flag, or by yes to their own question. Without either they stay, and that is no failure. */
async function offerGrants(
  proposal: Proposal,
  host: Host,
  planWith: (settings: Settings) => StackPlan,
): Promise<Proposal> {
  const offered = proposal.plan.entries.filter(({ offer }) => offer === 'remove-broad-grants');
  if (offered.length === 0) return proposal;
  const question = `Take ${listEntries(offered)} from the broker, as far as this bucket goes? (It is saved, and can be put back.)`;
  if ((await host.confirm(question)) !== true) return proposal;
  const settings = { ...proposal.settings, removeBroadGrants: true };
  const plan = planWith(settings);
  for (const line of renderPlan(plan, host.paint, host.width)) host.print(line);
  return { plan, settings };
}

async function refusal(question: string, flag: string, host: Host): Promise<Declined | undefined> {
  const answer = await host.confirm(question);
  if (answer === true) return undefined;
  if (answer === false) return { declined: 'Declined: nothing was written.', answered: true };
  return {
    declined: `${question} There is no terminal to answer on: ${flag} says yes. Nothing was written.`,
    answered: false,
  };
}

function loses({ command }: Plan): (entry: Entry) => boolean {
  return ({ action, destroys }) => destroys !== undefined || (command === 'teardown' && action === 'delete');
}

function listEntries(entries: Entry[]): string {
  return entries.map(({ resource, name }) => `the ${resource} ${name}`).join(', ');
}
