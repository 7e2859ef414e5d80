/**
 * Faults that a test can inject into a call, and how they look on the wire.
 */
import type { ServerResponse } from 'node:http';
import type { AccountState } from './account/state.js';
import type { WireAnswer, WireRequest } from './protocols/wire.js';
import { xmlDocument } from './protocols/xml.js';

/** What an interceptor does to a call. */
export type Fault =
  /** An error instead of the effect. */
  | { kind: 'refuse'; code: string; message?: string; status: number; fields?: Record<string, string> }
  /** S3: an error instead of the effect, in an answer of status 200 that had begun before S3 knew. */
  | { kind: 'error-in-200'; code: string; message?: string; fields?: Record<string, string> }
  /** Instead of the effect, an answer that is none of AWS's: what a proxy on the way may say. */
  | { kind: 'answer'; status: number; body: string }
  /** The connection closed instead of the effect. */
  | { kind: 'reset' }
  /** Nothing, neither effect nor answer, for as long as the caller waits. */
  | { kind: 'hang' }
  /** The effect, then the connection closed instead of the answer. */
  | { kind: 'lose-answer' }
  /** The effect, then the answer's head and so many bytes of its body, then the connection closed. */
  | { kind: 'cut'; bytes: number }
  /** The same, but nothing more comes, and the connection stays. */
  | { kind: 'stall'; bytes: number }
  /** A read's answer from an earlier state: what AWS's services do for moments after a write. */
  | { kind: 'stale'; state: Partial<AccountState> }
  /** The effect, later. */
  | { kind: 'delay'; milliseconds: number };

/** What the caller sees of an answer. */
export interface Reply {
  /** Absent when not even its head is sent. */
  answer?: WireAnswer;
  /** How much of its body is sent when it is not sent whole, bytes. */
  upTo?: number;
  /** What comes after it. */
  ending: 'end' | 'close' | 'nothing';
}

/** What a fault does to the answer that would have been given. */
export function replyWith(fault: Fault | undefined, answer: WireAnswer): Reply {
  if (fault?.kind === 'lose-answer') return { ending: 'close' };
  if (fault?.kind === 'cut') return { answer, upTo: fault.bytes, ending: 'close' };
  if (fault?.kind === 'stall') return { answer, upTo: fault.bytes, ending: 'nothing' };
  return { answer, ending: 'end' };
}

/**
 * S3 begins to answer a copy before it is done, and sends white space while it works: an error appears in the body alone.
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

/** An answer with nothing of AWS's in it. */
export function foreignAnswer({ status, body }: Fault & { kind: 'answer' }): WireAnswer {
  return { status, headers: { 'content-type': 'text/html' }, body };
}

/** Sends an answer, or as much of it as the caller is to see. */
export function send(response: ServerResponse, { answer, upTo, ending }: Reply): void {
  const { socket } = response.req;
  if (answer === undefined) {
    if (ending === 'close') socket.resetAndDestroy();
    return;
  }
  const { status, headers, body } = answer;
  // An answer to HEAD has the length of the body that GET would return.
  response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers });
  if (upTo === undefined) response.end(body);
  else response.write(Buffer.from(body).subarray(0, upTo), () => void (ending === 'close' && socket.destroy()));
}
