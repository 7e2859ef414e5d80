/**
 * What Lambda loads: the handler with the function's own environment. Settings and client are made once a sandbox.
 */
import { clientFromEnvironment } from './client.js';
import { createHandler } from './handler.js';
import { settingsFromEnvironment } from './settings.js';

/** Lambda's entry point, `index.handler`. */
export const handler = createHandler({
  settings: settingsFromEnvironment(process.env),
  s3: clientFromEnvironment(process.env),
  // Not console.log, which Lambda patches to put a time and a request id before the line.
  write: (line) => process.stdout.write(`${line}\n`),
});
