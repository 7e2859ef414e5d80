/**
 * Keeps web pages out of the embedded AWS. Any page in a browser on this machine can send requests to a loopback port: by DNS
 * rebinding, which makes its own host name resolve to 127.0.0.1, or by a plain cross-site form. Such requests carry a host name
 * or an origin that is not the embedded AWS's own.
 * https://owasp.org/www-community/attacks/DNS_Rebinding, https://www.rfc-editor.org/rfc/rfc9110#section-7.2
 */
import { AwsRefusal } from '../operation.js';

const loopbackNames = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * The reason to refuse a request before it is processed.
 * @param headers the request's headers, by their names in lower case
 * @param port the port that the request arrived at
 * @returns a refusal of status 403; undefined for a request that a local client sent. S3 buckets are addressed by path only, so
 *   no bucket's host name is accepted.
 */
export function foreignRequest(headers: Record<string, string>, port: number | undefined): AwsRefusal | undefined {
  // Clients leave out HTTP's default port.
  const hosts = loopbackNames.map((name) => (port === 80 ? name : `${name}:${port}`));
  const { host = '', origin } = headers;
  if (!hosts.includes(host.toLowerCase())) {
    return new AwsRefusal(
      'AccessDenied',
      `The embedded AWS answers to ${hosts.join(', ')}, not to Host "${host}".`,
      403,
    );
  }
  if (origin !== undefined && !hosts.some((own) => origin.toLowerCase() === `http://${own}`)) {
    return new AwsRefusal('AccessDenied', `The embedded AWS does not serve pages of Origin "${origin}".`, 403);
  }
  return undefined;
}
