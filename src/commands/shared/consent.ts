/**
 * Confirmation before a plan is applied. On a terminal: of adoption, of the broker's access to `inbound/` where its policies don't show
 * it, of what is taken from others, and of the plan as a whole. Without one: a plan that only adds is applied; what is lost or opened
 * needs --yes, an adoption --adopt, and what is not decided its flag.
 */
import { changes, consequences, type Entry, needsDecision } from '../../reconcile/plan.js';
import { renderPlan } from '../../reconcile/render.js';
import type { Settings } from '../../settings/index.js';
import type { StackPlan } from '../../stack/index.js';
import type { Host } from '../../terminal/host.js';

/** A plan, and the settings it was made with. */
export interface Proposal {
  plan: StackPlan;
  settings: Settings;
  /** Whether the plan is saved, so that no answer may change it. */
  final?: boolean;
}

/** Why the plan is not applied. */
export interface Declined {
  /** A message for the operator. */
  declined: string;
  /** Whether the operator answered no; false if there was no way to ask. */
  answered: boolean;
}

/**
 * Asks for the confirmations that a plan requires, before the first write.
 *
 * @param planWith plans again with the settings that an answer changed.
 * @returns what to apply, or why nothing is applied. If there is no way to ask, the message names the flag to use.
 */
export async function consent(
  proposal: Proposal,
  host: Host,
  planWith: (settings: Settings) => StackPlan,
): Promise<Proposal | Declined> {
  const { plan, settings } = proposal;
  const unasked = (required: string, flag: string): Declined => {
    const reason = settings.json ? '--json does not prompt' : 'stdin is not a terminal';
    return { declined: `${required}, but ${reason}. Re-run with ${flag}. Nothing was written.`, answered: false };
  };
  const ask = async (question: string, required: string, flag: string): Promise<Declined | undefined> => {
    const answer = await host.confirm(question);
    if (answer === true) return undefined;
    return answer === false ? { declined: 'Declined: nothing was written.', answered: true } : unasked(required, flag);
  };
  const foreign = plan.entries.filter(({ action }) => action === 'adopt');
  if (foreign.length > 0 && !settings.adopt) {
    const list = foreign.map(({ resource, name }) => `the ${resource} ${name}`).join(', ');
    const question = `Adopt ${list}, which this tool did not create?`;
    const refused = await ask(question, `Confirmation required to adopt ${list}`, '--adopt');
    if (refused !== undefined) return refused;
  }
  const decided = await decideAccess(proposal, host, planWith);
  if (decided === undefined)
    return unasked(
      'A decision is required on whether the broker reads inbound/',
      '--broker-reads-inbound or --no-broker-reads-inbound',
    );
  if (settings.yes) return decided;
  const agreed = proposal.final ? decided : await makeOffers(decided, host, planWith);
  if (changes(agreed.plan).length === 0) return agreed;
  const stated = agreed.plan.entries.flatMap((entry) => consequences(entry, agreed.plan));
  for (const consequence of stated) host.warn(`  - ${consequence}`);
  const refused = await ask('Apply these changes?', 'Confirmation required', '--yes');
  // If there is no way to ask, a plan that only adds is applied.
  return refused === undefined || (!refused.answered && stated.length === 0) ? agreed : refused;
}

/**
 * Whether the broker reads `inbound/`, where the account doesn't show it: --yes does not answer that.
 *
 * @returns undefined if there is no way to ask
 */
async function decideAccess(
  proposal: Proposal,
  host: Host,
  planWith: (settings: Settings) => StackPlan,
): Promise<Proposal | undefined> {
  const undecided = proposal.plan.entries.find(needsDecision);
  if (undecided === undefined) return proposal;
  const question = `Let ${undecided.name} list and read inbound/, as magic-link login needs? ("No" gives it the deny on routed mail alone.)`;
  const answer = await host.confirm(question);
  return answer === undefined ? undefined : replanned(proposal, { brokerReadsInbound: answer }, host, planWith);
}

/** The proposal with the settings that an answer changed, after printing its plan. */
function replanned(
  { settings: before }: Proposal,
  changed: Partial<Settings>,
  host: Host,
  planWith: (settings: Settings) => StackPlan,
): Proposal {
  const settings = { ...before, ...changed };
  const plan = planWith(settings);
  for (const line of renderPlan(plan, host.paint, host.width)) host.print(line);
  return { plan, settings };
}

/** What the operator is asked besides the plan as a whole. After a no the run continues without it. */
const offers = [
  {
    offer: 'remove-broad-grants',
    settings: { removeBroadGrants: true },
    question(entries: Entry[]) {
      const policies = entries.map(({ name }) => name.slice(name.indexOf('/') + 1)).join(', ');
      return `Remove the broker's access to this bucket granted by ${policies}? (The policy is saved and can be restored. "No" continues without this change.)`;
    },
  },
  {
    offer: 'take-retry-slots',
    settings: { takeRetrySlots: true },
    question(entries: Entry[]) {
      const taken = entries.flatMap(({ differences }) => differences.map(({ from }) => from)).join(' and ');
      return `Use the retry queue in place of ${taken}, which others set? (The old value is recorded in a tag. "No" continues without this change.)`;
    },
  },
] as const;

/** What is taken from others is taken with its flag, or after a yes to its question. */
async function makeOffers(
  proposal: Proposal,
  host: Host,
  planWith: (settings: Settings) => StackPlan,
): Promise<Proposal> {
  let agreed = proposal;
  for (const { offer, settings, question } of offers) {
    const entries = agreed.plan.entries.filter((entry) => entry.offer === offer);
    if (entries.length > 0 && (await host.confirm(question(entries))) === true)
      agreed = replanned(agreed, settings, host, planWith);
  }
  return agreed;
}
