/**
 * What a simulation would cost, from its counts and the unit prices of docs/cloud-setup.md.
 */
import { prices } from '../../docs/costs.js';
import type { Counts } from './model/counts.js';

/** A request to SQS, US dollars, us-east-1; the first million a month, which is free, included. https://aws.amazon.com/sqs/pricing/ */
const SQS = 0.4 / 1e6;

/** A request to KMS, US dollars. https://aws.amazon.com/kms/pricing/ */
const KMS = 0.03 / 10_000;

/** Bytes that the function and Lambda log for one message, and the size of its copy: as counted for docs/cloud-setup.md. */
const LOGGED = 1_000;
const COPIED = 3_406;

const GB = 1e9;

/** US dollars by service; a month's storage of copies and log lines included. */
export function costOf(counts: Counts): Record<'lambda' | 's3' | 'eventBridge' | 'sqs' | 'kms' | 'logs', number> {
  const { runs, attempts, gigabyteSeconds, gets, failedGets, copies, failedCopies, lists, routed, events, sqs, kms } =
    counts;
  const { request, duration, get, copy, storage, event, ingestion, logStorage } = prices;
  return {
    lambda: runs * request.dollars + gigabyteSeconds * duration.dollars,
    s3:
      (gets - failedGets) * get.dollars +
      (copies - failedCopies + lists) * copy.dollars +
      ((routed * COPIED) / GB) * storage.dollars,
    eventBridge: events * event.dollars,
    sqs: sqs * SQS,
    kms: kms * KMS,
    logs: ((attempts * LOGGED) / GB) * (ingestion.dollars + logStorage.dollars),
  };
}

/** US dollars. */
export function totalCost(counts: Counts): number {
  return Object.values(costOf(counts)).reduce((sum, dollars) => sum + dollars, 0);
}
