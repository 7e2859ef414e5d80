/**
 * What Lambda loads: the handler, with settings and an S3 client that are created once per execution environment.
 */
import { clientFromEnvironment } from './client.js';
import { createHandler } from './handler.js';
import { settingsFromEnvironment } from './settings.js';

/** Lambda's entry point, `index.handler`. */
export const handler = createHandler({
  settings: settingsFromEnvironment(process.env),
  s3: clientFromEnvironment(process.env),
  // Lambda patches console.log to prefix each line with a time and a request id.
  write: (line) => process.stdout.write(`${line}\n`),
});
