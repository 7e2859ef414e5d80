/**
 * Faults that a test can inject into a call, and their effect on the wire.
 */
import type { ServerResponse } from 'node:http';
import type { AccountState } from './account/state.js';
import type { WireAnswer, WireRequest } from './protocols/wire.js';
import { xmlDocument } from './protocols/xml.js';

/** What an interceptor does to a call. */
export type Fault =
  /** An error instead of the effect. */
  | { kind: 'refuse'; code: string; message?: string; status: number; fields?: Record<string, string> }
  /** S3: an error instead of the effect, in an answer whose status 200 was sent before S3 knew. */
  | { kind: 'error-in-200'; code: string; message?: string; fields?: Record<string, string> }
  /** Instead of the effect, an answer that is not from AWS, such as a proxy's. */
  | { kind: 'answer'; status: number; body: string }
  /** The connection closed instead of the effect. */
  | { kind: 'reset' }
  /** Neither effect nor answer, however long the caller waits. */
  | { kind: 'hang' }
  /** The effect, then the connection closed instead of the answer. */
  | { kind: 'lose-answer' }
  /** The effect, then the answer's head and this many bytes of its body, then the connection closed. */
  | { kind: 'cut'; bytes: number }
  /** The same, but the connection stays open without further data. */
  | { kind: 'stall'; bytes: number }
  /** A read's answer from an earlier state, as AWS's services may give shortly after a write. */
  | { kind: 'stale'; state: Partial<AccountState> }
  /** The effect, later. */
  | { kind: 'delay'; milliseconds: number };

/** What the caller sees of an answer. */
export interface Reply {
  /** Absent when not even its head is sent. */
  answer?: WireAnswer;
  /** If only a part of its body is sent: how much, bytes. */
  upTo?: number;
  /** What happens then. */
  ending: 'end' | 'close' | 'nothing';
}

/** The effect of a fault on an answer. */
export function replyWith(fault: Fault | undefined, answer: WireAnswer): Reply {
  if (fault?.kind === 'lose-answer') return { ending: 'close' };
  if (fault?.kind === 'cut') return { answer, upTo: fault.bytes, ending: 'close' };
  if (fault?.kind === 'stall') return { answer, upTo: fault.bytes, ending: 'nothing' };
  return { answer, ending: 'end' };
}

/**
 * S3 begins its answer to a copy before the copy is complete, and sends white space meanwhile: an error is only in the body.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 */
export function errorIn200(
  { id }: WireRequest,
  { code, message = code, fields }: Fault & { kind: 'error-in-200' },
): WireAnswer {
  const error = xmlDocument('Error', { Code: code, Message: message, ...fields, RequestId: id }, 'flat');
  return {
    status: 200,
    headers: { 'content-type': 'application/xml', 'x-amz-request-id': id },
    body: error.replace(/(?<=\?>)\s*/, `\n${' '.repeat(20)}\n`),
  };
}

/** An answer that is not from AWS. */
export function foreignAnswer({ status, body }: Fault & { kind: 'answer' }): WireAnswer {
  return { status, headers: { 'content-type': 'text/html' }, body };
}

/** Sends an answer, or the part of it that the caller receives. */
export function send(response: ServerResponse, { answer, upTo, ending }: Reply): void {
  const { socket } = response.req;
  if (answer === undefined) {
    if (ending === 'close') socket.resetAndDestroy();
    return;
  }
  const { status, headers, body } = answer;
  // An answer to HEAD has the content length that GET would have.
  response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers });
  if (upTo === undefined) response.end(body);
  else response.write(Buffer.from(body).subarray(0, upTo), () => void (ending === 'close' && socket.destroy()));
}
