/**
 * How requests reach AWS: through the proxy and with the certificates that the environment names, and with errors that name the host.
 * One handler serves all clients of a run, and those that the SDK makes to obtain credentials.
 */
import type { HttpHandler } from '@smithy/core/protocols';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { readCaBundle } from './certificates.js';
import { type ConfiguredProxy, type Destination, describeProxy, noteDestination } from './destination.js';
import { proxyFor } from './proxies.js';

/** No connection, for a reason that the message states. The SDK does not repeat the call. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}

type Handle = HttpHandler['handle'];
type Request = Parameters<Handle>[0];

/** The sockets to one host: the maximum of `backfill --concurrency`; the SDK's default is 50. */
const sockets = { keepAlive: true, maxSockets: 256 };

/** How long a host may leave requests unanswered before it has answered any, in all attempts together; milliseconds. */
const FIRST_ANSWER = 15_000;

export interface RequestHandlerOptions {
  /** The profile whose `ca_bundle` is used. */
  profile?: string | undefined;
  /** Connect directly, whatever the environment says. */
  direct?: boolean | undefined;
  /** Milliseconds; 15 s by default. */
  firstAnswer?: number | undefined;
}

export class AwsRequestHandler implements HttpHandler {
  readonly metadata = { handlerProtocol: 'http/1.1' };
  /** The last request that got no answer: what the SDK's credential providers make of it loses the reason. */
  lastFailure: unknown;
  readonly #options: RequestHandlerOptions;
  /** The handler of each proxy, by its URL; of direct connections, under ''. */
  readonly #handlers = new Map<string, NodeHttpHandler>();
  #caBundle: Promise<string | undefined> | undefined;
  readonly #answered = new Set<string>();
  /** Since when hosts that have never answered are waited for, in milliseconds of the process. */
  readonly #waiting = new Map<string, number>();

  constructor(options: RequestHandlerOptions) {
    this.#options = options;
  }

  /**
   * Sends a request.
   *
   * @throws OperatorError on faults of the configuration, {@link ConnectionError}, or Node.js's own errors. `destinationOf` knows where
   *   the request went.
   */
  async handle(request: Request, options?: Parameters<Handle>[1]): ReturnType<Handle> {
    const { protocol, hostname, port } = request;
    const target = new URL(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`);
    const destination: Destination = { origin: target.origin };
    try {
      if (this.#options.direct !== true) destination.proxy = proxyFor(target, process.env);
      const handler = await this.#handlerOf(destination.proxy);
      const output = await this.#inTime(destination, () => handler.handle(request, options));
      if (destination.proxy !== undefined && output.response.statusCode === 407)
        throw refusedByProxy(destination.proxy, target.host, 407);
      noteDestination(output.response, destination);
      return output;
    } catch (error) {
      noteDestination(error, destination);
      this.lastFailure = error;
      throw error;
    }
  }

  /**
   * Runs an attempt. A host that has never answered gets a limited time in all, so that a run does not begin with minutes of silence:
   * five attempts of a minute each.
   */
  async #inTime<Output>({ origin, proxy }: Destination, attempt: () => Promise<Output>): Promise<Output> {
    if (this.#answered.has(origin)) return attempt();
    const { firstAnswer = FIRST_ANSWER } = this.#options;
    const since = this.#waiting.get(origin) ?? performance.now();
    this.#waiting.set(origin, since);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const through = proxy === undefined ? '' : ` through the proxy ${describeProxy(proxy)}`;
      timer = setTimeout(
        () => reject(new ConnectionError(`${origin} did not answer within ${firstAnswer / 1_000} s${through}.`)),
        since + firstAnswer - performance.now(),
      );
    });
    try {
      const output = await Promise.race([attempt(), late]).finally(() => clearTimeout(timer));
      this.#answered.add(origin);
      this.#waiting.delete(origin);
      return output;
    } catch (error) {
      // Only a connection that timed out counts towards the limit; anything else is an answer of a kind.
      if ((error as Error).name !== 'TimeoutError') this.#waiting.delete(origin);
      throw error;
    }
  }

  async #handlerOf(proxy: ConfiguredProxy | undefined): Promise<NodeHttpHandler> {
    this.#caBundle ??= readCaBundle(this.#options.profile);
    const ca = await this.#caBundle;
    const tls = ca === undefined ? sockets : { ...sockets, ca };
    const key = proxy?.url.href ?? '';
    const handler =
      this.#handlers.get(key) ??
      new NodeHttpHandler({
        connectionTimeout: 5_000,
        requestTimeout: 60_000,
        throwOnRequestTimeout: true,
        ...(proxy === undefined
          ? { httpAgent: sockets, httpsAgent: tls }
          : { httpAgent: new HttpProxyAgent(proxy.url, tls), httpsAgent: tunnel(proxy, tls) }),
      });
    this.#handlers.set(key, handler);
    return handler;
  }

  destroy(): void {
    for (const handler of this.#handlers.values()) handler.destroy();
  }

  /** The SDK's own defaults do not apply. */
  updateHttpClientConfig(): void {}

  httpHandlerConfigs(): object {
    return {};
  }
}

/** An agent that reaches HTTPS hosts by CONNECT. https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6 */
function tunnel(proxy: ConfiguredProxy, options: object) {
  const agent = new HttpsProxyAgent(proxy.url, options);
  // It uses its options for the connection to the proxy only; these are for the one to the host. Connections are kept by a name that
  // depends on `secureEndpoint`, which the agent otherwise infers from the stack: differently when a connection becomes free.
  Object.assign(agent.options, options, { secureEndpoint: true });
  agent.on('proxyConnect', ({ statusCode }, request) => {
    // The agent would pass a refusal on as the host's own answer.
    if (statusCode !== 200) request.destroy(refusedByProxy(proxy, String(request.getHeader('host')), statusCode));
  });
  return agent;
}

/** @param status the proxy's answer. */
function refusedByProxy(proxy: ConfiguredProxy, host: string, status: number): ConnectionError {
  const { variable, url } = proxy;
  const named = `The proxy ${describeProxy(proxy)}`;
  if (status !== 407)
    return new ConnectionError(
      `${named} did not connect to ${host} (HTTP status ${status}). Allow the host there, or exempt it with NO_PROXY.`,
    );
  return new ConnectionError(
    url.username === ''
      ? `${named} requires a user name and a password (HTTP status 407). Put them into ${variable}: http://user:password@host:port.`
      : `${named} does not accept the user name and password in ${variable} (HTTP status 407).`,
  );
}
