/**
 * A process: an HTTP proxy on a loopback port that delays, forwards and records each call. Connections are
 * kept alive on both sides.
 *
 * It first sends its own URL to the process that forked it. A {@link ProxyOrder} sets where calls go from
 * now on; the answer has the calls since the last order.
 */
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { type Classified, classify } from './classify.js';

export interface ProxyOrder {
  /** The URL calls are passed on to. */
  upstream: string;
  /** What is added to each call, milliseconds. */
  latency: number;
}

export interface ProxiedCall extends Classified {
  /** When the request was there, milliseconds on the proxy's clock. */
  start: number;
  /** When the answer had been sent. */
  end: number;
  status: number;
}

/** Idle connections are closed before the server does, so that no call meets a closing one. Node.js closes them after five seconds. */
const agent = new Agent({ keepAlive: true, timeout: 3_000 });

/** Headers that are about one connection, and the framing, which is redone. https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const perConnection = ['host', 'connection', 'keep-alive', 'transfer-encoding', 'content-length', 'expect'];

let order: ProxyOrder = { upstream: '', latency: 0 };
let calls: ProxiedCall[] = [];

async function pass(message: IncomingMessage, response: ServerResponse): Promise<void> {
  const start = performance.now();
  const { upstream, latency } = order;
  const record = calls;
  const body = await buffer(message);
  const due = pause(start + latency - performance.now());
  const call = classify(wireRequest(message, body));
  await due;

  const headers = Object.entries(message.headers).filter(([name]) => !perConnection.includes(name));
  const onward = send(new URL(String(message.url), upstream), {
    agent,
    method: message.method,
    headers: { ...Object.fromEntries(headers), 'content-length': body.length },
  });
  onward.end(body);
  const [answer]: IncomingMessage[] = await once(onward, 'response');
  const { statusCode: status = 0 } = answer ?? {};
  if (answer === undefined) return;
  const { connection: _connection, 'keep-alive': _keepAlive, ...kept } = answer.headers;
  response.writeHead(status, kept);
  await pipeline(answer, response);
  record.push({ ...call, status, start, end: performance.now() });
}

function wireRequest({ method, url, headers }: IncomingMessage, body: Buffer) {
  const [path = '', search] = String(url).split('?');
  return {
    id: '',
    method: String(method),
    path,
    query: new URLSearchParams(search),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    body,
  };
}

const server = createServer((message, response) => {
  // The caller sees a broken connection, as it would without a proxy.
  pass(message, response).catch((error: unknown) => {
    console.error(`latency proxy: ${message.method} ${message.url}: ${String(error)}`);
    message.socket.destroy();
  });
});
// A connection stays open while a contender works between two calls.
server.keepAliveTimeout = 60_000;

process.on('message', (next: ProxyOrder) => {
  process.send?.(calls);
  calls = [];
  order = next;
});
process.on('disconnect', () => process.exit());

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
});
