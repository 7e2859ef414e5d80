/**
 * The AWS SDK, an optional peer dependency that the caller installs: loaded when it is first needed.
 */
import type { SdkClient } from '../mailbox/client.js';
import { VaultError } from './errors.js';

const S3 = '@aws-sdk/client-s3';

/** Handles a module of the SDK that does not load. @throws {VaultError} MISSING_PACKAGE; any other error as it is. */
export function notLoaded(cause: unknown): never {
  if (!/Cannot find (package|module) /.test(String(cause))) throw cause;
  throw new VaultError('MISSING_PACKAGE', `The vault needs the package ${S3}: npm install ${S3}`, { cause });
}

// `catch` directly after `import`: it shows bundlers that the package may be missing, so that they do not fail.
export const loadS3 = () => import('@aws-sdk/client-s3').catch(notLoaded);

/** Works with the caller's S3 client, or with one of its own for as long as that takes. */
export async function withS3<Result>(
  given: SdkClient | undefined,
  work: (s3: SdkClient) => Promise<Result>,
): Promise<Result> {
  if (given !== undefined) return work(given);
  const { S3Client } = await loadS3();
  const s3 = new S3Client({});
  try {
    return await work(s3 as SdkClient);
  } finally {
    s3.destroy();
  }
}
