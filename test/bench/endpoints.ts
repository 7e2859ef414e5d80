/**
 * What is deployed to: the embedded AWS and moto, each with an operator's account that can be had fresh, and the proxy before them.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createAws } from '../../src/aws/clients.js';
import { makeOperatorAccount } from '../../src/sandbox/operator-account.js';
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
  /** Makes an account anew; the one before is gone. */
  renew(): Promise<Account>;
  close(): void;
}

export interface LatencyProxy {
  url: string;
  /** Says where calls go from now on. @returns the calls since it was last told */
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
  const child = spawn('python3', [join(repository, 'test/support/moto-server.py')], {
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const complaints: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => complaints.push(String(chunk)));
  // It fails where there is no such program.
  const ended = once(child, 'exit').then(
    () => undefined,
    () => undefined,
  );
  const first = await Promise.race([once(child.stdout, 'data'), ended]);
  if (first === undefined) {
    const why = complaints.join('').trim().split('\n').at(-1);
    return `moto did not start (${why === '' ? 'no python3' : why}); pip install 'moto[server]'`;
  }
  const endpoint = String(first[0]).trim();
  return {
    name: 'moto',
    async renew() {
      const answer = await fetch(`${endpoint}/moto-api/reset`, { method: 'POST' });
      if (!answer.ok) throw new Error(`moto answered its reset with ${answer.status}`);
      const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
      return operatorAccount({ endpoint, account: '123456789012', region: 'us-east-1', credentials });
    },
    // It ends with its standard input.
    close: () => child.stdin.end(),
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
