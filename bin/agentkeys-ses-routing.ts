#!/usr/bin/env node
import { main } from '../src/cli.js';
import { packageVersion } from '../src/package/package-root.js';

// The SDK's word on this Node's age is for us, not for the operator's screen; CI runs on newer ones too.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const interrupt = new AbortController();
process.on('SIGINT', () => {
  if (interrupt.signal.aborted) process.exit(130);
  interrupt.abort();
  process.stderr.write('\nStopping. Ctrl-C again does not wait for the call under way.\n');
});

const { stdin, stdout, stderr, env } = process;
// A reader that has seen enough (`| head`) is no reason to stop half-way, or to call it a failure.
for (const stream of [stdout, stderr])
  stream.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') process.exit(1);
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
process.exitCode = await main(process.argv.slice(2), environment);
