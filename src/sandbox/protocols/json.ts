/**
 * The JSON protocol of EventBridge and CloudWatch Logs: the operation in a header, JSON in and out.
 * https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
import { AwsRefusal, type Operation } from '../operation.js';
import type { Decoded, Protocol, WireAnswer, WireRequest } from './wire.js';

/** Times as seconds since 1970 and blobs as base64, the way both JSON protocols write them. Undefined members are left out. */
export function jsonValue(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map(jsonValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, jsonValue(inner)]));
}

/** A JSON body's members. @throws {AwsRefusal} SerializationException when it is no JSON object */
export function jsonBody(body: Buffer): Record<string, unknown> {
  if (body.length === 0) return {};
  try {
    return Object.fromEntries(Object.entries(JSON.parse(body.toString('utf8'))));
  } catch (cause) {
    throw new AwsRefusal('SerializationException', `The body is not JSON: ${String(cause)}`);
  }
}

/** An error of either JSON protocol. */
export function jsonRefusal(
  refusal: AwsRefusal,
  request: WireRequest,
  contentType: string,
  messageName: string,
): WireAnswer {
  return {
    status: refusal.status,
    headers: { 'content-type': contentType, 'x-amzn-requestid': request.id, 'x-amzn-errortype': refusal.code },
    body: JSON.stringify({ __type: refusal.code, [messageName]: refusal.message, ...refusal.fields }),
  };
}

const contentType = 'application/x-amz-json-1.1';

export const json: Protocol = {
  decode(request: WireRequest, operations: Operation[]): Decoded {
    // `AWSEvents.PutRule`, `Logs_20140328.CreateLogGroup`
    const name = String(request.headers['x-amz-target']?.split('.')[1]);
    return { name, operation: operations.find((operation) => operation.name === name), input: jsonBody(request.body) };
  },

  encode(_operation: Operation, output: unknown, request: WireRequest): WireAnswer {
    const body = output === undefined ? '' : JSON.stringify(jsonValue(output));
    return { status: 200, headers: { 'content-type': contentType, 'x-amzn-requestid': request.id }, body };
  },

  refuse: (refusal, request) => jsonRefusal(refusal, request, contentType, 'message'),
};
