/**
 * Explains errors of the network: no connection, a certificate that is not trusted, an answer that is not AWS's.
 */
import { messageOf, nameOf, statusOf } from './error-facts.js';
import { describeProxy, destinationOf } from './http/destination.js';

const unreachable =
  /^(ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|ECONNRESET|EPIPE|ETIMEDOUT|EAI_AGAIN|EPROTO|UNABLE_TO_.*|.*CERT.*|ERR_(SSL|TLS)_.*)$/;

/** The certificate was refused: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const untrusted = /^(UNABLE_TO_.*|.*CERT.*|ERR_TLS_CERT_.*)$/;

/** Before a connection stands, it is the proxy that can't be reached: it makes the connection to the host. */
const noConnection = /^(ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EAI_AGAIN)$/;

/** The network error code of an error, of its cause, or of the first of several errors. */
function networkCode(error: unknown): string | undefined {
  const { code, cause, errors } = Object(error) as { code?: unknown; cause?: unknown; errors?: unknown[] };
  if (typeof code === 'string' && unreachable.test(code)) return code;
  const inner = cause ?? errors?.[0];
  return inner === undefined ? undefined : networkCode(inner);
}

/** Whether the response has a status but no AWS error code: it came from a web server or a proxy. */
function isUnreadable(error: unknown): boolean {
  return statusOf(error) !== undefined && (error instanceof SyntaxError || /^Unknown(Error)?$/.test(messageOf(error)));
}

/**
 * One or two sentences; undefined for an error that is none of the network's.
 *
 * @param endpointUrl the value of --endpoint-url, if any.
 */
export function explainNetwork(error: unknown, endpointUrl: string | undefined): string | undefined {
  const { origin, proxy } = destinationOf(error) ?? {};
  const where = origin ?? endpointUrl ?? 'AWS';
  const check = whatToCheck(origin, endpointUrl);
  if (isUnreadable(error))
    return `${where} returned a response that is not from AWS (HTTP status ${statusOf(error)})${proxy === undefined ? '' : `, through the proxy ${describeProxy(proxy)}`}. Check ${check}.`;
  if (nameOf(error) === 'ConnectionError') return messageOf(error);
  const code = networkCode(error);
  const timedOut = nameOf(error) === 'TimeoutError';
  if (code === undefined && !timedOut) return undefined;
  const reason = code ?? 'it did not answer in time';
  if (code !== undefined && untrusted.test(code))
    return /EXPIRED|NOT_YET_VALID/.test(code)
      ? `The TLS certificate of ${where} is not valid at this time (${code}). Check this machine's clock.`
      : `The TLS certificate of ${where} is not trusted (${code}). If your network replaces certificates, name its CA bundle with AWS_CA_BUNDLE or with ca_bundle in the profile.`;
  if (proxy !== undefined && (code === undefined || noConnection.test(code)))
    return `The proxy ${describeProxy(proxy)} could not be reached (${reason}). Check the variable, or exempt the host of ${where} with NO_PROXY.`;
  const through = proxy === undefined ? '' : ` through the proxy ${describeProxy(proxy)}`;
  return `${where} could not be reached${through} (${reason}). Check ${check}.`;
}

/** What may have sent the request there. */
function whatToCheck(origin: string | undefined, endpointUrl: string | undefined): string {
  if (endpointUrl !== undefined && (origin === undefined || new URL(endpointUrl).origin === origin))
    return '--endpoint-url (AWS_ENDPOINT_URL)';
  if (origin === undefined || /\.(amazonaws\.com(\.cn)?|aws|amazonaws\.eu)$/.test(origin))
    return 'the network and --region';
  return 'AWS_ENDPOINT_URL_<SERVICE>, and endpoint_url in the AWS configuration file';
}
