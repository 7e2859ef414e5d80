/**
 * How much mail each limit lets through, from what one message takes of it.
 */
import { type Duration, Random } from './model/random.js';
import { onAws, type Setup } from './model/setup.js';

export interface Capacity {
  limit: string;
  /** Messages a second. */
  perSecond: number;
  /** What raises it. */
  raisedBy: string;
}

/** The mean of a lognormal duration. */
const mean = ({ median, sigma }: Duration) => median * Math.exp(sigma ** 2 / 2);

/** The lowest first. */
export function capacities(): Capacity[] {
  const { eventBridge, lambda, s3, retryQueue } = onAws();
  const run = mean(lambda.overhead) + mean(s3.get) + mean(s3.copy);
  const limits = [
    // SES's put and the function's copy.
    { limit: 'S3 writes, the bucket in one partition', perSecond: s3.writes / 2, raisedBy: 'time, or AWS Support' },
    { limit: 'S3 reads, the same', perSecond: s3.reads, raisedBy: 'time, or AWS Support' },
    { limit: 'Lambda, 1,000 at a time', perSecond: lambda.concurrency / run, raisedBy: "the account's quota" },
    { limit: 'EventBridge, us-east-1', perSecond: eventBridge.invocations, raisedBy: 'the quota' },
    { limit: 'EventBridge, the smallest regions', perSecond: 750, raisedBy: 'the quota' },
    // SES's GenerateDataKey; the function's Decrypt, and Decrypt and GenerateDataKey for the copy.
    { limit: 'KMS, us-east-1, no Bucket Key', perSecond: 100_000 / 4, raisedBy: 'a Bucket Key, the quota' },
    { limit: 'KMS, the smallest regions, no Bucket Key', perSecond: 10_000 / 4, raisedBy: 'a Bucket Key, the quota' },
  ];
  const { batch = 0, concurrency = 0 } = retryQueue ?? {};
  const perSecond = (batch * concurrency) / (mean(lambda.overhead) + slowestOf(batch, s3));
  return [...limits, { limit: 'the retry queue', perSecond, raisedBy: 'nothing, today' }].sort(
    (a, b) => a.perSecond - b.perSecond,
  );
}

/** How long the slowest of a batch's messages takes, on average; seconds. */
function slowestOf(batch: number, { get, copy }: Setup['s3']): number {
  const random = new Random(1);
  const samples = 10_000;
  let sum = 0;
  for (let sample = 0; sample < samples; sample++) {
    const times = Array.from({ length: batch }, () => random.lognormal(get) + random.lognormal(copy));
    sum += Math.max(...times);
  }
  return sum / samples;
}
