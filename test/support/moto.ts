/**
 * moto, an emulator of AWS that nobody here wrote, as a process of its own. Where there is none, whoever wanted it is told so.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';

export interface Moto {
  url: string;
  /** moto's own: `5.2.1`. */
  version: string;
  account: string;
  region: string;
  /** Anybody's: moto checks none. */
  credentials: { accessKeyId: string; secretAccessKey: string };
  /** Empties every account. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts it on a free loopback port. It answers from then on, and ends with this process at the latest.
 *
 * @param script the path of moto-server.py.
 * @param env the environment of the process.
 * @returns why there is none, where it doesn't start.
 */
export async function startMoto(script: string, env: NodeJS.ProcessEnv): Promise<Moto | string> {
  const child = spawn('python3', [script], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const complaints: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => complaints.push(String(chunk)));
  // There is no exit, but an error, where there is no such program.
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
      // It ends with its standard input.
      child.stdin.end();
      await ended;
    },
  };
}

/** moto for a test; it ends with the test. @returns why there is none */
export async function motoFor(t: Test): Promise<Moto | string> {
  const script = fileURLToPath(new URL('moto-server.py', import.meta.url));
  const moto = await startMoto(script, process.env);
  if (typeof moto !== 'string') t.teardown(() => moto.close());
  return moto;
}
