#!/usr/bin/env node
import { main } from '../src/cli/main.js';
import { packageVersion } from '../src/package/package-root.js';

// The SDK's warning about this version of Node.js is for developers, not for operators; CI runs newer versions too.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const interrupt = new AbortController();
const stop = () => {
  if (interrupt.signal.aborted) process.exit(130);
  interrupt.abort();
  process.stderr.write('\nStopping after the current call. Press Ctrl-C again to exit now.\n');
};
// `docker stop` and cancelled CI jobs send SIGTERM.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, stop);

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
const environment = {
  stdin,
  stdout,
  stderr,
  env,
  cwd: process.cwd(),
  version: await packageVersion(),
  signal: interrupt.signal,
};
const status = await main(process.argv.slice(2), environment);
process.exitCode = unwritable ? 1 : status;
