/**
 * Applies a plan: makes its calls, those that need not wait for each other side by side, and after a race reads the changed parts again.
 */
import type { Aws } from '../aws/clients.js';
import { isDenied, isRace, nameOf, notYet, OperatorError, sentence } from '../aws/errors.js';
import { NotYet, until, type Wait } from '../aws/waits.js';
import { send, type Write } from '../aws/writes.js';
import { type DeferredValues, deferred, resolve } from './deferred.js';
import type { WaitsFor } from './order.js';
import type { Entry, Plan, PlannedEntry } from './plan.js';
import { inOrder, type OrderedProgress, type Progress } from './progress.js';
import { sideBySide } from './side-by-side.js';

/** The parts that a plan's entries belong to. */
export interface Parts<Part extends string> {
  /** The values of the plan's references known so far. */
  values: DeferredValues;
  /** Whether an entry has to wait for one that precedes it. */
  waitsFor: WaitsFor<Part>;
  /** What it means if AWS denies the write, where the rest works without it; undefined for a write that is needed. */
  optional(part: Part, write: Write): string | undefined;
  /** Before a write: re-reads the preconditions that AWS can't check. @throws a race if they have changed */
  prepare(part: Part, write: Write, onWaiting: Wait['onWaiting']): Promise<void>;
  /** After a write: waits until it has taken effect, checks it, and stores values that later calls refer to. @throws a race */
  settle(part: Part, write: Write, answer: object, onWaiting: Wait['onWaiting']): Promise<void>;
  /** Reads the parts in `changed` again, updates the values, and plans the parts in `left` again. */
  planAgain(changed: Set<Part>, left: Set<Part>): Promise<PlannedEntry<Part>[]>;
}

/** What the calls are made with. */
export type Surroundings = { aws: Aws } & Pick<Wait, 'clock' | 'signal'>;

/** An entry that failed, and why. */
export interface Failure {
  entry: Entry;
  cause: unknown;
}

/** The plan was not applied completely: what was done, what was not, and why. */
export class ApplyError extends Error {
  override readonly name = 'ApplyError';
  /** A command to run because of what was done. */
  next?: string;
  /** How to go on; absent if the same command does. */
  again?: string;
  readonly failed: Entry;
  constructor(
    readonly plan: Plan,
    readonly done: Entry[],
    { entry, cause }: Failure,
    readonly remaining: Entry[],
    /** Other entries, under way at the same time, that failed as well. */
    readonly others: Failure[] = [],
  ) {
    super('the plan was not applied completely', { cause });
    this.failed = entry;
  }
}

/** A resource kept changing between reads and writes. */
class EndlessRaceError extends OperatorError {
  constructor({ resource, name }: Entry, cause: Error) {
    super(
      `The ${resource} ${name} keeps changing between being read and being written. AWS's last answer: ${sentence(cause.message)} Either someone else keeps changing it, or something that it refers to does not exist.`,
      { cause },
    );
  }
}

/** AWS is ready within seconds; longer than this is an error. Milliseconds. */
const notYetDeadline = 90_000;

/** Most of these waits end within seconds, and each pause is time lost on a first deploy. Milliseconds. */
const longestNotYetPause = 1_000;

/** How many races a run resolves by reading again before it gives up. */
const maxRaces = 8;

/**
 * The pause before reading again, milliseconds: none after the first race, then longer each time, as IAM is eventually consistent.
 */
function pauseAfter(races: number): number {
  return races === 1 ? 0 : Math.min(250 * 2 ** (races - 2), 4_000);
}

/**
 * Makes the plan's calls. After a failure no other entry is begun, unless AWS denied a call that the rest works without; completed calls
 * stay, and the next run continues from there.
 *
 * @param progress told of one entry after another, in the plan's order.
 * @returns the entries that were applied, at least in part.
 * @throws ApplyError with the causes, also when the signal is aborted.
 */
export async function apply<Part extends string>(
  plan: Plan<Part>,
  parts: Parts<Part>,
  surroundings: Surroundings,
  progress: Progress,
): Promise<Entry[]> {
  const done: PlannedEntry<Part>[] = [];
  let waiting = changing(plan.entries);
  for (let races = 0; waiting.length > 0; races += 1) {
    const ordered = inOrder(waiting, progress);
    const written = new Set<Entry>();
    const { complete, failures } = await sideBySide(waiting, parts.waitsFor, {
      begin(entry) {
        ordered.tell(entry, (to) => to.start(entry));
        surroundings.signal.throwIfAborted();
      },
      async perform(entry) {
        if (await performAll(entry, parts, surroundings, ordered)) written.add(entry);
      },
    });
    done.push(...complete.filter((entry) => written.has(entry)));
    const stopped = whatStops(failures, races);
    for (const { entry } of failures)
      ordered.tell(entry, (to) => (stopped === undefined ? to.again(entry) : to.failed(entry)), true);
    ordered.end();

    const [raced] = failures;
    if (raced === undefined) return done;
    const left = waiting.filter((entry) => !complete.includes(entry));
    const stop = ([first, ...others]: [Failure, ...Failure[]]) => {
      const told = [first, ...others].map(({ entry }) => entry);
      const remaining = left.filter((entry) => !told.includes(entry));
      return new ApplyError(plan, done, first, remaining, others);
    };
    if (stopped !== undefined) throw stop(stopped);
    const changed = new Set([...done, ...failures.map(({ entry }) => entry)].map(({ part }) => part));
    try {
      await surroundings.clock.sleep(pauseAfter(races + 1), surroundings.signal);
      // Everything left, as it may depend on what is read now: the function on its role's ID.
      const again = await parts.planAgain(changed, new Set(left.map(({ part }) => part)));
      waiting = changing(approved(again, plan));
    } catch (cause) {
      throw stop([{ entry: raced.entry, cause }]);
    }
  }
  return done;
}

/**
 * The failures that end the run; undefined if it goes on: there are none, or only races.
 *
 * @param races how many were resolved before.
 */
function whatStops(
  failures: ReadonlyArray<{ entry: Entry; error: unknown }>,
  races: number,
): [Failure, ...Failure[]] | undefined {
  const final = failures.flatMap(({ entry, error }): Failure[] => {
    if (!isRace(error)) return [{ entry, cause: error }];
    return races < maxRaces ? [] : [{ entry, cause: new EndlessRaceError(entry, error) }];
  });
  // Ctrl-C ends each entry that is under way: it is reported once, and not beside a failure.
  const told = final.filter(({ cause }) => nameOf(cause) !== 'AbortError');
  const [first = final[0], ...others] = told;
  return first && [first, ...others];
}

function changing<Part extends string>(entries: PlannedEntry<Part>[]): PlannedEntry<Part>[] {
  return entries.filter(({ writes }) => writes.length > 0);
}

/**
 * A part that was read again may need other calls than the plan showed, but none that needs a confirmation that was not given.
 *
 * @throws OperatorError otherwise.
 */
function approved<Part extends string>(entries: PlannedEntry<Part>[], plan: Plan): PlannedEntry<Part>[] {
  const consent = ({ action, destroys, widens, name }: Entry) =>
    `${action === 'adopt' || action === 'delete'} ${name} ${destroys} ${widens}`;
  const given = new Set(plan.entries.map(consent));
  for (const entry of entries)
    if (
      (entry.action === 'adopt' ||
        entry.action === 'delete' ||
        entry.destroys !== undefined ||
        entry.widens !== undefined ||
        entry.blocks) &&
      !given.has(consent(entry))
    )
      throw new OperatorError(
        `The ${entry.resource} ${entry.name} changed after the plan was made, in a way that the plan did not show. Run the command again for a new plan.`,
      );
  return entries;
}

/**
 * Makes an entry's calls. After the denial of an optional call, its other optional ones are left out: they may need the first.
 *
 * @returns false if none took effect.
 */
async function performAll<Part extends string>(
  entry: PlannedEntry<Part>,
  parts: Parts<Part>,
  surroundings: Surroundings,
  { tell }: OrderedProgress,
): Promise<boolean> {
  const { part, writes } = entry;
  const onWaiting = (what: string) => tell(entry, (to) => to.waiting(what));
  let performed = 0;
  let denied = false;
  for (const write of writes) {
    const meaning = parts.optional(part, write);
    if (denied && meaning !== undefined) continue;
    try {
      await perform(write, part, parts, { ...surroundings, onWaiting });
      performed += 1;
    } catch (error) {
      if (meaning === undefined || !isDenied(error)) throw error;
      tell(entry, (to) => to.denied(entry, meaning, error));
      denied = true;
    }
  }
  tell(entry, (to) => (performed > 0 ? to.done(entry) : to.failed(entry)), true);
  return performed > 0;
}

async function perform<Part extends string>(
  write: Write,
  part: Part,
  parts: Parts<Part>,
  { aws, clock, signal, onWaiting }: Surroundings & Pick<Wait, 'onWaiting'>,
): Promise<void> {
  const { values } = parts;
  signal.throwIfAborted();
  await parts.prepare(part, write, onWaiting);
  const answer = await until(
    { clock, signal, deadline: notYetDeadline, longestPause: longestNotYetPause, onWaiting },
    async () => {
      values.set(deferred.now, new Date(clock.now()).toISOString());
      try {
        return await send(aws, resolve(write, values));
      } catch (error) {
        const what = notYet(error);
        if (what === undefined) throw error;
        return new NotYet(what, error);
      }
    },
  );
  await parts.settle(part, write, answer, onWaiting);
}
