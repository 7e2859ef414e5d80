/**
 * The REST JSON protocol of Lambda. https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
 */
import { type Operation, RestAnswer, type Route } from '../operation.js';
import { jsonBody, jsonRefusal, jsonValue } from './json.js';
import { routed } from './route.js';
import type { Decoded, Protocol, WireAnswer, WireRequest } from './wire.js';

const contentType = 'application/json';

function queryMembers(route: Route, query: URLSearchParams): Array<[string, string | string[]]> {
  return Object.entries(route.query ?? {}).flatMap(([wire, member]): Array<[string, string | string[]]> => {
    const values = query.getAll(wire);
    if (member.endsWith('[]')) return [[member.slice(0, -2), values]];
    return values.map((value) => [member, value]);
  });
}

function headerMembers(route: Route, headers: Record<string, string>): Array<[string, string]> {
  return Object.entries(route.headers ?? {}).flatMap(([wire, member]): Array<[string, string]> => {
    const value = headers[wire];
    return value === undefined ? [] : [[member, value]];
  });
}

export const restJson: Protocol = {
  decode(request: WireRequest, operations: Operation[]): Decoded {
    const [found] = routed(request, operations);
    if (!found) return { name: `${request.method} ${request.path}`, input: undefined };
    const { operation, route, path } = found;
    const body = route.payload ? { [route.payload]: request.body } : jsonBody(request.body);
    const rest = Object.fromEntries([...queryMembers(route, request.query), ...headerMembers(route, request.headers)]);
    return { name: operation.name, operation, input: { ...body, ...rest, ...path } };
  },

  encode(operation: Operation, output: unknown, request: WireRequest): WireAnswer {
    const headers = { 'content-type': contentType, 'x-amzn-requestid': request.id };
    if (output instanceof RestAnswer) {
      return { status: output.status, headers: { ...headers, ...output.headers }, body: output.body };
    }
    const body = output === undefined ? '' : JSON.stringify(jsonValue(output));
    return { status: operation.route?.status ?? 200, headers, body };
  },

  // Lambda's error shapes have `Type` beside `message`, and some have `Message`: clients read either.
  refuse: (refusal, request) => jsonRefusal(refusal, request, contentType, 'message'),
};
