/**
 * The AWS SDK, an optional peer dependency that the caller installs: loaded when it is first needed.
 */
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import type { SdkClient } from './client.js';
import { MailboxError } from './errors.js';

/**
 * Handles a module of the SDK that does not load.
 *
 * @throws {MailboxError} MISSING_PACKAGE, with the command that installs it; any other error as it is.
 */
export function notLoaded(name: string): (cause: unknown) => never {
  return (cause) => {
    if (!/Cannot find (package|module) /.test(String(cause))) throw cause;
    throw new MailboxError('MISSING_PACKAGE', `The mailbox needs the package ${name}: npm install ${name}`, { cause });
  };
}

// `catch` directly after each `import`: it shows bundlers that the package may be missing, so that they do not fail.
export const loadS3 = () => import('@aws-sdk/client-s3').catch(notLoaded('@aws-sdk/client-s3'));
export const loadSts = () => import('@aws-sdk/client-sts').catch(notLoaded('@aws-sdk/client-sts'));

/**
 * Works with the caller's S3 client, or with one of its own for as long as that takes. Loading the SDK takes a while the first time, which is
 * no part of the work.
 *
 * @param own the configuration of an own client.
 */
export async function withS3<Result>(
  given: SdkClient | undefined,
  own: S3ClientConfig,
  work: (s3: SdkClient) => Promise<Result>,
): Promise<Result> {
  const { S3Client } = await loadS3();
  if (given !== undefined) return work(given);
  const s3 = new S3Client(own);
  try {
    return await work(s3 as SdkClient);
  } finally {
    s3.destroy();
  }
}
