/**
 * AWS clients shared by many runs in one process.
 */
import { StandardRetryStrategy } from '@smithy/core/retry';
import { type Access, type Aws, createAws } from '../../src/aws/clients.js';

interface Connections {
  /** @param attempts the maximum number of attempts for a call; the tool's own when left out */
  connect(access: Access, attempts?: () => number): Aws;
  close(): void;
}

/**
 * Clients that are created once, because creating six of them takes as long as a run. The SDK's own strategy decides on retries, with a
 * fresh allowance for each run and without its pauses.
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
        // Read at each failure.
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
