/** A request as the protocols see it, and an operation to decode it for. */
import type { Operation, Route } from '../../../src/sandbox/operation.js';
import type { WireRequest } from '../../../src/sandbox/protocols/wire.js';

export function request(
  parts: Partial<Omit<WireRequest, 'body' | 'query'>> & { body?: string; query?: string } = {},
): WireRequest {
  return {
    id: 'request-1',
    method: 'POST',
    path: '/',
    headers: {},
    ...parts,
    query: new URLSearchParams(parts.query),
    body: Buffer.from(parts.body ?? ''),
  };
}

export function operation(service: Operation['service'], name: string, route?: Route): Operation {
  return { service, name, mutates: false, route, access: () => [], run: () => undefined };
}
