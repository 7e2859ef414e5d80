/**
 * Which proxy a request goes through: HTTPS_PROXY, HTTP_PROXY and NO_PROXY, read as the AWS CLI reads them.
 * https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-proxy.html
 */
import { OperatorError } from '../error-facts.js';
import type { ConfiguredProxy } from './destination.js';

type Variables = Record<string, string | undefined>;

/**
 * The proxy for a URL; undefined for a direct connection.
 *
 * As in botocore, which uses Python's urllib: the variable of the URL's own scheme, in lower case before upper case; a value without
 * a scheme is an HTTP proxy's. Loopback addresses have no rule of their own: NO_PROXY names them.
 * https://github.com/boto/botocore/blob/develop/botocore/utils.py (get_environ_proxies)
 *
 * @throws OperatorError when the variable's value is not the URL of an HTTP or HTTPS proxy. The value, which may hold a password, is
 *   not repeated.
 */
export function proxyFor(target: URL, env: Variables): ConfiguredProxy | undefined {
  const set = variableOf(`${target.protocol.slice(0, -1)}_proxy`, env);
  if (set === undefined || isExempt(target, variableOf('no_proxy', env)?.value ?? '')) return undefined;
  const { variable, value } = set;
  const written = value.includes('://') ? value : `http://${value}`;
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new OperatorError(`${variable} is not the URL of an HTTP proxy, such as http://gateway.example.org:3128.`);
  return { url, variable };
}

/** The variable of a name, in lower case before upper case, unless it is empty. */
function variableOf(lowerCase: string, env: Variables): { variable: string; value: string } | undefined {
  for (const variable of [lowerCase, lowerCase.toUpperCase()]) {
    const value = env[variable]?.trim();
    if (value) return { variable, value };
  }
  return undefined;
}

/**
 * Whether NO_PROXY exempts the URL's host: `*`, the host or a domain that it is in, with or without a leading dot, or either with the port.
 * https://docs.python.org/3/library/urllib.request.html#urllib.request.ProxyHandler
 */
function isExempt({ hostname, port, protocol }: URL, noProxy: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  const withPort = `${host}:${port || (protocol === 'https:' ? 443 : 80)}`;
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .map((each) => each.replace(/^\*?\.+/, '').replace(/^\[(.*)\]/, '$1'))
    .filter((each) => each !== '')
    .some((each) => each === '*' || [host, withPort].some((one) => one === each || one.endsWith(`.${each}`)));
}
