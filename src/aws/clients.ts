/**
 * The AWS SDK's clients, created once per run with a common configuration.
 */
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { STSClient } from '@aws-sdk/client-sts';
import { type CredentialSources, operatorCredentials } from './credentials.js';
import { configuredEndpoint } from './endpoints.js';
import { AwsRequestHandler } from './http/request-handler.js';
import { Interruption } from './interruption.js';

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
  client<Made extends AnyClient>(Client: ClientClass<Made>): Made;
  /**
   * Makes Ctrl-C end the calls under way at once, as long as nothing was written since this call: they fail with AbortError, and so do
   * all later ones.
   */
  endReadsOn(signal: AbortSignal): void;
  /** Closes the connections, so that the process can end. */
  close(): void;
}

/** What all of the SDK's clients have. */
interface AnyClient {
  destroy(): void;
  readonly config: object;
  readonly middlewareStack: object;
}

/** The class of one of the SDK's clients. */
export type ClientClass<Made extends AnyClient> = new (configuration: Common) => Made;

/** How to reach AWS and as whom. */
export interface Access extends CredentialSources {
  /** Absent: the region of the profile. */
  region?: string;
  /** An endpoint to use instead of AWS's, for all services: an emulator. */
  endpointUrl?: string;
  /** Where that was found: an endpoint of the environment stands behind the environment's own one for a service. */
  sources?: { endpointUrl: { kind: string } };
  /** Connect without the proxies of the environment: to the embedded AWS. */
  direct?: boolean;
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
}

/**
 * Creates the clients. Nothing is sent. Credentials are resolved once for all clients.
 *
 * Five attempts a call: the SDK retries throttling, 5xx answers and broken connections by itself, with back-off and jitter.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
export function createAws(access: Access): Aws {
  const requestHandler = new AwsRequestHandler(access);
  const common = commonOf(access, requestHandler);
  const interruption = new Interruption();
  const endpointOf = endpointsOf(access);
  const prepare = <Made extends AnyClient>(client: Made): Made => {
    interruption.watch(client);
    // Where the SDK itself keeps what it finds in the environment and the files.
    if (common.endpoint === undefined)
      Object.assign(client.config, { serviceConfiguredEndpoint: () => endpointOf(Object(client.config).serviceId) });
    return client;
  };
  const s3 = prepare(new S3Client({ ...common, forcePathStyle: common.endpoint !== undefined }));
  // An emulator answers on one host name; AWS wants the bucket in it.
  if (common.endpoint === undefined)
    Object.assign(s3.config, { forcePathStyle: async () => (await endpointOf('S3')) !== undefined });
  const clients = {
    sts: prepare(new STSClient(common)),
    iam: prepare(new IAMClient(common)),
    lambda: prepare(new LambdaClient(common)),
    s3,
    events: prepare(new EventBridgeClient(common)),
    logs: prepare(new CloudWatchLogsClient(common)),
  };
  const others = new Map<ClientClass<AnyClient>, AnyClient>();
  return {
    ...clients,
    client<Made extends AnyClient>(Client: ClientClass<Made>) {
      const made = others.get(Client) ?? prepare(new Client(common));
      others.set(Client, made);
      // The map holds an instance of its key's class.
      return made as Made;
    },
    endReadsOn: (signal) => interruption.begin(signal),
    close() {
      for (const client of [...Object.values(clients), ...others.values()]) client.destroy();
    },
  };
}

/** The configuration of every client. */
type Common = ReturnType<typeof commonOf>;

function commonOf(access: Access, requestHandler: AwsRequestHandler) {
  return {
    ...(access.region === undefined ? {} : { region: access.region }),
    ...(access.profile === undefined ? {} : { profile: access.profile }),
    ...(access.endpointUrl === undefined || isFallback(access) ? {} : { endpoint: access.endpointUrl }),
    credentials: access.credentials ?? operatorCredentials(access, requestHandler),
    maxAttempts: 5,
    requestHandler,
  };
}

/** Whether the endpoint is AWS_ENDPOINT_URL's: unlike --endpoint-url, it comes after the endpoint of a service. */
function isFallback({ sources }: Access): boolean {
  return sources?.endpointUrl.kind === 'environment';
}

/** The configured endpoint of each service, looked up once. */
function endpointsOf(access: Access): (serviceId: string) => Promise<string | undefined> {
  const found = new Map<string, Promise<string | undefined>>();
  return (serviceId) => {
    const endpoint = found.get(serviceId) ?? configuredEndpoint(serviceId, access);
    found.set(serviceId, endpoint);
    return endpoint;
  };
}
