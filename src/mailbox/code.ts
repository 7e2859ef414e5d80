/**
 * The provisioner's call for a code: a drop-in for its `ses-s3` backend.
 */
import { MailboxError } from './errors.js';
import type { FieldPattern } from './match.js';
import { waitForMail } from './wait.js';

/** How far back mail counts; milliseconds. What is waited for may have come before the call; yesterday's code must not answer for it. */
const LOOK_BACK = 600_000;

export interface FetchVerificationCodeOptions {
  from: FieldPattern;
  subject: FieldPattern;
  /** Its first group, or what it matches, is the code. */
  codeRegex: RegExp | string;
  /** Milliseconds. */
  timeoutMs: number;
  /** Milliseconds; 1,000 when left out. */
  pollIntervalMs?: number;
}

/**
 * Waits for a code, in mail of the last ten minutes or to come. The bucket and the wallet come from the environment: AGENTKEYS_SES_BUCKET
 * and AGENTKEYS_USER_WALLET; credentials, region and endpoint as the SDK finds them.
 *
 * @throws as `waitForMail` does.
 */
export async function fetchVerificationCode(options: FetchVerificationCodeOptions): Promise<string> {
  const { AGENTKEYS_SES_BUCKET: bucket, AGENTKEYS_USER_WALLET: wallet } = process.env;
  if (!bucket || !wallet)
    throw new MailboxError(
      'INVALID_ARGUMENT',
      'AGENTKEYS_SES_BUCKET and AGENTKEYS_USER_WALLET must be set: the bucket SES stores mail in, and the wallet.',
    );
  const { codeRegex, ...rest } = options;
  const since = new Date(Date.now() - LOOK_BACK);
  const { extracted } = await waitForMail({ ...rest, bucket, wallet, since, extract: { code: codeRegex } });
  return extracted;
}
