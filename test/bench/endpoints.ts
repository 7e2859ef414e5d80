/**
 * The endpoints of the bench: the embedded AWS and moto, each with an operator's account that can be recreated, behind the proxy.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createAws } from '../../src/aws/clients.js';
import { makeOperatorAccount } from '../../src/commands/demo/operator-account.js';
import { startMoto as startMotoServer } from '../support/moto.js';
import type { EmbeddedAccount } from './embedded-aws.js';
import type { ProxiedCall, ProxyOrder } from './latency-proxy.js';

/** An operator's account, as before the first deploy. */
export interface Account {
  /** Where it is, without the proxy. */
  endpoint: string;
  account: string;
  region: string;
  bucket: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}

export interface Endpoint {
  name: string;
  /** Replaces the account by a new one. */
  renew(): Promise<Account>;
  close(): void;
}

export interface LatencyProxy {
  url: string;
  /** Sets where calls go from now on. @returns the calls since the last order */
  tell(order: ProxyOrder): Promise<ProxiedCall[]>;
  close(): void;
}

/** @param directory where the bench was bundled to */
export async function startProxy(directory: string): Promise<LatencyProxy> {
  const child = fork(join(directory, 'latency-proxy.mjs'));
  const url: string = await reply(child);
  return {
    url,
    tell(order) {
      const answer = reply<ProxiedCall[]>(child);
      child.send(order);
      return answer;
    },
    close: () => child.disconnect(),
  };
}

/** @param directory where the bench was bundled to */
export function startEmbeddedAws(directory: string): Endpoint {
  const child = fork(join(directory, 'embedded-aws.mjs'));
  return {
    name: 'the embedded AWS',
    async renew() {
      const answer = reply<EmbeddedAccount>(child);
      child.send('renew');
      const { administrator, ...made } = await answer;
      return operatorAccount({ ...made, credentials: administrator });
    },
    close: () => child.disconnect(),
  };
}

/**
 * Starts moto.
 *
 * @returns the endpoint, or why there is none
 */
export async function startMoto(repository: string, env: NodeJS.ProcessEnv): Promise<Endpoint | string> {
  const moto = await startMotoServer(join(repository, 'test/support/moto-server.py'), env);
  if (typeof moto === 'string') return moto;
  const { url: endpoint, account, region, credentials } = moto;
  return {
    name: 'moto',
    async renew() {
      await moto.reset();
      return operatorAccount({ endpoint, account, region, credentials });
    },
    close: () => void moto.close(),
  };
}

async function operatorAccount(access: Omit<Account, 'bucket'>): Promise<Account> {
  const { endpoint, account, region, credentials } = access;
  const aws = createAws({ region, endpointUrl: endpoint, credentials });
  try {
    return { ...access, bucket: (await makeOperatorAccount(aws, account, region)).bucket };
  } finally {
    aws.close();
  }
}

/** A process's next message. @throws {Error} when it ends instead */
async function reply<Message>(child: ChildProcess): Promise<Message> {
  const waiting = new AbortController();
  const { signal } = waiting;
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message),
      once(child, 'exit', { signal }).then(([status]) => {
        throw new Error(`${child.spawnfile} of the bench ended with ${status}`);
      }),
    ]);
  } finally {
    waiting.abort();
  }
}
