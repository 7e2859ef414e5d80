/**
 * The function as it is uploaded, run as Lambda runs it: the zip's one file, in a folder and a process of its own, outside this package, whose
 * package.json and node_modules it must do without.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Test } from 'tap';
import { fromBufferPromise } from 'yauzl';
import { functionPackage } from '../../src/package/function-package.js';
import type { Account } from './account.js';

/** Another Node.js than this process's, to run the bundle with: CI's second run names the one that Lambda has. */
const node = process.env.FUNCTION_NODE || process.execPath;

/** What an invocation of a module's handler came to. */
export interface Invocation {
  /** What the handler resolved to. */
  outcome?: unknown;
  /** What it rejected with. */
  error?: { name: string; message: string };
  /** The lines it logged. */
  lines: Record<string, unknown>[];
  /** What else there is to read, which is to be nothing. */
  stderr: string;
}

/** Unpacks the zip into a folder that is gone with the test. @returns the path of its index.js */
export async function unpack(t: Test): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'agentkeys-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const archive = await fromBufferPromise((await functionPackage()).zip);
  for await (const entry of archive.eachEntry()) {
    await writeFile(join(directory, entry.fileName), await archive.openReadStreamPromise(entry));
  }
  t.strictSame(await readdir(directory), ['index.js'], 'the zip has one file');
  return join(directory, 'index.js');
}

/** The environment that Lambda and the stack give the function; nothing of this process's own. */
export function environmentOf({ sandbox, settings, credentials }: Account): Record<string, string> {
  return {
    AWS_REGION: sandbox.region,
    AWS_ENDPOINT_URL: sandbox.endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    BUCKET: settings.bucket,
    ACCOUNT_ID: settings.accountId,
    MAIL_DOMAIN: settings.mailDomain,
  };
}

/**
 * Loads a module in a process of its own and hands its handler one event.
 *
 * @param module The path, or the URL, of the module.
 * @throws {Error} when the process fails, with what it wrote: as when the module can't be loaded.
 */
export async function invoke(
  module: string,
  event: unknown,
  env: Record<string, string>,
  execArgv: string[] = [],
): Promise<Invocation> {
  const script = `
    const { handler } = await import(process.argv[1]);
    const context = { functionName: 'f', awsRequestId: 'r', getRemainingTimeInMillis: () => 30_000 };
    const ended = await handler(${JSON.stringify(event)}, context).then(
      (outcome) => ({ outcome }),
      ({ name, message }) => ({ error: { name, message } }),
    );
    console.log(JSON.stringify(ended));`;
  const { stdout, stderr } = await promisify(execFile)(
    execArgv.length > 0 ? process.execPath : node,
    [...execArgv, '--input-type=module', '--eval', script, module],
    { env },
  );
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { ...lines.pop(), lines, stderr };
}
