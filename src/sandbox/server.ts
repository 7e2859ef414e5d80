/**
 * The HTTP server of the embedded AWS: each request is decoded, intercepted, authenticated, authorized, run, encoded and recorded.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { authenticate, credentialOf } from './access/authenticate.js';
import { authorize } from './access/authorize.js';
import { callerOf } from './access/callers.js';
import { foreignRequest } from './access/local-requests.js';
import type { AccountState } from './account/state.js';
import { errorIn200, type Fault, foreignAnswer, type Reply, replyWith, send } from './faults.js';
import { AwsRefusal, type Operation, refusalOf, type ServiceName } from './operation.js';
import { protocols, serviceOf } from './protocols/index.js';
import { json } from './protocols/json.js';
import type { WireAnswer, WireRequest } from './protocols/wire.js';
import { operations } from './services/index.js';

/** A call that was received. */
export interface CallRecord {
  service: ServiceName;
  /** AWS's name of the operation, or the requested name if there is no such operation. */
  operation: string;
  mutates: boolean;
  /** The caller's ARN; undefined for an unknown access key, `anonymous` without one. */
  caller?: string;
  /** The HTTP status; 0 while the call is in progress, and if the connection was closed without an answer. */
  status: number;
  /** The error code answered. */
  error?: string;
}

/** A call as an interceptor sees it, before anything is done. */
export interface InterceptedCall {
  service: ServiceName;
  operation: string;
  mutates: boolean;
  /** Counted from 1 over the life of the embedded AWS. */
  number: number;
  input: unknown;
}

export type Interceptor = (call: InterceptedCall) => Fault | undefined | Promise<Fault | undefined>;

/** The name of the service that a request is for. Without a signature it is STS's (a form) or an anonymous one to S3. */
function signingName(request: WireRequest): string {
  const form = String(request.headers['content-type']).startsWith('application/x-www-form-urlencoded');
  return credentialOf(request)?.service ?? (form ? 'sts' : 's3');
}

/** A request without its body, which is read later. */
function headOf(message: IncomingMessage): WireRequest {
  const [path = '', search] = String(message.url).split('?');
  const headers = Object.entries(message.headers).map(([name, value]) => [name, String(value)]);
  return {
    id: randomUUID(),
    method: String(message.method),
    path,
    query: new URLSearchParams(search),
    headers: Object.fromEntries(headers),
    body: Buffer.alloc(0),
  };
}

/** Runs an operation for an authenticated caller if the policies allow it. @throws {AwsRefusal} */
export async function perform(operation: Operation, call: Parameters<Operation['run']>[0]): Promise<unknown> {
  const { state, caller, sourceIp } = call;
  authorize(state, caller, operation.service, operation.access(call), sourceIp);
  return await operation.run(call);
}

/** The HTTP server and the calls it received. */
export interface Front {
  server: Server;
  calls: CallRecord[];
  interceptors: Set<Interceptor>;
}

/** Makes the server; it does not listen yet. */
export function createFront(state: AccountState): Front {
  const calls: CallRecord[] = [];
  const interceptors = new Set<Interceptor>();

  /** Asks the interceptors in turn; the first fault counts. */
  async function faultFor(call: InterceptedCall): Promise<Fault | undefined> {
    for (const interceptor of interceptors) {
      const fault = await interceptor(call);
      if (fault) return fault;
    }
    return undefined;
  }

  async function answer(request: WireRequest, service: ServiceName, sourceIp: string): Promise<Reply> {
    const protocol = protocols[service];
    const record: CallRecord = { service, operation: '', mutates: false, status: 0 };
    const number = calls.push(record);
    const key = state.iam.accessKeys.get(String(credentialOf(request)?.accessKeyId));
    record.caller = key && callerOf(state, key).principal.arn;
    let fault: Fault | undefined;
    /** Records the part of the answer that the caller receives. */
    const reply = (answered: WireAnswer): Reply => {
      const received = replyWith(fault, answered);
      record.status = received.answer?.status ?? 0;
      return received;
    };
    try {
      const own = operations.filter((operation) => operation.service === service);
      const { name, operation, input } = protocol.decode(request, own);
      record.operation = name;
      record.mutates = operation?.mutates === true;
      fault = await faultFor({ service, operation: name, mutates: record.mutates, number, input });
      if (fault?.kind === 'reset') return { ending: 'close' };
      if (fault?.kind === 'hang') return { ending: 'nothing' };
      if (fault?.kind === 'refuse') {
        const { code, message = code, status, fields } = fault;
        throw new AwsRefusal(code, message, status, fields);
      }
      if (fault?.kind === 'answer') return reply(foreignAnswer(fault));
      if (fault?.kind === 'error-in-200') {
        record.error = fault.code;
        return reply(errorIn200(request, fault));
      }
      if (fault?.kind === 'delay') await pause(fault.milliseconds, undefined, { signal: state.closing });
      const caller = authenticate(state, request, service, name);
      record.caller = caller.principal.arn;
      if (!operation) throw new AwsRefusal('NotImplemented', `The embedded AWS does not have ${service} ${name}.`, 501);
      // The protocol decoded the input for this operation.
      const visible = fault?.kind === 'stale' ? { ...state, ...fault.state } : state;
      const output = await perform(operation, { input: input as never, caller, state: visible, sourceIp });
      return reply(protocol.encode(operation, output, request));
    } catch (failure) {
      const refusal = refusalOf(failure);
      const refused = reply(protocol.refuse(refusal, request));
      if (refused.answer) record.error = refusal.code;
      return refused;
    }
  }

  async function handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const head = headOf(message);
    const signed = signingName(head);
    const service = serviceOf(head, signed);
    // S3's Date header is the account's time, as are the times of its objects. The other services use this machine's time: if a test moves
    // the account's clock, the SDK's clients would take errors for clock skew, and retry.
    if (service === 's3') response.setHeader('date', new Date(state.now()).toUTCString());
    const foreign = foreignRequest(head.headers, message.socket.localPort);
    if (foreign !== undefined) {
      const { refuse } = service === undefined ? json : protocols[service];
      send(response, { answer: refuse(foreign, head), ending: 'end' });
      return;
    }
    if (service === undefined) {
      const refusal = new AwsRefusal('NotImplemented', `The embedded AWS does not have the service ${signed}.`, 501);
      send(response, { answer: json.refuse(refusal, head), ending: 'end' });
      return;
    }
    const request = { ...head, body: await buffer(message) };
    send(response, await answer(request, service, String(message.socket.remoteAddress)));
  }

  // Long enough that clients never reuse a closing connection, even under load.
  const server = createServer({ keepAliveTimeout: 60_000 }, (message, response) => {
    // The client closed its connection in the middle of its request.
    handle(message, response).catch(() => message.socket.destroy());
  });
  return { server, calls, interceptors };
}
