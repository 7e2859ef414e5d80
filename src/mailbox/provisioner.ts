/**
 * AgentKeys' own call: a drop-in for `fetchViaSesS3` of its `lib/email-backends/ses-s3.ts`. What it promises is AgentKeys' contract, as that file
 * and its tests have it: signature, options, defaults, what is matched against what, the fields of the error.
 */
import { INBOUND_PREFIX, WALLETS_PREFIX } from '../../handler/mail/address.js';
import type { Folder } from './bucket.js';
import type { SdkClient } from './client.js';
import { MailboxError, type Mismatch } from './errors.js';
import { decide } from './match.js';
import { matches, search } from './pattern.js';
import type { ReadMessage } from './reading/message.js';
import { withS3 } from './sdk.js';
import { watchFor } from './watch.js';

/** How much older than the call a message may be; milliseconds. */
export const FRESHNESS_GRACE = 60_000;

/** Between two listings; milliseconds. */
const POLL_INTERVAL = 2_000;

/** AgentKeys' `FetchOpts`. */
export interface FetchViaSesS3Options {
  /** Tested against the raw `From` field: encoded words are not decoded. */
  from: RegExp;
  /** Tested against the raw `Subject` field. */
  subject: RegExp;
  /** Searched for in the body; group 1 is the result. An expression without a group never matches. */
  codeRegex: RegExp;
  /** Milliseconds. */
  timeoutMs: number;
  /** Milliseconds; 2,000 when left out. */
  pollIntervalMs?: number | undefined;
  /** How much older than the call a message may be, milliseconds; 60,000 when left out. */
  freshnessGraceMs?: number | undefined;
  /** Polls `bots/<walletPrefix>/inbound/`; without it `inbound/`, which a wallet's session may not list. */
  walletPrefix?: string | undefined;
  /** Another backend's; ignored. */
  imapClientFactory?: unknown;
}

/** AgentKeys' names for the reasons. */
const REASONS: Partial<Record<Mismatch, string>> = {
  'before-since': 'stale',
  from: 'from_rejected',
  subject: 'subject_rejected',
  'no-code': 'regex_no_match',
  empty: 'empty_body',
  'slow-pattern': 'slow_pattern',
};

/** What an error counts in any case. */
const NO_REASONS = {
  stale: 0,
  from_rejected: 0,
  subject_rejected: 0,
  regex_no_match: 0,
  empty_body: 0,
  matched: 0,
};

/**
 * Waits for a code or link, as AgentKeys' function of this name does: newest message first, in mail that is no older than the call minus the
 * grace. The body is searched in turn as decoded text, its links (one a line, entities decoded), and decoded HTML source; the subject is not.
 *
 * AGENTKEYS_SES_BUCKET names the bucket. The region is AWS_REGION, else AWS_DEFAULT_REGION, REGION, `us-east-1`. Unlike AgentKeys', it
 * ignores mail with SES's verdict FAIL, retries throttling, and its error holds no sender and no subject: `samples` has keys only.
 *
 * @param s3 an `S3Client`, or a test double with its `send`; when left out, one with the SDK's default credentials.
 * @example
 * ```ts
 * import { fetchViaSesS3 } from 'agentkeys-ses-routing/mailbox';
 *
 * const link = await fetchViaSesS3({
 *   from: /@openrouter\.ai|clerk/i,
 *   subject: /sign.?up|verif/i,
 *   codeRegex: /(https:\/\/[^\s<>"]*\/verify[^\s<>"]*)/,
 *   timeoutMs: 120_000,
 *   walletPrefix: process.env.AGENTKEYS_USER_WALLET,
 * });
 * console.log(link);
 * ```
 * @throws {EmailTimeoutError} when no message matched in time: `elapsed_ms`, `scanned`, `reasons`, `samples`.
 * @throws {MailboxError} INVALID_ARGUMENT without AGENTKEYS_SES_BUCKET; ACCESS_DENIED; AWS_FAILED; MISSING_PACKAGE.
 */
export async function fetchViaSesS3(opts: FetchViaSesS3Options, s3?: SdkClient): Promise<string> {
  const bucket = process.env.AGENTKEYS_SES_BUCKET;
  if (!bucket)
    throw new MailboxError(
      'INVALID_ARGUMENT',
      'AGENTKEYS_SES_BUCKET must be set to the bucket that SES stores mail in.',
    );
  const since = Date.now() - (opts.freshnessGraceMs ?? FRESHNESS_GRACE);
  const { extracted } = await withS3(s3, { region: environmentRegion() ?? 'us-east-1' }, (client) =>
    watchFor(folderOf(client, bucket, opts.walletPrefix), {
      decide: (read) => compare(read, opts),
      since,
      timeoutMs: opts.timeoutMs,
      pollIntervalMs: opts.pollIntervalMs ?? POLL_INTERVAL,
      reasons: { initial: NO_REASONS, nameOf: (why) => REASONS[why] ?? why },
      now: Date.now,
    }),
  );
  return extracted;
}

/** The region that AgentKeys' environment names; variables that are empty are not set. */
export function environmentRegion(): string | undefined {
  const { AWS_REGION, AWS_DEFAULT_REGION, REGION } = process.env;
  return AWS_REGION || AWS_DEFAULT_REGION || REGION || undefined;
}

/** Any key counts, but for the console's folders. Keys name wallets in lower case; AgentKeys passes the wallet as its variable has it. */
function folderOf(s3: SdkClient, bucket: string, walletPrefix: string | undefined): Folder {
  const prefix = walletPrefix ? `${WALLETS_PREFIX}${walletPrefix.toLowerCase()}/inbound/` : INBOUND_PREFIX;
  return { s3, bucket, prefix, idOf: (key) => (/[^/]$/.test(key) ? key.slice(key.lastIndexOf('/') + 1) : undefined) };
}

function compare(
  { message, searched }: ReadMessage,
  { from, subject, codeRegex }: FetchViaSesS3Options,
): { extracted: string } | Mismatch {
  return decide(message, () => {
    // The first field of a name, as a reader takes it.
    const raw = (name: string) => message.headers.find((one) => one.name.toLowerCase() === name)?.value ?? '';
    if (!matches(from, raw('from'))) return 'from';
    if (!matches(subject, raw('subject'))) return 'subject';
    const extracted = search(codeRegex, searched.body, 'group-only');
    return extracted === undefined ? 'no-code' : { extracted };
  });
}
