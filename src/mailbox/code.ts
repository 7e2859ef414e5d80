/**
 * The provisioner's call for a code, by this library's contract. AgentKeys' own is `fetchViaSesS3`.
 */
import type { SdkClient } from './client.js';
import { MailboxError } from './errors.js';
import type { FieldPattern } from './match.js';
import { environmentRegion, FRESHNESS_GRACE } from './provisioner.js';
import { withS3 } from './sdk.js';
import { waitForMail } from './wait.js';

/** AgentKeys' options; `from`, `subject` and `codeRegex` may be text too, and there is `to`. */
export interface FetchVerificationCodeOptions {
  from: FieldPattern;
  subject: FieldPattern;
  /** Its first group, or the whole match where it has none, is the code: in the subject, the text, the links or the HTML source. */
  codeRegex: RegExp | string;
  /** The exact address that the message was sent to; see `waitForMail`. */
  to?: string | undefined;
  /** Milliseconds. */
  timeoutMs: number;
  /** Milliseconds; 1,000 when left out. */
  pollIntervalMs?: number | undefined;
  /** How much older than the call a message may be, milliseconds; 60,000 when left out. */
  freshnessGraceMs?: number | undefined;
  /** The wallet; AGENTKEYS_USER_WALLET when left out. */
  walletPrefix?: string | undefined;
  /** Another backend's; ignored. */
  imapClientFactory?: unknown;
}

/**
 * Waits for a code in mail that is no older than the call minus the grace. The bucket and the wallet come from the environment:
 * AGENTKEYS_SES_BUCKET and AGENTKEYS_USER_WALLET; the region from AWS_REGION, AWS_DEFAULT_REGION, REGION or as the SDK finds it.
 *
 * @param s3 an `S3Client` with a session of the wallet's; when left out, one with the SDK's default credentials.
 * @example
 * ```ts
 * import { fetchVerificationCode, signupAddress } from 'agentkeys-ses-routing/mailbox';
 *
 * const to = signupAddress({ wallet: process.env.AGENTKEYS_USER_WALLET ?? '' });
 * const code = await fetchVerificationCode({ to, from: 'openrouter', subject: /code/i, codeRegex: /\b\d{6}\b/, timeoutMs: 60_000 });
 * console.log(code);
 * ```
 * @throws as `waitForMail` does.
 */
export async function fetchVerificationCode(options: FetchVerificationCodeOptions, s3?: SdkClient): Promise<string> {
  const { AGENTKEYS_SES_BUCKET: bucket, AGENTKEYS_USER_WALLET } = process.env;
  const { from, subject, codeRegex, to, timeoutMs, pollIntervalMs } = options;
  const wallet = options.walletPrefix || AGENTKEYS_USER_WALLET;
  if (!bucket || !wallet)
    throw new MailboxError(
      'INVALID_ARGUMENT',
      'AGENTKEYS_SES_BUCKET and AGENTKEYS_USER_WALLET must be set: the bucket SES stores mail in, and the wallet.',
    );
  const since = new Date(Date.now() - (options.freshnessGraceMs ?? FRESHNESS_GRACE));
  const region = environmentRegion();
  const { extracted } = await withS3(s3, region === undefined ? {} : { region }, (client) =>
    waitForMail({
      bucket,
      wallet,
      from,
      subject,
      since,
      timeoutMs,
      s3: client,
      extract: { code: codeRegex },
      ...(to === undefined ? {} : { to }),
      ...(pollIntervalMs === undefined ? {} : { pollIntervalMs }),
    }),
  );
  return extracted;
}
