/**
 * What a simulation counts, for the bill and for comparison.
 */
export function newCounts() {
  return {
    /** Put by SES. */
    mails: 0,
    routed: 0,
    /** Given up for good: they stay in `inbound/` until a backfill. */
    left: 0,
    /** Events on the bus: one for each message, one for each copy. */
    events: 0,
    /** Calls of EventBridge's to Lambda's API. */
    deliveries: 0,
    /** Runs of the function, of one event or a batch. */
    runs: 0,
    /** How often a message was tried. */
    attempts: 0,
    coldStarts: 0,
    throttles: 0,
    gigabyteSeconds: 0,
    gets: 0,
    copies: 0,
    lists: 0,
    /** Of these, answered with 5xx: not billed. https://docs.aws.amazon.com/AmazonS3/latest/userguide/ErrorCodeBilling.html */
    failedGets: 0,
    failedCopies: 0,
    kms: 0,
    /** Events that went to the retry queue, once for each. */
    queued: 0,
    /** Calls to SQS: sends, receives, deletes. */
    sqs: 0,
  };
}

export type Counts = ReturnType<typeof newCounts>;
