/**
 * Runs moto, an independent emulator of AWS, in a child process. Where it is not installed, callers get the reason.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';

export interface Moto {
  url: string;
  /** moto's version, for instance `5.2.1`. */
  version: string;
  account: string;
  region: string;
  /** Any: moto does not check them. */
  credentials: { accessKeyId: string; secretAccessKey: string };
  /** Empties every account. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts moto on a free loopback port. It exits with this process at the latest.
 *
 * @param script the path of moto-server.py.
 * @param env the environment of the process.
 * @returns the reason when it does not start.
 */
export async function startMoto(script: string, env: NodeJS.ProcessEnv): Promise<Moto | string> {
  const child = spawn('python3', [script], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const complaints: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => complaints.push(String(chunk)));
  // A missing program raises an error event and no exit.
  const ended = once(child, 'exit').then(
    () => complaints.join('').trim().split('\n').at(-1),
    (error: Error) => error.message,
  );
  const first = await Promise.race([once(child.stdout, 'data').then(String), ended.then(() => undefined)]);
  if (first === undefined) return `no moto: ${await ended}. To have it: pip install 'moto[server]'`;
  const { url, version }: Pick<Moto, 'url' | 'version'> = JSON.parse(first);
  return {
    url,
    version,
    account: '123456789012',
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIAMOTO', secretAccessKey: 'moto' },
    async reset() {
      const answer = await fetch(`${url}/moto-api/reset`, { method: 'POST' });
      if (!answer.ok) throw new Error(`moto answered its reset with ${answer.status}`);
    },
    async close() {
      // It exits when its standard input closes.
      child.stdin.end();
      await ended;
    },
  };
}

/** Starts moto for a test and stops it with the test. @returns the reason when it does not start */
export async function motoFor(t: Test): Promise<Moto | string> {
  const script = fileURLToPath(new URL('moto-server.py', import.meta.url));
  const moto = await startMoto(script, process.env);
  if (typeof moto !== 'string') t.teardown(() => moto.close());
  return moto;
}
