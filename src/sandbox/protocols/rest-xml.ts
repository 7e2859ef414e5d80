/**
 * The REST XML protocol of S3, path style. An operation of S3 receives the request nearly unchanged, because most of S3's
 * input is in headers and query parameters. It returns a RestAnswer, or nothing for an answer without a body.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
 */
import { credentialOf } from '../access/authenticate.js';
import { type AwsRefusal, type Operation, RestAnswer } from '../operation.js';
import { routed } from './route.js';
import type { Decoded, Protocol, WireAnswer, WireRequest } from './wire.js';
import { xmlDocument } from './xml.js';

/** The input of S3's operations. */
export interface S3Request {
  Bucket: string;
  /** Empty for a bucket's own operations. */
  Key: string;
  query: URLSearchParams;
  /** By their names in lower case. */
  headers: Record<string, string>;
  /** Without the aws-chunked framing. */
  body: Buffer;
  /** The region that the request was signed for: the one of the endpoint that the caller meant. */
  region?: string;
}

/**
 * All query parameters by which S3 distinguishes operations on one path. A request with one that is not emulated must not be taken for
 * the operation without it.
 */
const subresources = [
  ...[
    'accelerate',
    'acl',
    'analytics',
    'attributes',
    'cors',
    'delete',
    'encryption',
    'intelligent-tiering',
    'inventory',
  ],
  ...['legal-hold', 'lifecycle', 'list-type', 'location', 'logging', 'metrics', 'notification', 'object-lock'],
  ...['ownershipControls', 'policy', 'policyStatus', 'publicAccessBlock', 'replication', 'requestPayment', 'restore'],
  ...['retention', 'select', 'tagging', 'torrent', 'uploadId', 'uploads', 'versioning', 'versions', 'website'],
];

/**
 * A request's body without the aws-chunked framing, in which S3's clients send a body in chunks, each preceded by its length, with
 * checksums at the end. Signatures of chunks and checksums are not verified.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export function awsChunked(request: Pick<WireRequest, 'headers' | 'body'>): Buffer {
  if (!request.headers['x-amz-content-sha256']?.startsWith('STREAMING-')) return request.body;
  const pieces: Buffer[] = [];
  let position = 0;
  for (;;) {
    const end = request.body.indexOf('\r\n', position);
    // `400;chunk-signature=…`
    const length = Number.parseInt(request.body.toString('latin1', position, end), 16);
    if (!(length > 0)) return Buffer.concat(pieces);
    pieces.push(request.body.subarray(end + 2, end + 2 + length));
    position = end + 2 + length + 2;
  }
}

export const restXml: Protocol = {
  decode(request: WireRequest, operations: Operation[]): Decoded {
    const subresource = subresources.find((name) => request.query.has(name));
    const fitting = routed(request, operations).filter(({ route }) => route.subresource === subresource);
    const found =
      fitting.find(({ route }) => route.header !== undefined && route.header in request.headers) ??
      fitting.find(({ route }) => route.header === undefined);
    const name =
      request.query.get('x-id') ?? `${request.method} ${request.path}${subresource ? `?${subresource}` : ''}`;
    if (!found) return { name, input: undefined };
    const { Bucket = '', Key = '' } = found.path;
    const input: S3Request = {
      Bucket,
      Key,
      query: request.query,
      headers: request.headers,
      body: awsChunked(request),
      region: credentialOf(request)?.region,
    };
    return { name: found.operation.name, operation: found.operation, input };
  },

  encode(operation: Operation, output: unknown, request: WireRequest): WireAnswer {
    const answer = output instanceof RestAnswer ? output : new RestAnswer(operation.route?.status ?? 200);
    return { ...answer, headers: { 'x-amz-request-id': request.id, ...answer.headers } };
  },

  refuse(refusal: AwsRefusal, request: WireRequest): WireAnswer {
    const error = { Code: refusal.code, Message: refusal.message, ...refusal.fields, RequestId: request.id };
    const headers = { 'content-type': 'application/xml', 'x-amz-request-id': request.id, ...refusal.headers };
    // An answer to HEAD has no body: the caller sees only the status.
    const body = request.method === 'HEAD' ? '' : xmlDocument('Error', error, 'flat');
    return { status: refusal.status, headers, body };
  },
};
