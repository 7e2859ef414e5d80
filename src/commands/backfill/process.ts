/**
 * Works through the listing of `inbound/`: so many batches at a time, each outcome counted, each failure noted, and how far it has come.
 */
import { causeOf } from '../../../handler/failure.js';
import { explain } from '../../aws/errors.js';
import type { Scope } from '../../stack/scope.js';
import { Watermark } from './checkpoint.js';
import type { Executor, Sample } from './executors.js';
import { type Batch, batches, type Selection } from './listing.js';

/** A batch that failed. */
export interface FailedMessage {
  /** The message's key; of a batch, the first and the last. */
  what: string;
  reason: string;
}

/** What has come of it so far. */
export interface Tally {
  /** Messages by outcome, failures not among them. */
  counts: Map<string, number>;
  /** Messages dealt with, whatever came of it. */
  looked: number;
  /** Messages that failed. */
  failed: number;
  /** The first of the failures: memory stays flat. */
  failures: FailedMessage[];
  /** Messages of the failures that are not among these. */
  unlisted: number;
  samples: Sample[];
  /** Every key up to this one is done with. */
  through: string | undefined;
  /** Whether it was given up because nothing but failures came. */
  gaveUp: boolean;
  /** Why the listing broke off, where it did. */
  broken?: unknown;
}

/** How many failures are kept to be listed. */
const failuresKept = 100;

const samplesKept = 5;

/** So many failures on end, none of them followed by a success, are one fault: the rest would only repeat it. */
const failuresOnEnd = 100;

/**
 * Runs it to its end, until the signal is aborted, or until it is plain that nothing works.
 *
 * @param concurrency how many batches are worked on at a time.
 * @param onProgress called after each batch.
 */
export async function work(
  scope: Scope,
  selection: Selection,
  way: Executor,
  concurrency: number,
  onProgress: (tally: Tally) => void,
): Promise<Tally> {
  const watermark = new Watermark(selection.startAfter);
  const tally: Tally = {
    counts: new Map(),
    looked: 0,
    failed: 0,
    failures: [],
    unlisted: 0,
    samples: [],
    get through() {
      return watermark.through;
    },
    gaveUp: false,
  };
  let onEnd = 0;
  const waiting = batches(scope, selection, way.size);

  const one = async ({ messages, last }: Batch) => {
    const part = watermark.begin(last);
    try {
      const outcomes = messages.length === 0 ? [] : await way.routeBatch(messages);
      for (const { outcome, sample } of outcomes) {
        tally.counts.set(outcome, (tally.counts.get(outcome) ?? 0) + 1);
        if (sample !== undefined && tally.samples.length < samplesKept) tally.samples.push(sample);
      }
      watermark.end(part);
      onEnd = 0;
    } catch (error) {
      watermark.stopBefore(part);
      onEnd += 1;
      tally.failed += messages.length;
      if (tally.failures.length < failuresKept)
        tally.failures.push({ what: named(messages), reason: explain(causeOf(error), scope.settings.endpointUrl) });
      else tally.unlisted += messages.length;
    }
    tally.looked += messages.length;
    onProgress(tally);
  };
  const worker = async () => {
    for await (const batch of waiting) {
      await one(batch);
      tally.gaveUp ||= onEnd >= failuresOnEnd;
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
