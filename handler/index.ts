/**
 * What Lambda loads: the handler with the function's own environment. Settings and client are made once a sandbox.
 */
import { S3Client } from '@aws-sdk/client-s3';
import { createHandler } from './handler.js';
import { settingsFromEnvironment } from './settings.js';

/** Lambda's entry point, `index.handler`. */
export const handler = createHandler({
  settings: settingsFromEnvironment(process.env),
  // An endpoint of one's own (the embedded AWS, moto) has no host name a bucket.
  s3: new S3Client({ forcePathStyle: Boolean(process.env.AWS_ENDPOINT_URL) }),
  // Not console.log, which Lambda patches to put a time and a request id before the line.
  write: (line) => process.stdout.write(`${line}\n`),
});
