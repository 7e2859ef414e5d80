/**
 * Clients for many runs in one process.
 */
import { StandardRetryStrategy } from '@smithy/core/retry';
import { type Access, type Aws, createAws } from '../../src/aws/clients.js';

interface Connections {
  /** @param attempts how often a call is sent at most; as often as the tool's own clients do when left out */
  connect(access: Access, attempts?: () => number): Aws;
  close(): void;
}

/**
 * Clients that are made once, for to make six of them takes as long as a run does, and whose retries come at once: the SDK's own strategy
 * decides on them, with a fresh allowance for each run, and without its pauses.
 */
export function reusedConnections(): Connections {
  const made = new Map<string, Aws>();
  return {
    connect(access, attempts = () => 5) {
      const of = JSON.stringify(access);
      const aws = made.get(of) ?? createAws(access);
      made.set(of, aws);
      const backoff = { setDelayBase: () => undefined, computeNextBackoffDelay: () => 0 };
      const allowed = {
        backoff,
        // Asked for at each failure.
        get maxAttempts() {
          return attempts();
        },
      };
      const strategy = new StandardRetryStrategy(allowed);
      const withStrategy = <Client extends object>(client: Client): Client =>
        Object.assign(client, {
          config: Object.assign(Object(client).config, { retryStrategy: async () => strategy }),
        });
      for (const client of [aws.sts, aws.iam, aws.lambda, aws.s3, aws.events, aws.logs]) withStrategy(client);
      return { ...aws, client: (Client) => withStrategy(aws.client(Client)), close: () => undefined };
    },
    close() {
      for (const aws of made.values()) aws.close();
    },
  };
}
