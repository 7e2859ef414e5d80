/**
 * An HTTP proxy on a loopback port that forwards each call and records it.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { Test } from 'tap';
import { type Classified, classify } from '../bench/classify.js';

export interface RecordingProxy {
  url: string;
  /** The calls in the order of their answers. */
  calls: Classified[];
}

/** Headers of a single connection, and the framing, which each connection has its own of. https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const perConnection = ['host', 'connection', 'keep-alive', 'transfer-encoding', 'content-length', 'expect'];

/** Starts the proxy for the length of the test. @param upstream the URL to forward to */
export async function startRecordingProxy(t: Test, upstream: string): Promise<RecordingProxy> {
  const calls: Classified[] = [];

  async function pass(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(message);
    const headers = Object.entries(message.headers).filter(([name]) => !perConnection.includes(name));
    const onward = send(new URL(String(message.url), upstream), {
      method: message.method,
      headers: { ...Object.fromEntries(headers), 'content-length': body.length },
    });
    onward.end(body);
    const [answer] = (await once(onward, 'response')) as [IncomingMessage];
    calls.push(classify(wireRequest(message, body)));
    const { connection: _connection, 'keep-alive': _keepAlive, ...kept } = answer.headers;
    response.writeHead(Number(answer.statusCode), kept);
    await pipeline(answer, response);
  }

  const server = createServer((message, response) => {
    // The caller sees the broken connection, as it would without a proxy.
    pass(message, response).catch(() => message.socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  // A server that listens on a TCP port has one of these.
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, calls };
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
