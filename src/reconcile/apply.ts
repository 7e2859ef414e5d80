/**
 * Carries a plan out: its own calls, one after the other, each race met by reading that part again.
 */
import type { Aws } from '../aws/clients.js';
import { isRace, notYet, OperatorError, sentence } from '../aws/errors.js';
import { NotYet, until, type Wait } from '../aws/waits.js';
import { send, type Write } from '../aws/writes.js';
import { type DeferredValues, deferred, resolve } from './deferred.js';
import type { Entry, Plan, PlannedEntry } from './plan.js';

/** What is asked of the parts that a plan's entries belong to. */
export interface Parts<Part extends string> {
  /** What the plan's references stand for so far. */
  values: DeferredValues;
  /** Before a write: looks once more at what no condition of AWS's guards. @throws a race when it is no longer as it was read */
  prepare(part: Part, write: Write): Promise<void>;
  /** After a write: waits until AWS has carried it out, checks it, and notes what later calls refer to. @throws a race likewise */
  settle(part: Part, write: Write, answer: object): Promise<void>;
  /** Reads the parts in `changed` again, notes what is known then, and plans those in `left` anew. */
  planAgain(changed: Set<Part>, left: Set<Part>): Promise<PlannedEntry<Part>[]>;
}

/** What the calls are made with. */
export type Surroundings = { aws: Aws } & Omit<Wait, 'deadline'>;

/** Told how the work goes; it draws nothing itself. */
export interface Progress {
  start(entry: Entry): void;
  done(entry: Entry): void;
  /** It was changed meanwhile by somebody else, or by a call of ours whose answer was lost: it is read and planned again. */
  again(entry: Entry): void;
  failed(entry: Entry): void;
}

/** A plan that was not carried out to its end: what was done, what was not, and why. */
export class ApplyError extends Error {
  override readonly name = 'ApplyError';
  /** A command that is due because of what was done. */
  next?: string;
  constructor(
    override readonly cause: unknown,
    readonly plan: Plan,
    readonly done: Entry[],
    readonly failed: Entry,
    readonly remaining: Entry[],
  ) {
    super('the plan was not carried out to its end', { cause });
  }
}

/** A resource was never as it had just been read. */
class EndlessRaceError extends OperatorError {
  constructor({ resource, name }: Entry, cause: Error) {
    super(
      `The ${resource} ${name} is never as it was just read. AWS's last answer: ${sentence(cause.message)} Either somebody else goes on changing it, or something that it refers to does not exist.`,
      { cause },
    );
  }
}

/** AWS settles within seconds; a minute and a half is a fault. Milliseconds. */
const patience = 90_000;

/** How many races a run meets by reading again before it gives up: somebody else is at work on the same things. */
const racesMet = 8;

/**
 * The pause before reading again, milliseconds: none the first time, when the answer to a call was lost or somebody was faster; then
 * more each time, as IAM may take seconds until all of it knows of a change.
 */
function pauseAfter(races: number): number {
  return races === 1 ? 0 : Math.min(250 * 2 ** (races - 2), 4_000);
}

/**
 * Makes the plan's calls. Stops at the first that fails; what was done stays done, and the next run goes on from there.
 *
 * @returns the entries that were carried out.
 * @throws ApplyError with the cause, also when the signal is aborted.
 */
export async function apply<Part extends string>(
  plan: Plan<Part>,
  parts: Parts<Part>,
  surroundings: Surroundings,
  progress: Progress,
): Promise<Entry[]> {
  const done: PlannedEntry<Part>[] = [];
  let waiting = changing(plan.entries);
  let races = 0;
  for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) {
    const { part } = entry;
    progress.start(entry);
    try {
      for (const write of entry.writes) await perform(write, part, parts, surroundings);
      progress.done(entry);
      done.push(entry);
    } catch (error) {
      if (!isRace(error) || races === racesMet) {
        progress.failed(entry);
        const cause = isRace(error) ? new EndlessRaceError(entry, error) : error;
        throw new ApplyError(cause, plan, done, entry, waiting);
      }
      races += 1;
      progress.again(entry);
      const changed = new Set([...done.map((one) => one.part), part]);
      // All that is left, as it may depend on what has just been read: the function on its role's id.
      const left = new Set([part, ...waiting.map((one) => one.part)]);
      try {
        await surroundings.clock.sleep(pauseAfter(races), surroundings.signal);
        waiting = changing(approved(await parts.planAgain(changed, left), plan));
      } catch (cause) {
        throw new ApplyError(cause, plan, done, entry, waiting);
      }
    }
  }
  return done;
}

function changing<Part extends string>(entries: PlannedEntry<Part>[]): PlannedEntry<Part>[] {
  return entries.filter(({ writes }) => writes.length > 0);
}

/**
 * A part read again may need other calls than the plan showed, but nothing that would have been asked about and was not, or refused.
 *
 * @throws OperatorError otherwise.
 */
function approved<Part extends string>(entries: PlannedEntry<Part>[], plan: Plan): PlannedEntry<Part>[] {
  const consent = ({ action, destroys, name }: Entry) =>
    `${action === 'adopt' || action === 'delete'} ${name} ${destroys}`;
  const given = new Set(plan.entries.map(consent));
  for (const entry of entries)
    if (
      (entry.action === 'adopt' || entry.action === 'delete' || entry.destroys !== undefined || entry.blocks) &&
      !given.has(consent(entry))
    )
      throw new OperatorError(
        `The ${entry.resource} ${entry.name} was changed meanwhile, in a way that the plan did not show. Run the command again for a new plan.`,
      );
  return entries;
}

async function perform<Part extends string>(
  write: Write,
  part: Part,
  parts: Parts<Part>,
  { aws, clock, signal, onWaiting }: Surroundings,
): Promise<void> {
  const { values } = parts;
  signal.throwIfAborted();
  await parts.prepare(part, write);
  const answer = await until({ clock, signal, deadline: patience, onWaiting }, async () => {
    values.set(deferred.now, new Date(clock.now()).toISOString());
    try {
      return await send(aws, resolve(write, values));
    } catch (error) {
      const what = notYet(error);
      if (what === undefined) throw error;
      return new NotYet(what, error);
    }
  });
  await parts.settle(part, write, answer);
}
