/**
 * The AWS SDK, an optional peer dependency that the caller installs: loaded when it is first needed.
 */
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
