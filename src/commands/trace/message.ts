/**
 * Everything about one message, each part read on its own: what is denied is unknown, and the rest is shown.
 */
import { INBOUND_PREFIX } from '../../../handler/mail/address.js';
import { OperatorError } from '../../aws/errors.js';
import type { Scope } from '../../stack/scope.js';
import { type Attempt, attempt } from '../status/attempt.js';
import { type Decided, decideNow, type SettingsInUse } from './decision.js';
import { attemptsAt, type KeyedEntry } from './log.js';
import { type ReadableObject, type Reader, readersOf } from './readers.js';
import { type Copy, copiesFor, findCopies, type StoredMessage, storedMessage } from './stored.js';

export interface MessageTrace {
  id: string;
  key: string;
  message: Attempt<StoredMessage | undefined>;
  log: Attempt<KeyedEntry[]>;
  /** From when on the log was read; milliseconds since 1970. */
  logSince: number;
  /** Absent if there is no message to decide on. */
  now?: Attempt<Decided>;
  /** Why the decision was not made with the deployed function's settings. */
  whyGiven?: string;
  copies: Attempt<Copy[]>;
  readers: Reader[];
}

/** SES may finish storing a message after the function was invoked with another's clock; milliseconds. */
const CLOCKS_DIFFER = 60_000;

/** As long as the retry queue tries: its messages expire after 14 days; milliseconds. */
const LONGEST_RETRY = 14 * 86_400_000;

/**
 * @param since from when on to read the log; by default, from when the message was stored, else as long as the retry queue tries.
 * @param wallets that the message may have been routed to, besides those that the log and the header name.
 * @param onListed called with the number of objects listed, when all copies are searched.
 * @throws OperatorError when neither the message, nor a copy, nor a line of the log was found.
 */
export async function traceMessage(
  id: string,
  { settings, whyGiven }: SettingsInUse,
  { since, wallets = [] }: { since?: number | undefined; wallets?: string[] },
  scope: Scope,
  onListed: (listed: number) => void,
): Promise<MessageTrace> {
  const key = `${INBOUND_PREFIX}${id}`;
  const message = await storedMessage(key, scope);
  const stored = 'value' in message ? message.value : undefined;
  const logSince =
    since ?? (stored === undefined ? scope.clock.now() - LONGEST_RETRY : stored.at.getTime() - CLOCKS_DIFFER);
  const exists = 'unknown' in message || stored !== undefined;
  const [log, now] = await Promise.all([
    attempt(attemptsAt(id, logSince, scope), scope.settings),
    exists ? attempt(decideNow(key, settings, scope), scope.settings) : undefined,
  ]);
  const named = new Set([
    ...wallets,
    ...('value' in log ? log.value.flatMap((entry) => entry.wallets) : []),
    ...(now !== undefined && 'value' in now && now.value.decision.kind === 'route' ? now.value.decision.wallets : []),
  ]);
  const stays = now !== undefined && 'value' in now && now.value.decision.kind === 'stay';
  const copies: Attempt<Copy[]> =
    named.size > 0 || stays
      ? { value: await copiesFor(id, [...named], scope) }
      : await attempt(findCopies(id, scope, onListed), scope.settings);
  scope.signal.throwIfAborted();
  const found = { id, key, message, log, logSince, copies, ...(now && { now }), ...(whyGiven && { whyGiven }) };
  refuseUnknown(found);
  return { ...found, readers: await readersOf(readable(found), scope) };
}

/** The objects that exist. */
function readable({ key, message, copies }: Pick<MessageTrace, 'key' | 'message' | 'copies'>): ReadableObject[] {
  const inbound = 'value' in message && message.value !== undefined ? [{ key }] : [];
  const found = 'value' in copies ? copies.value : [];
  return [...inbound, ...found.filter(({ object }) => 'value' in object && object.value !== undefined)];
}

/** @throws OperatorError when there is no trace of the message. */
function refuseUnknown({ id, message, log, copies, ...found }: Omit<MessageTrace, 'readers'>): void {
  const decided = found.now !== undefined && 'value' in found.now;
  const stored = 'value' in message && message.value !== undefined;
  const logged = 'value' in log && log.value.length > 0;
  const copied = readable({ key: '', message: { value: undefined }, copies }).length > 0;
  if (stored || decided || logged || copied) return;
  const all = 'value' in copies ? copies.value.map(({ object }) => object) : [copies];
  const hidden = [message, log, ...all].flatMap((part) => ('unknown' in part ? [part.unknown] : []));
  const seen = hidden.length === 0 ? 'It is not in inbound/, there is no copy, and the log does not name it.' : '';
  const unseen = hidden.length === 0 ? '' : `Not all could be seen. ${[...new Set(hidden)].join(' ')}`;
  throw new OperatorError(`Nothing was found about the message ${id}. ${seen}${unseen}`);
}
