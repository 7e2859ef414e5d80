/**
 * A network in which AWS is reached through a proxy: a real CONNECT proxy, and a TLS endpoint with a certificate authority of its own.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Server, type Socket } from 'node:net';
import { generate } from 'selfsigned';
import type { Test } from 'tap';

/** A server on a loopback port, for the length of the test. @returns the port */
export async function listen(t: Test, server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

/** A certificate authority, and a certificate of it for the names. */
export async function makeCertificates(names: string[]): Promise<{ ca: string; key: string; cert: string }> {
  const subject = (value: string) => [{ name: 'commonName', value }];
  const authority = await generate(subject('A network of its own'), {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
  const server = await generate(subject('an endpoint'), {
    keyType: 'ec',
    algorithm: 'sha256',
    ca: { key: authority.private, cert: authority.cert },
    extensions: [{ name: 'subjectAltName', altNames: names.map((value) => ({ type: 2, value })) }],
  });
  return { ca: authority.cert, key: server.private, cert: server.cert };
}

/** Sends a request on to a loopback port, under its host name. */
function forward(incoming: IncomingMessage, port: number, answer: ServerResponse) {
  const { method, headers, url } = incoming;
  const { pathname, search } = new URL(String(url), 'http://localhost');
  const onward = request({ port, method, path: pathname + search, headers: { ...headers, host: `127.0.0.1:${port}` } });
  onward.on('response', (response) => {
    answer.writeHead(Number(response.statusCode), response.headers);
    response.pipe(answer);
  });
  onward.on('error', () => answer.destroy());
  incoming.pipe(onward);
}

/**
 * A TLS endpoint in front of the embedded AWS, which answers to its own host name only.
 *
 * @param upstream its port.
 * @returns the port.
 */
export function startTls(t: Test, certificate: { key: string; cert: string }, upstream: number): Promise<number> {
  return listen(
    t,
    createTlsServer(certificate, (incoming, answer) => forward(incoming, upstream, answer)),
  );
}

export interface TestProxy {
  url: string;
  /** The hosts of CONNECT, and the URLs of plain requests, as they were asked for. */
  asked: string[];
}

/**
 * An HTTP proxy that leads every tunnel to one port, whatever host was asked for.
 *
 * @param options.refuse answers with this status instead.
 * @param options.user `name:password`, without which it answers 407.
 */
export async function startProxy(
  t: Test,
  target: number,
  { refuse, user }: { refuse?: number; user?: string } = {},
): Promise<TestProxy> {
  const asked: string[] = [];
  const statusFor = (authorization: string | undefined) =>
    user === undefined || authorization === `Basic ${Buffer.from(user).toString('base64')}` ? refuse : 407;
  const server = createServer((incoming, answer) => {
    asked.push(String(incoming.url));
    const status = statusFor(incoming.headers['proxy-authorization']);
    if (status !== undefined) return void answer.writeHead(status).end('<html>no</html>');
    forward(incoming, target, answer);
  });
  server.on('connect', ({ url, headers }, socket: Socket) => {
    asked.push(String(url));
    const status = statusFor(headers['proxy-authorization']);
    if (status !== undefined) return void socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 2\r\n\r\nno`);
    const onward = connect(target, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
  });
  return { url: `http://127.0.0.1:${await listen(t, server)}`, asked };
}

/** Sets environment variables for the length of the test; undefined removes one. */
export function setVariables(t: Test, variables: Record<string, string | undefined>): void {
  for (const [name, value] of Object.entries(variables)) {
    const before = process.env[name];
    const set = (to: string | undefined) => {
      if (to === undefined) delete process.env[name];
      else process.env[name] = to;
    };
    set(value);
    t.teardown(() => set(before));
  }
}
