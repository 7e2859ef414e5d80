/**
 * Runs the uploaded function as Lambda does: the zip's one file, in its own process and in a folder outside this package, without a
 * package.json or node_modules.
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

/** The Node.js that runs the bundle: CI's second run names the version that Lambda has. */
const node = process.env.FUNCTION_NODE || process.execPath;

/** The result of an invocation. */
export interface Invocation {
  /** The value that the handler resolved to. */
  outcome?: unknown;
  /** The error that it rejected with. */
  error?: { name: string; message: string };
  /** The lines it logged. */
  lines: Record<string, unknown>[];
  /** Must be empty. */
  stderr: string;
}

/** Unpacks the zip into a folder that is removed with the test. @returns the path of its index.js */
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

/** The environment that Lambda and the stack give the function; nothing of this process's environment. */
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
 * Loads a module in a child process and invokes its handler with one event.
 *
 * @param module The path, or the URL, of the module.
 * @throws {Error} with the process's output when it fails, for instance because the module can't be loaded.
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
