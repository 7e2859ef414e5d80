/**
 * The AWS SDK's clients, created once per run with a common configuration.
 */
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { STSClient } from '@aws-sdk/client-sts';
import { defaultProvider } from '@aws-sdk/credential-provider-node';

/** The services this tool talks to. */
export interface Aws {
  sts: STSClient;
  iam: IAMClient;
  lambda: LambdaClient;
  s3: S3Client;
  events: EventBridgeClient;
  logs: CloudWatchLogsClient;
  /**
   * A client of a service that only some commands use, created when first needed, so that other commands don't load it.
   *
   * @param Client the SDK's class.
   */
  client<Made extends Closable>(Client: ClientClass<Made>): Made;
  /** Closes the connections, so that the process can end. */
  close(): void;
}

/** A client that can be closed. */
interface Closable {
  destroy(): void;
}

/** The class of one of the SDK's clients. */
export type ClientClass<Made extends Closable> = new (configuration: Common) => Made;

/** How to reach AWS and as whom. */
export interface Access {
  /** Absent: the region of the profile. */
  region?: string;
  profile?: string;
  /** An endpoint to use instead of AWS's, for all services: an emulator. */
  endpointUrl?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
}

/**
 * Creates the clients. Nothing is sent. Credentials come from the SDK's default chain, resolved once for all clients.
 *
 * Five attempts a call: the SDK retries throttling, 5xx answers and broken connections by itself, with back-off and jitter.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
export function createAws(access: Access): Aws {
  const common = commonOf(access);
  const clients = {
    sts: new STSClient(common),
    iam: new IAMClient(common),
    lambda: new LambdaClient(common),
    // An emulator answers on one host name; AWS wants the bucket in it.
    s3: new S3Client({ ...common, forcePathStyle: access.endpointUrl !== undefined }),
    events: new EventBridgeClient(common),
    logs: new CloudWatchLogsClient(common),
  };
  const others = new Map<ClientClass<Closable>, Closable>();
  return {
    ...clients,
    client<Made extends Closable>(Client: ClientClass<Made>) {
      const made = others.get(Client) ?? new Client(common);
      others.set(Client, made);
      // The map holds an instance of its key's class.
      return made as Made;
    },
    close() {
      for (const client of [...Object.values(clients), ...others.values()]) client.destroy();
    },
  };
}

/** The configuration of every client. */
type Common = ReturnType<typeof commonOf>;

function commonOf(access: Access) {
  return {
    ...(access.region === undefined ? {} : { region: access.region }),
    ...(access.profile === undefined ? {} : { profile: access.profile }),
    ...(access.endpointUrl === undefined ? {} : { endpoint: access.endpointUrl }),
    credentials: access.credentials ?? defaultProvider(access.profile === undefined ? {} : { profile: access.profile }),
    maxAttempts: 5,
    requestHandler: {
      connectionTimeout: 5_000,
      requestTimeout: 60_000,
      throwOnRequestTimeout: true,
      // The maximum of `backfill --concurrency`; the SDK's default is 50.
      httpAgent: { maxSockets: 256 },
      httpsAgent: { maxSockets: 256 },
    },
  };
}
