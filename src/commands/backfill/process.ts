/**
 * Processes the listing of `inbound/`: batches in parallel, with counts by outcome, failures, and a checkpoint.
 */
import { causeOf } from '../../../handler/failure.js';
import { explain } from '../../aws/errors.js';
import type { Scope } from '../../stack/scope.js';
import { Checkpoint } from './checkpoint.js';
import type { Executor, Sample } from './executors.js';
import { type Batch, batches, type Selection } from './listing.js';

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
  /** The first failures; bounded, so that memory use is too. */
  failures: FailedMessage[];
  /** Failed messages that are not listed in `failures`. */
  unlisted: number;
  samples: Sample[];
  /** Every key up to this one is finished. */
  through: string | undefined;
  /** Whether the run stopped after too many consecutive failures. */
  gaveUp: boolean;
  /** The error that ended the listing, if it failed. */
  broken?: unknown;
}

/** The most failures that are listed. */
const failuresKept = 100;

const samplesKept = 5;

/** This many consecutive failures have one cause: the rest would only repeat it. */
const consecutiveFailureLimit = 100;

/**
 * Runs until the listing ends, the signal is aborted, or too many consecutive messages fail.
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
    failures: [],
    unlisted: 0,
    samples: [],
    get through() {
      return checkpoint.through;
    },
    gaveUp: false,
  };
  let consecutiveFailures = 0;
  const waiting = batches(scope, selection, executor.size);

  const one = async ({ messages, last }: Batch) => {
    const part = checkpoint.begin(last);
    try {
      const outcomes = messages.length === 0 ? [] : await executor.routeBatch(messages);
      for (const { outcome, sample } of outcomes) {
        tally.counts.set(outcome, (tally.counts.get(outcome) ?? 0) + 1);
        if (sample !== undefined && tally.samples.length < samplesKept) tally.samples.push(sample);
      }
      checkpoint.end(part);
      consecutiveFailures = 0;
    } catch (error) {
      checkpoint.stopBefore(part);
      consecutiveFailures += 1;
      tally.failed += messages.length;
      if (tally.failures.length < failuresKept)
        tally.failures.push({ what: named(messages), reason: explain(causeOf(error), scope.settings.endpointUrl) });
      else tally.unlisted += messages.length;
    }
    tally.processed += messages.length;
    onProgress(tally);
  };
  const worker = async () => {
    for await (const batch of waiting) {
      await one(batch);
      tally.gaveUp ||= consecutiveFailures >= consecutiveFailureLimit;
      if (tally.gaveUp) return;
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
