/**
 * The AWS SDK, which is the caller's own (an optional peer dependency): loaded when it is first needed.
 */
import { MailboxError } from './errors.js';

/**
 * What to make of a module of the SDK that does not load.
 *
 * @throws {MailboxError} MISSING_PACKAGE, with what to install; else what was thrown.
 */
export function notLoaded(name: string): (cause: unknown) => never {
  return (cause) => {
    if (!/Cannot find (package|module) /.test(String(cause))) throw cause;
    throw new MailboxError('MISSING_PACKAGE', `The mailbox takes the package ${name}: npm install ${name}`, { cause });
  };
}

// `catch` directly after each `import`: by that a bundler sees that the package may be missing, and lets it be.
export const loadS3 = () => import('@aws-sdk/client-s3').catch(notLoaded('@aws-sdk/client-s3'));
export const loadSts = () => import('@aws-sdk/client-sts').catch(notLoaded('@aws-sdk/client-sts'));
