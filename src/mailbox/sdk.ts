/**
 * The AWS SDK, which is the caller's own (an optional peer dependency): loaded when it is first needed.
 */
import { MailboxError } from './errors.js';

/**
 * A module of the SDK.
 *
 * @throws {MailboxError} MISSING_PACKAGE, with what to install.
 */
export function installed<Module>(loading: Promise<Module>, name: string): Promise<Module> {
  return loading.catch((cause) => {
    if (!/Cannot find (package|module) /.test(String(cause))) throw cause;
    throw new MailboxError('MISSING_PACKAGE', `The mailbox takes the package ${name}: npm install ${name}`, { cause });
  });
}

export const loadS3 = () => installed(import('@aws-sdk/client-s3'), '@aws-sdk/client-s3');
export const loadSts = () => installed(import('@aws-sdk/client-sts'), '@aws-sdk/client-sts');
