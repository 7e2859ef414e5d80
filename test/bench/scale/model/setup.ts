/**
 * What is simulated: AWS with its documented limits, and the stack with its settings.
 */
import type { Duration, Random } from './random.js';

export interface Setup {
  eventBridge: {
    /** From the end of a put until EventBridge calls Lambda. */
    delay: Duration;
    /** Invocations a second; further ones are delayed. */
    invocations: number;
    /** How often an event is delivered again when Lambda's API fails, and for how long; seconds. */
    retries: number;
    maximumAge: number;
    /** The pause before a retry, from 1; seconds. */
    pause(retry: number, random: Random): number;
  };
  lambda: {
    /** Of the account, or reserved for the function. */
    concurrency: number;
    /** Execution environments that can be added: at once, and each second. */
    burst: number;
    growth: number;
    /** After how long without work an environment is gone; seconds. */
    idle: number;
    /** Which idle environment is used: the one that has waited for the longest, or for the shortest time. */
    reuse: 'oldest' | 'newest';
    /** The start of an environment, billed as the run is. */
    start: Duration;
    /** The function's own work on an event. */
    overhead: Duration;
    gigabytes: number;
    /** How many asynchronous events are tried at the same time; the embedded AWS has such a limit. */
    atOnce: number;
  };
  /** The queue of asynchronous invocations. */
  asynchronous: {
    /** The pauses before each retry of an event that the function failed on; seconds. */
    pauses: number[];
    maximumAge: number;
    /** The pause after a throttle or an error of Lambda's own, from the first; seconds. */
    throttled(times: number, random: Random): number;
  };
  /** Absent: events that are given up stay in `inbound/` until a backfill. */
  retryQueue?: {
    /** Seconds. */
    visibility: number;
    retention: number;
    batch: number;
    concurrency: number;
    /** Received and not deleted. */
    inFlight: number;
    /** From a send until a poller has the message. */
    delay: number;
  };
  s3: {
    get: Duration;
    copy: Duration;
    /** Requests a second of one partition. */
    reads: number;
    writes: number;
    /** How often the SDK sends a call, and what its retries take. */
    attempts: number;
    retry: Record<'throttled' | 'failed', Retry> & { tokens: number };
    /** The pause before SES stores a message again that S3 refused; seconds. */
    stored(random: Random): number;
    /** After how many seconds at its limit S3 splits a partition. */
    split: number;
  };
  /** Present: the bucket encrypts with a key of the account's own. */
  kms?: {
    /** Cryptographic operations a second. */
    operations: number;
    /** With an S3 Bucket Key, this share of S3's requests reaches KMS; 1 without. */
    share: number;
  };
}

/** A retry of the SDK's: what it takes of the client's tokens, and the longest first pause before it, which then doubles; seconds. */
interface Retry {
  cost: number;
  pause: number;
}

/** 14 days; seconds. */
const retention = 1_209_600;

/** Half as long to half as long again: AWS documents that there is jitter, not how much. */
export function jitter(seconds: number, random: Random): number {
  return seconds * (0.5 + random.next());
}

/**
 * AWS in us-east-1 with its default quotas, and the stack with its default settings. Limits are documented (the page is named), durations
 * assumed.
 */
export function onAws(): Setup {
  return {
    eventBridge: {
      // Assumed. AWS states no latency of S3's events.
      delay: { median: 0.5, sigma: 0.5 },
      // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html: us-east-1; 750 to 4,500 in most regions. Delayed beyond it.
      invocations: 18_750,
      // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
      retries: 185,
      maximumAge: 86_400,
      // "Exponential back off and jitter" is all that is documented. 185 retries take a day if none waits longer than 8 minutes.
      pause: (retry, random) => jitter(Math.min(480, 2 ** (retry - 1)), random),
    },
    lambda: {
      // https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
      concurrency: 1_000,
      // https://docs.aws.amazon.com/lambda/latest/dg/scaling-behavior.html: 1,000 every 10 s, refilled continuously.
      burst: 1_000,
      growth: 100,
      // Assumed, as AWS documents none.
      idle: 300,
      reuse: 'newest',
      start: { median: 0.4, sigma: 0.3 },
      overhead: { median: 0.02, sigma: 0.3 },
      gigabytes: 0.25,
      atOnce: Number.POSITIVE_INFINITY,
    },
    asynchronous: {
      // https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html, all three
      pauses: [60, 120],
      maximumAge: 21_600,
      throttled: (times, random) => jitter(Math.min(300, 2 ** (times - 1)), random),
    },
    retryQueue: {
      // Six times the function's time-out of 30 s.
      visibility: 180,
      retention,
      batch: 10,
      concurrency: 2,
      // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
      inFlight: 120_000,
      delay: 0.1,
    },
    s3: {
      // https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html: small objects, "roughly 100-200 milliseconds".
      get: { median: 0.1, sigma: 0.4 },
      copy: { median: 0.15, sigma: 0.4 },
      // The same page: for each partitioned prefix.
      reads: 5_500,
      writes: 3_500,
      attempts: 3,
      // The SDK's source, @smithy/core; https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html describes it.
      retry: { tokens: 500, throttled: { cost: 5, pause: 1 }, failed: { cost: 14, pause: 0.05 } },
      // Assumed: AWS does not document how SES retries.
      stored: (random) => jitter(1, random),
      // "From 30 to 60 minutes": https://repost.aws/knowledge-center/s3-object-key-naming-pattern
      split: 2_700,
    },
  };
}

/**
 * The embedded AWS on a test's clock: nothing takes time but the retry queue's visibility timeout, and retries follow at once.
 */
export function onEmbeddedAws(): Setup {
  const none: Duration = { median: 0, sigma: 0 };
  const aws = onAws();
  return {
    ...aws,
    eventBridge: { ...aws.eventBridge, delay: none },
    lambda: { ...aws.lambda, start: none, overhead: none, atOnce: 8, reuse: 'oldest' },
    asynchronous: { ...aws.asynchronous, pauses: [0, 0], throttled: () => 0 },
    retryQueue: { visibility: 180, retention, batch: 10, concurrency: 2, inFlight: 120_000, delay: 0 },
    s3: { ...aws.s3, get: none, copy: none, retry: withoutPauses(aws.s3.retry) },
  };
}

export function withoutPauses({ tokens, throttled, failed }: Setup['s3']['retry']): Setup['s3']['retry'] {
  return { tokens, throttled: { ...throttled, pause: 0 }, failed: { ...failed, pause: 0 } };
}
