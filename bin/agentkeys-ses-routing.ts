#!/usr/bin/env node
import { homedir } from 'node:os';
import { enableCompileCache } from '../src/cli/compile-cache.js';
import { packageVersion } from '../src/package/package-root.js';

// The SDK's warning about this version of Node.js is for developers, not for operators; CI runs newer versions too.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

enableCompileCache(process.env);

const interrupt = new AbortController();
const stop = () => {
  if (interrupt.signal.aborted) process.exit(130);
  interrupt.abort();
  // Where nothing is being written the run has ended by then.
  setTimeout(() => {
    process.stderr.write('\nStopping after the current call. Press Ctrl-C again to exit now.\n');
  }, 300).unref();
};
// `docker stop` and cancelled CI jobs send SIGTERM, a terminal that is closed SIGHUP.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);

const { stdin, stdout, stderr, env } = process;
let unwritable = false;
for (const stream of [stdout, stderr])
  stream.on('error', ({ code }: NodeJS.ErrnoException) => {
    // A reader that closes the pipe (`| head`) neither stops the run nor fails it.
    if (code === 'EPIPE' || unwritable) return;
    unwritable = true;
    process.exitCode = 1;
    // If its output can't be written, the run stops as on Ctrl-C.
    interrupt.abort();
    if (stream === stdout) stderr.write(`error: stdout can't be written (${code}).\n`);
  });
/** The working directory; undefined if it was deleted. */
function currentDirectory(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

const cwd = currentDirectory();
if (cwd === undefined) {
  stderr.write('error: The current directory does not exist any more. Change to another one.\n');
  process.exit(1);
}
try {
  homedir();
} catch {
  // A user without a home directory has no AWS files there; the SDK would fail to look for them.
  env.HOME = '/';
}
const signal = interrupt.signal;
// Imported here, and not above, so that it is compiled with the cache.
const { main } = await import('../src/cli/main.js');
const status = await main(process.argv.slice(2), {
  stdin,
  stdout,
  stderr,
  env,
  cwd,
  version: packageVersion(),
  signal,
});
// A connection that is still being opened must not keep the process.
for (const stream of [stdout, stderr]) await new Promise((written) => stream.write('', written));
process.exit(unwritable ? 1 : status);
