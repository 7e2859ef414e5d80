/**
 * Processes the listing of `inbound/`: batches in parallel, with counts by outcome, failures, and a checkpoint.
 */
import { causeOf } from '../../../handler/failure.js';
import { explain, nameOf } from '../../aws/errors.js';
import type { Scope } from '../../stack/scope.js';
import { number } from '../../terminal/text.js';
import { Checkpoint } from './checkpoint.js';
import type { Executor, Sample } from './executors.js';
import { type Batch, batches, type Selection } from './listing.js';
import { isPermanent } from './permanent.js';

/** A batch that failed. */
export interface FailedMessage {
  /** The message's key; of a batch, the first and the last. */
  what: string;
  reason: string;
}

/** The results so far. */
export interface Tally {
  /** Messages by outcome, without failures. */
  counts: Map<string, number>;
  /** Messages processed, whatever the outcome. */
  processed: number;
  /** Messages that failed. */
  failed: number;
  /** Messages among them that would fail again. */
  permanent: number;
  /** The first failures; bounded, so that memory use is too. */
  failures: FailedMessage[];
  /** Failed messages that are not listed in `failures`. */
  unlisted: number;
  samples: Sample[];
  /** Messages that were deleted from `inbound/`, or would be. */
  deleted: number;
  /** Every key up to this one is finished. */
  through: string | undefined;
  /** Where a run starts that tries again what failed for good, unless one that starts after `through` does. */
  retry: { after: string | undefined } | undefined;
  /** Why the run stopped before the end of the listing, unless it was interrupted. */
  gaveUp: string | undefined;
  /** The error that ended the listing, if it failed. */
  broken?: unknown;
}

/** The most failures that are listed. */
const failuresKept = 100;

const samplesKept = 5;

/** This many consecutive failures, of S3 or of the network, have one cause: the rest would only repeat it. */
const consecutiveFailureLimit = 100;

/** If this many messages fail for good before any other outcome, a permission is missing for all of them. */
const refusalLimit = 1_000;

/**
 * Runs until the listing ends, the signal is aborted, or too many messages fail. A message that fails for good never ends the run while others
 * don't.
 *
 * @param concurrency batches in parallel.
 * @param onProgress called after each batch.
 */
export async function work(
  scope: Scope,
  selection: Selection,
  executor: Executor,
  concurrency: number,
  onProgress: (tally: Tally) => void,
): Promise<Tally> {
  const checkpoint = new Checkpoint(selection.startAfter);
  const tally: Tally = {
    counts: new Map(),
    processed: 0,
    failed: 0,
    permanent: 0,
    failures: [],
    unlisted: 0,
    samples: [],
    deleted: 0,
    get through() {
      return checkpoint.through;
    },
    get retry() {
      return checkpoint.retry;
    },
    gaveUp: undefined,
  };
  let consecutiveFailures = 0;
  const waiting = batches(scope, selection, executor.size);

  const count = (outcome: string, many: number) => {
    if (many > 0) tally.counts.set(outcome, (tally.counts.get(outcome) ?? 0) + many);
  };
  const one = async ({ messages, archived, last }: Batch) => {
    const part = checkpoint.begin(last);
    count('stays: archived', archived);
    try {
      const outcomes = messages.length === 0 ? [] : await executor.routeBatch(messages);
      for (const { outcome, sample, deleted } of outcomes) {
        count(outcome, 1);
        if (deleted) tally.deleted += 1;
        if (sample !== undefined && tally.samples.length < samplesKept) tally.samples.push(sample);
      }
      checkpoint.end(part);
      consecutiveFailures = 0;
    } catch (error) {
      // Before the first write, Ctrl-C ends the calls under way.
      if (nameOf(causeOf(error)) === 'AbortError') {
        checkpoint.stopBefore(part);
        return;
      }
      if (isPermanent(error)) {
        checkpoint.fail(part);
        tally.permanent += messages.length;
      } else {
        checkpoint.stopBefore(part);
        consecutiveFailures += 1;
      }
      tally.failed += messages.length;
      if (tally.failures.length < failuresKept)
        tally.failures.push({ what: named(messages), reason: explain(causeOf(error), scope.settings.endpointUrl) });
      else tally.unlisted += messages.length;
    }
    tally.processed += messages.length + archived;
    onProgress(tally);
  };
  const worker = async () => {
    for await (const batch of waiting) {
      await one(batch);
      if (consecutiveFailures >= consecutiveFailureLimit)
        tally.gaveUp = `Stopped: the last ${consecutiveFailureLimit} messages all failed.`;
      else if (tally.counts.size === 0 && tally.permanent >= refusalLimit)
        tally.gaveUp = `Stopped: all of the first ${number(refusalLimit)} messages failed.`;
      if (tally.gaveUp !== undefined) return;
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: concurrency }, worker));
  const broken = ended.find((end) => end.status === 'rejected');
  if (broken !== undefined) tally.broken = broken.reason;
  return tally;
}

function named(messages: Array<{ key: string }>): string {
  const [first, last] = [messages[0]?.key, messages.at(-1)?.key];
  return first === last ? String(first) : `${messages.length} messages from ${first} to ${last}`;
}
