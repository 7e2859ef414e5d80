/** `inbox wait`: waits for a message, and prints the result alone on stdout. */

import { EmailTimeoutError, type Mismatch, type Seen } from '../../mailbox/errors.js';
import type { MailMatch } from '../../mailbox/match.js';
import type { MailMessage } from '../../mailbox/reading/message.js';
import { waitForMail } from '../../mailbox/wait.js';
import type { Settings } from '../../settings/index.js';
import type { Host } from '../../terminal/host.js';
import { asTime, line } from '../../terminal/text.js';
import { defaultRuntime, type Runtime } from '../shared/session.js';
import { withFolder } from './folder.js';
import { safeResult } from './print.js';
import type { InboxWaitDocument } from './schema.js';

/** What is printed of a message. */
type Head = Pick<MailMessage, 'from' | 'subject'>;

/** Why a message does not match, in the command's terms. */
const REASONS: Record<Mismatch, string> = {
  'before-since': 'routed before --since',
  gone: 'deleted meanwhile',
  empty: 'empty',
  unreadable: "can't be read",
  spam: "SES's verdict: spam",
  virus: "SES's verdict: virus",
  to: 'not --to',
  from: 'not --from',
  subject: 'not --subject',
  'no-code': 'no --code in it',
  'no-link': 'no --link in it',
  'slow-pattern': 'the regular expression takes too long on it',
};

/** The flags of `inbox wait` itself. */
export interface WaitFlags {
  to?: string;
  from?: string;
  subject?: string;
  code?: RegExp;
  link?: RegExp;
  since?: Date;
  /** Seconds. */
  timeout: number;
}

/** @returns 0; 1 when no message matched in time. */
export function wait(
  settings: Settings,
  host: Host,
  flags: WaitFlags,
  runtime: Runtime = defaultRuntime,
): Promise<number> {
  return withFolder(settings, host, runtime, async (folder) => {
    const { to, from, subject, code, link, since, timeout } = flags;
    /** The messages that did not match. On the wallet's own operator's terminal, sender and subject may be shown. */
    const read = new Map<string, Head>();
    const step = host.step(`Wait for mail to ${folder.wallet}`);
    try {
      const { s3, bucket, wallet, account } = folder;
      const found: MailMatch = await waitForMail({
        s3,
        bucket,
        wallet,
        account,
        now: () => new Date(runtime.clock.now()),
        ...(to === undefined ? {} : { to }),
        ...(from === undefined ? {} : { from }),
        ...(subject === undefined ? {} : { subject }),
        ...(since === undefined ? {} : { since }),
        ...(code === undefined ? {} : { extract: { code } }),
        ...(link === undefined ? {} : { extract: { link } }),
        timeoutMs: timeout * 1_000,
        signal: host.signal,
        onMismatch: ({ id }, message) => {
          if (message !== undefined) read.set(id, { from: message.from, subject: message.subject });
        },
      });
      step.done();
      printFound(found, flags, settings, host);
      return 0;
    } catch (error) {
      step.failed();
      if (!(error instanceof EmailTimeoutError)) throw error;
      printTimeout(error, read, settings, host);
      return 1;
    }
  });
}

function printFound({ message, extracted }: MailMatch, flags: WaitFlags, { json }: Settings, host: Host): void {
  const { id, arrived, from, subject, links } = message;
  if (json) {
    const what = flags.code === undefined ? { link: extracted } : { code: extracted };
    const head = { id, arrived: arrived.toISOString(), from, subject, links };
    const document: InboxWaitDocument = { version: 1, outcome: 'found', ...head, ...what };
    host.print(JSON.stringify(document, null, 2));
    return;
  }
  host.note(`${asTime(arrived)}  ${line(from)}: ${line(subject)}`);
  host.print(extracted === undefined ? id : safeResult(extracted));
}

function printTimeout(
  { elapsed_ms: elapsed, seen, cause }: EmailTimeoutError,
  read: Map<string, Head>,
  { json }: Settings,
  host: Host,
): void {
  const older = seen.filter(({ why }) => why === 'before-since').length;
  const others = seen.filter(({ why }) => why !== 'before-since');
  if (json) {
    const document: InboxWaitDocument = {
      version: 1,
      outcome: 'timed-out',
      elapsedMs: Math.round(elapsed),
      older,
      seen: others.map(({ id, arrived, why }) => ({ id, arrived: arrived.toISOString(), why, ...read.get(id) })),
    };
    host.print(JSON.stringify(document, null, 2));
    return;
  }
  const details = seen.length === 0 ? ' No message was found.' : '';
  host.warn(`error: Timed out after ${Math.round(elapsed / 1_000)} s: no matching message.${details}`);
  for (const one of others) for (const text of describeSeen(one, read.get(one.id))) host.warn(text);
  if (older > 0) host.warn(`  and ${older} ${REASONS['before-since']}`);
  if (cause instanceof Error) host.warn(`S3's last answer was ${cause.name}.`);
}

function describeSeen({ id, arrived, why }: Seen, message: Head | undefined): string[] {
  const first = `  ${asTime(arrived)}  ${id}  ${REASONS[why]}`;
  return message === undefined ? [first] : [first, `    ${line(message.from)}: ${line(message.subject)}`];
}
