/**
 * Where a request went, kept beside its error or answer: the SDK's errors do not name the host.
 */

/** A proxy that the environment names. */
export interface ConfiguredProxy {
  url: URL;
  /** The variable that names it: `HTTPS_PROXY`. */
  variable: string;
}

export interface Destination {
  /** `https://sts.us-east-1.amazonaws.com` */
  origin: string;
  proxy?: ConfiguredProxy | undefined;
}

const known = new WeakMap<object, Destination>();

/** Notes where a request went. @param outcome its answer or error */
export function noteDestination(outcome: unknown, destination: Destination): void {
  if (typeof outcome === 'object' && outcome !== null) known.set(outcome, destination);
}

/** Where the request of an error went: of the error itself, its cause, or the answer that it was made from. */
export function destinationOf(error: unknown): Destination | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { cause, $response } = error as { cause?: unknown; $response?: unknown };
  return known.get(error) ?? destinationOf(cause) ?? destinationOf($response);
}

/** A proxy for a message, without the password that its URL may hold: `http://proxy:3128 (HTTPS_PROXY)`. */
export function describeProxy({ url, variable }: ConfiguredProxy): string {
  return `${url.protocol}//${url.host} (${variable})`;
}
