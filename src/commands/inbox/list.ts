/** `inbox list`: the messages in a wallet's folder, newest first. */

import { listMail, readMail, refused, type Stored } from '../../mailbox/bucket.js';
import { type MailMessage, readMessage } from '../../mailbox/reading/message.js';
import type { Settings } from '../../settings/index.js';
import type { Host } from '../../terminal/host.js';
import { asTime, line } from '../../terminal/text.js';
import { defaultRuntime, type Runtime } from '../shared/session.js';
import { type WalletFolder, withFolder } from './folder.js';
import type { InboxListDocument } from './schema.js';

/** How many messages are read at a time. */
const CONCURRENCY = 4;

/**
 * @param limit the most messages to list.
 */
export function list(
  settings: Settings,
  host: Host,
  limit: number,
  runtime: Runtime = defaultRuntime,
): Promise<number> {
  return withFolder(settings, host, runtime, async (folder) => {
    const { all, read } = await readNewest(folder, limit, host.signal).catch((error) => {
      host.signal.throwIfAborted();
      throw refused(folder, error);
    });
    if (settings.json) {
      const document: InboxListDocument = {
        version: 1,
        wallet: folder.wallet,
        total: all.length,
        messages: read.map(toJson),
      };
      host.print(JSON.stringify(document, null, 2));
      return 0;
    }
    for (const { stored, message } of read) {
      host.print(`${asTime(stored.arrived)}  ${stored.id}`);
      host.print(`  ${message === undefined ? "can't be read" : summary(message)}`);
    }
    if (all.length === 0) host.note(`There is no mail for ${folder.wallet}.`);
    if (all.length > read.length)
      host.note(`Not shown: ${all.length - read.length} older messages. Use --limit to list more.`);
    return 0;
  });
}

interface Listed {
  stored: Stored;
  /** Absent when the message can't be read. */
  message?: MailMessage | undefined;
}

async function readNewest(folder: WalletFolder, limit: number, signal: AbortSignal) {
  const all = await listMail(folder, { signal });
  const newest = all.slice(0, limit);
  const read: Listed[] = [];
  const work = async (offset: number) => {
    for (const [index, stored] of newest.entries())
      if (index % CONCURRENCY === offset) read[index] = { stored, message: await messageOf(folder, stored, signal) };
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, (_, offset) => work(offset)));
  return { all, read };
}

async function messageOf(folder: WalletFolder, stored: Stored, signal: AbortSignal): Promise<MailMessage | undefined> {
  const part = await readMail(folder, stored.key, { signal });
  if (part === undefined) return undefined;
  return readMessage(stored, part.bytes, part.whole).then(
    ({ message }) => message,
    () => undefined,
  );
}

function toJson({ stored, message }: Listed): InboxListDocument['messages'][number] {
  const { id, arrived, size } = stored;
  const head = { id, arrived: arrived.toISOString(), size };
  if (message === undefined) return { ...head, readable: false };
  const { from, to, subject, verdicts } = message;
  return { ...head, readable: true, from, to, subject, verdicts };
}

function summary({ from, subject, verdicts }: MailMessage): string {
  const failed = Object.entries(verdicts).filter(([, verdict]) => verdict === 'FAIL');
  const marks = failed.map(([kind]) => `  [${kind}]`).join('');
  return `${line(from)}: ${line(subject)}${marks}`;
}
