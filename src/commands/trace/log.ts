/**
 * What the function logged about messages. Lines that name no key (with LOG_LEVEL=error) can't be told apart, and are left out.
 */
import { INBOUND_PREFIX } from '../../../handler/mail/address.js';
import type { Scope } from '../../stack/scope.js';
import { type MessageEntry, readEntry } from '../logs/entry.js';
import { readLog } from '../logs/events.js';

/** A line that names its message. */
export type KeyedEntry = MessageEntry & { key: string };

/**
 * The lines with a text in them, oldest first.
 *
 * @param text what CloudWatch looks for; the caller checks each line itself.
 * @param start milliseconds since 1970.
 */
export async function keyedEntries(text: string, start: number, scope: Scope): Promise<KeyedEntry[]> {
  const found: KeyedEntry[] = [];
  for await (const events of readLog(scope, { start, text }))
    for (const event of events) {
      const entry = readEntry(event);
      if (typeof entry === 'string' || entry.kind !== 'message' || entry.key === undefined) continue;
      found.push({ ...entry, key: entry.key });
    }
  return found;
}

/** All attempts at a message. */
export async function attemptsAt(id: string, start: number, scope: Scope): Promise<KeyedEntry[]> {
  const entries = await keyedEntries(id, start, scope);
  return entries.filter(({ key }) => key === `${INBOUND_PREFIX}${id}`);
}
