/**
 * An HTTP proxy on a loopback port that forwards each call and records it.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { Test } from 'tap';
import { awsChunked } from '../../src/sandbox/index.js';
import { type Classified, classify } from '../bench/classify.js';

/** A call with what was sent. */
export interface RecordedRequest extends Pick<Classified, 'service' | 'operation'> {
  wire: {
    method: string;
    /** Percent-encoded. */
    path: string;
    query: Array<[name: string, value: string]>;
    /** By their names in lower case. */
    headers: Record<string, string>;
    /** Base64, without the framing of S3's chunks. */
    body: string;
  };
}

export interface RecordingProxy {
  url: string;
  /** The calls in the order of their answers. */
  calls: Classified[];
  /** What was sent, in the same order. */
  requests: RecordedRequest[];
}

/** Headers of a single connection, and the framing, which each connection has its own of. https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const perConnection = ['host', 'connection', 'keep-alive', 'transfer-encoding', 'content-length', 'expect'];

/** Starts the proxy for the length of the test. @param upstream the URL to forward to */
export async function startRecordingProxy(t: Test, upstream: string): Promise<RecordingProxy> {
  const calls: Classified[] = [];
  const requests: RecordedRequest[] = [];

  async function pass(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(message);
    const headers = Object.entries(message.headers).filter(([name]) => !perConnection.includes(name));
    const onward = send(new URL(String(message.url), upstream), {
      method: message.method,
      headers: { ...Object.fromEntries(headers), 'content-length': body.length },
    });
    onward.end(body);
    const [answer] = (await once(onward, 'response')) as [IncomingMessage];
    const request = wireRequest(message, body);
    const call = classify(request);
    calls.push(call);
    const { method, path, query, headers: sent } = request;
    const wire = { method, path, query: [...query], headers: sent, body: awsChunked(request).toString('base64') };
    requests.push({ service: call.service, operation: call.operation, wire });
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
  return { url: `http://127.0.0.1:${port}`, calls, requests };
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
