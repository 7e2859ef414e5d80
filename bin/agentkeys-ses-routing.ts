#!/usr/bin/env node
import { main } from '../src/cli/main.js';
import { packageVersion } from '../src/package/package-root.js';

// The SDK's word on this Node's age is for us, not for the operator's screen; CI runs on newer ones too.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const interrupt = new AbortController();
const stop = () => {
  if (interrupt.signal.aborted) process.exit(130);
  interrupt.abort();
  process.stderr.write('\nStopping. Ctrl-C again does not wait for the call under way.\n');
};
// A CI job that is cancelled, and `docker stop`, send SIGTERM.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, stop);

const { stdin, stdout, stderr, env } = process;
let unwritable = false;
for (const stream of [stdout, stderr])
  stream.on('error', ({ code }: NodeJS.ErrnoException) => {
    // A reader that has seen enough (`| head`) is no reason to stop half-way, or to call it a failure.
    if (code === 'EPIPE' || unwritable) return;
    unwritable = true;
    process.exitCode = 1;
    // Work that nobody is told of is stopped as by Ctrl-C.
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
