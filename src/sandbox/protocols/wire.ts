/**
 * What every protocol reads and writes: an HTTP request with its body, and an HTTP answer.
 */
import type { AwsRefusal, Operation } from '../operation.js';

export interface WireRequest {
  /** The request id that the answer carries. */
  id: string;
  method: string;
  /** As received, percent-encoded. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  body: Buffer;
}

export interface WireAnswer {
  status: number;
  headers: Record<string, string>;
  body: Buffer | string;
}

/** A request's operation and input; if there is no such operation, the requested name. */
export interface Decoded {
  name: string;
  operation?: Operation;
  input: unknown;
}

/** One of AWS's wire protocols. https://smithy.io/2.0/aws/protocols/index.html */
export interface Protocol {
  /** @throws {AwsRefusal} when the request is not of the protocol's form */
  decode(request: WireRequest, operations: Operation[]): Decoded;
  encode(operation: Operation, output: unknown, request: WireRequest): WireAnswer;
  refuse(refusal: AwsRefusal, request: WireRequest): WireAnswer;
}
