/**
 * Applies a plan: makes its calls in order, and after a race reads the changed part again.
 */
import type { Aws } from '../aws/clients.js';
import { isDenied, isRace, notYet, OperatorError, sentence } from '../aws/errors.js';
import { NotYet, until, type Wait } from '../aws/waits.js';
import { send, type Write } from '../aws/writes.js';
import { type DeferredValues, deferred, resolve } from './deferred.js';
import type { Entry, Plan, PlannedEntry } from './plan.js';

/** The parts that a plan's entries belong to. */
export interface Parts<Part extends string> {
  /** The values of the plan's references known so far. */
  values: DeferredValues;
  /** What it means if AWS denies the write, where the rest works without it; undefined for a write that is needed. */
  optional(part: Part, write: Write): string | undefined;
  /** Before a write: re-reads the preconditions that AWS can't check. @throws a race if they have changed */
  prepare(part: Part, write: Write): Promise<void>;
  /** After a write: waits until it has taken effect, checks it, and stores values that later calls refer to. @throws a race */
  settle(part: Part, write: Write, answer: object): Promise<void>;
  /** Reads the parts in `changed` again, updates the values, and plans the parts in `left` again. */
  planAgain(changed: Set<Part>, left: Set<Part>): Promise<PlannedEntry<Part>[]>;
}

/** What the calls are made with. */
export type Surroundings = { aws: Aws } & Omit<Wait, 'deadline'>;

/** Receives the progress. */
export interface Progress {
  start(entry: Entry): void;
  done(entry: Entry): void;
  /** AWS denied an optional call of it; the rest of the plan goes on. @param meaning what is missing now */
  denied(entry: Entry, meaning: string, error: unknown): void;
  /** It has changed, by someone else or by a call whose response was lost: it is read and planned again. */
  again(entry: Entry): void;
  failed(entry: Entry): void;
}

/** The plan was not applied completely: what was done, what was not, and why. */
export class ApplyError extends Error {
  override readonly name = 'ApplyError';
  /** A command to run because of what was done. */
  next?: string;
  constructor(
    override readonly cause: unknown,
    readonly plan: Plan,
    readonly done: Entry[],
    readonly failed: Entry,
    readonly remaining: Entry[],
  ) {
    super('the plan was not applied completely', { cause });
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
 * Makes the plan's calls. Stops at the first failure, unless AWS denied a call that the rest works without; completed calls stay, and the
 * next run continues from there.
 *
 * @returns the entries that were applied, at least in part.
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
      if (await performAll(entry, parts, surroundings, progress)) {
        progress.done(entry);
        done.push(entry);
      } else progress.failed(entry);
    } catch (error) {
      if (!isRace(error) || races === maxRaces) {
        progress.failed(entry);
        const cause = isRace(error) ? new EndlessRaceError(entry, error) : error;
        throw new ApplyError(cause, plan, done, entry, waiting);
      }
      races += 1;
      progress.again(entry);
      const changed = new Set([...done.map((one) => one.part), part]);
      // Everything left, as it may depend on what is read now: the function on its role's ID.
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
  progress: Progress,
): Promise<boolean> {
  const { part, writes } = entry;
  let performed = 0;
  let denied = false;
  for (const write of writes) {
    const meaning = parts.optional(part, write);
    if (denied && meaning !== undefined) continue;
    try {
      await perform(write, part, parts, surroundings);
      performed += 1;
    } catch (error) {
      if (meaning === undefined || !isDenied(error)) throw error;
      progress.denied(entry, meaning, error);
      denied = true;
    }
  }
  return performed > 0;
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
  await parts.settle(part, write, answer);
}
