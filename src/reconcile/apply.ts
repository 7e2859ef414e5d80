/**
 * Carries a plan out: its own calls, one after the other, each race met by reading that part again.
 */
import { isRace, notYet, OperatorError } from '../aws/errors.js';
import { NotYet, until } from '../aws/waits.js';
import { send, type Write } from '../aws/writes.js';
import { knownFrom, planPart, readAgain, resourceOf } from '../stack/index.js';
import type { Observed } from '../stack/resource.js';
import type { Scope } from '../stack/scope.js';
import { fill, type Known, reference } from './known.js';
import type { Entry, Plan, PlannedEntry } from './plan.js';

/** Told how the work goes; it draws nothing itself. */
export interface Progress {
  start(entry: Entry): void;
  done(entry: Entry): void;
  failed(entry: Entry): void;
}

/** A plan that was not carried out to its end: what was done, what was not, and why. */
export class ApplyError extends Error {
  override readonly name = 'ApplyError';
  constructor(
    override readonly cause: unknown,
    readonly done: Entry[],
    readonly failed: Entry,
    readonly remaining: Entry[],
  ) {
    super('the plan was not carried out to its end', { cause });
  }
}

/** AWS settles within seconds; a minute and a half is a fault. Milliseconds. */
const patience = 90_000;

/** How many races a run meets by reading again before it gives up: somebody else is at work on the same things. */
const racesMet = 8;

/**
 * Makes the plan's calls. Stops at the first that fails; what was done stays done, and the next run goes on from there.
 *
 * @returns the entries that were carried out.
 * @throws ApplyError with the cause, also when the scope's signal is aborted.
 */
export async function apply(plan: Plan, observed: Observed, scope: Scope, progress: Progress): Promise<Entry[]> {
  const known = knownFrom(observed);
  const done: Entry[] = [];
  let waiting = changing(plan.entries);
  let now = observed;
  let races = 0;
  for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) {
    const { part } = entry;
    progress.start(entry);
    try {
      for (const write of entry.writes) await perform(write, part, scope, known);
      progress.done(entry);
      done.push(entry);
    } catch (error) {
      progress.failed(entry);
      if (!isRace(error) || ++races > racesMet) throw new ApplyError(error, done, entry, waiting);
      const later = waiting.filter((one) => one.part !== part);
      try {
        now = await readAgain(now, part, scope);
        for (const [name, value] of knownFrom(now)) known.set(name, value);
        waiting = [...changing(approved(planPart(plan.command, part, now, scope), plan)), ...later];
      } catch (cause) {
        throw new ApplyError(cause, done, entry, later);
      }
    }
  }
  return done;
}

function changing(entries: PlannedEntry[]): PlannedEntry[] {
  return entries.filter(({ writes }) => writes.length > 0);
}

/**
 * A part read again may need other calls than the plan showed, but nothing that would have been asked about and was not.
 *
 * @throws OperatorError otherwise.
 */
function approved(entries: PlannedEntry[], plan: Plan): PlannedEntry[] {
  const consent = ({ action, destroys, name }: Entry) =>
    `${action === 'adopt' || action === 'delete'} ${name} ${destroys}`;
  const given = new Set(plan.entries.map(consent));
  for (const entry of entries)
    if (
      (entry.action === 'adopt' || entry.action === 'delete' || entry.destroys !== undefined) &&
      !given.has(consent(entry))
    )
      throw new OperatorError(
        `The ${entry.resource} ${entry.name} was changed meanwhile, in a way that the plan did not show. Run the command again for a new plan.`,
      );
  return entries;
}

async function perform(write: Write, part: keyof Observed, scope: Scope, known: Known): Promise<void> {
  const { aws, clock, signal, onWaiting } = scope;
  const { prepare, settle } = resourceOf(part);
  signal.throwIfAborted();
  await prepare?.(write, scope);
  const answer = await until({ clock, signal, deadline: patience, onWaiting }, async () => {
    known.set(reference.now, new Date(clock.now()).toISOString());
    try {
      return await send(aws, fill(write, known));
    } catch (error) {
      const what = notYet(error);
      if (what === undefined) throw error;
      return new NotYet(what, error);
    }
  });
  await settle?.(write, answer, scope, known);
}
