/**
 * The embedded AWS: STS, IAM, S3, Lambda, EventBridge, SQS, CloudWatch's logs, metrics and alarms, and SES's receipt rules as far as
 * this project uses them: in memory, on a loopback port, with the real wire protocols, for unmodified SDK clients and the AWS CLI.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createAccessKey, uniqueId } from './access/callers.js';
import { createAccount } from './account/create.js';
import { snapshot } from './account/snapshot.js';
import type { AccountState, Delays } from './account/state.js';
import { type CallRecord, createFront, type Interceptor } from './server.js';

export { credentialOf } from './access/authenticate.js';
export { createAccessKey, createSession, uniqueId } from './access/callers.js';
export type {
  AccountState,
  Bucket,
  Delays,
  FunctionState,
  Role,
  StoredObject,
} from './account/state.js';
export type { Fault } from './faults.js';
export type { ServiceName } from './operation.js';
export { protocols, serviceOf } from './protocols/index.js';
export { awsChunked } from './protocols/rest-xml.js';
export type { WireRequest } from './protocols/wire.js';
export type { CallRecord, InterceptedCall, Interceptor } from './server.js';
export { operations } from './services/index.js';

export interface SandboxOptions {
  /** Twelve digits; default: `111122223333`. */
  account?: string;
  /** Default: `us-east-1`. Determines the partition. */
  region?: string;
  /** The loopback port; default: 0, any free port. */
  port?: number;
  /** The duration of what takes long on AWS, milliseconds; default: 0. */
  delays?: Partial<Delays>;
  /** The clock, milliseconds since 1970. */
  now?: () => number;
  /**
   * Whether new buckets block all public access, as on AWS since April 2023. Default: false, so that a bucket can be given a public
   * policy directly.
   */
  blockPublicAccess?: boolean;
}

export interface Sandbox {
  /** `http://127.0.0.1:<port>`: the `endpoint` of every client, with `forcePathStyle` for S3. */
  endpoint: string;
  account: string;
  region: string;
  partition: string;
  /** The access key of the IAM user `administrator`, who is allowed everything. */
  administrator: { accessKeyId: string; secretAccessKey: string };
  /** The state, for tests to inspect, and to create what no operation here can, such as another owner's bucket. */
  state: AccountState;
  /** Every call in the order of arrival. */
  calls: CallRecord[];
  /** Adds an interceptor, which may delay or fail calls. @returns a function that removes it */
  intercept(interceptor: Interceptor): () => void;
  /**
   * Resolves when no event delivery and no invocation is in progress, and Lambda has looked at the queues.
   * @param timeoutMs milliseconds; default: one minute, as the machine may be busy
   * @throws {Error} at the deadline, naming what is still in progress
   */
  settled(timeoutMs?: number): Promise<void>;
  /** The account's whole configuration as plain data, without times, ids and revisions: equal snapshots mean that nothing changed. */
  snapshot(): unknown;
  close(): Promise<void>;
}

/** Starts a new account. @throws {Error} when the port is in use */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const closing = new AbortController();
  const { account = '111122223333', region = 'us-east-1', port = 0, delays = {}, now = Date.now } = options;
  const { blockPublicAccess = false } = options;
  const state = createAccount({ account, region, delays, now, blockPublicAccess, closing: closing.signal });
  const { server, calls, interceptors } = createFront(state);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on a TCP port has such an address, not a pipe's name or null.
  const address = server.address() as AddressInfo;
  state.endpoint = `http://127.0.0.1:${address.port}`;
  const key = addAdministrator(state);

  return {
    endpoint: state.endpoint,
    account,
    region,
    partition: state.partition,
    administrator: { accessKeyId: key.id, secretAccessKey: key.secret },
    state,
    calls,
    intercept(interceptor) {
      interceptors.add(interceptor);
      return () => void interceptors.delete(interceptor);
    },
    async settled(timeoutMs = 60_000) {
      // A test's own clock may have made messages visible.
      for (const { arn } of state.sqs.queues.values()) state.pollQueue(arn);
      await state.activity.settled(timeoutMs);
    },
    snapshot: () => snapshot(state),
    async close() {
      closing.abort();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function addAdministrator(state: AccountState) {
  const name = 'administrator';
  state.iam.users.set(name, {
    name,
    id: uniqueId('AIDA'),
    arn: `arn:${state.partition}:iam::${state.account}:user/${name}`,
    created: new Date(state.now()),
    inline: new Map(),
    attached: new Set([`arn:${state.partition}:iam::aws:policy/AdministratorAccess`]),
    tags: new Map(),
  });
  return createAccessKey(state, name);
}
