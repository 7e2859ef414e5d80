/**
 * The JSON protocols of EventBridge, CloudWatch, CloudWatch Logs, SQS and Mail Manager: the operation in a header, JSON in and out.
 * https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
import { gunzipSync } from 'node:zlib';
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

/** The service and the operation that a request names: `AWSEvents.PutRule`, `Logs_20140328.CreateLogGroup`. */
export function targetOf({
  headers,
}: Pick<WireRequest, 'headers'>): { service: string; operation: string } | undefined {
  const [service, operation] = headers['x-amz-target']?.split('.') ?? [];
  return service === undefined || operation === undefined ? undefined : { service, operation };
}

/** Large requests come compressed. https://smithy.io/2.0/spec/behavior-traits.html#requestcompression-trait */
function unpacked({ headers, body }: WireRequest): Buffer {
  return headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}

function jsonProtocol(contentType: string, errorHeaders: (refusal: AwsRefusal) => Record<string, string>): Protocol {
  return {
    decode(request: WireRequest, operations: Operation[]): Decoded {
      const name = String(targetOf(request)?.operation);
      const operation = operations.find((each) => each.name === name);
      return { name, operation, input: jsonBody(unpacked(request)) };
    },

    encode(_operation: Operation, output: unknown, request: WireRequest): WireAnswer {
      const body = output === undefined ? '' : JSON.stringify(jsonValue(output));
      return { status: 200, headers: { 'content-type': contentType, 'x-amzn-requestid': request.id }, body };
    },

    refuse(refusal, request) {
      const answer = jsonRefusal(refusal, request, contentType, 'message');
      return { ...answer, headers: { ...answer.headers, ...errorHeaders(refusal) } };
    },
  };
}

export const json = jsonProtocol('application/x-amz-json-1.1', () => ({}));

export const json10 = jsonProtocol('application/x-amz-json-1.0', () => ({}));

/**
 * The former codes that are not the new ones, all of them SQS's; and the denial, which the JSON protocols name after its exception.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-json-faqs.html
 */
const formerCodes: Record<string, string> = {
  AccessDeniedException: 'AccessDenied',
  QueueNameExists: 'QueueAlreadyExists',
  QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue',
  ...Object.fromEntries(
    [
      ...['QueueDeletedRecently', 'MessageNotInflight', 'EmptyBatchRequest', 'TooManyEntriesInBatchRequest'],
      ...['BatchEntryIdsNotDistinct', 'InvalidBatchEntryId'],
    ].map((code) => [code, `AWS.SimpleQueueService.${code}`]),
  ),
};

/**
 * For services that had the query protocol before: a header has the former error codes.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#aws-protocols-awsquerycompatible-trait
 */
export const queryCompatibleJson = jsonProtocol('application/x-amz-json-1.0', ({ code, status }) => ({
  'x-amzn-query-error': `${formerCodes[code] ?? code};${status < 500 ? 'Sender' : 'Receiver'}`,
}));
