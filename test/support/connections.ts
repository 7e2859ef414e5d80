/**
 * Clients for many runs in one process.
 */
import { StandardRetryStrategy } from '@smithy/core/retry';
import { type Access, type Aws, createAws } from '../../src/aws/clients.js';

/**
 * Clients that are made once, for to make six of them takes as long as a run does, and whose retries come at once: the SDK's own strategy
 * decides on them, with a fresh allowance for each run, and without its pauses.
 */
export function reusedConnections(): { connect(access: Access): Aws; close(): void } {
  const made = new Map<string, Aws>();
  return {
    connect(access) {
      const of = JSON.stringify(access);
      const aws = made.get(of) ?? createAws(access);
      made.set(of, aws);
      const backoff = { setDelayBase: () => undefined, computeNextBackoffDelay: () => 0 };
      const strategy = new StandardRetryStrategy({ maxAttempts: 5, backoff });
      for (const client of [aws.sts, aws.iam, aws.lambda, aws.s3, aws.events, aws.logs])
        client.config.retryStrategy = async () => strategy;
      return { ...aws, close: () => undefined };
    },
    close() {
      for (const aws of made.values()) aws.close();
    },
  };
}
