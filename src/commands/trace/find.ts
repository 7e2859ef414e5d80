/**
 * The messages of a wallet, or of one of its addresses: by the log and by the wallet's folder. A failed attempt names no wallet, so the
 * headers of the messages that failed are read; an address is in the header only, too.
 */
import { INBOUND_PREFIX, parseAddress, routedKey, routedPrefix } from '../../../handler/mail/address.js';
import type { RoutingSettings } from '../../../handler/settings.js';
import type { Scope } from '../../stack/scope.js';
import { type Attempt, attempt } from '../status/attempt.js';
import { type Decided, decideNow } from './decision.js';
import { type KeyedEntry, keyedEntries } from './log.js';
import { listFolder } from './stored.js';
import { canonicalAddress, type Subject } from './subject.js';

/** A message that was found. */
export interface FoundMessage {
  id: string;
  /** When it was stored or logged; milliseconds since 1970. */
  at: number;
  /** The last attempt. */
  last?: KeyedEntry;
  copied: Attempt<boolean>;
}

export interface Found {
  /** Oldest first. */
  messages: FoundMessage[];
  /** What could not be seen. */
  unseen: string[];
}

/** The most messages whose headers are read. */
const MOST_READ = 100;

/** How many are read at a time. */
const AT_A_TIME = 8;

/**
 * @param since milliseconds since 1970.
 */
export async function findMessages(
  subject: Exclude<Subject, { kind: 'message' }>,
  settings: RoutingSettings,
  since: number,
  scope: Scope,
): Promise<Found> {
  const { wallet } = subject;
  const [byWallet, failures, folder] = await Promise.all([
    attempt(keyedEntries(wallet, since, scope), scope.settings),
    attempt(keyedEntries('failed', since, scope), scope.settings),
    attempt(listFolder(routedPrefix(wallet), since, scope), scope.settings),
  ]);
  scope.signal.throwIfAborted();
  const unseen = [byWallet, failures, folder].flatMap((part) => ('unknown' in part ? [part.unknown] : []));
  const entries = valueOr(byWallet, []).filter(({ wallets }) => wallets.includes(wallet));
  const failed = valueOr(failures, []).filter(({ outcome }) => outcome === 'failed');
  const found = new Map<string, FoundMessage>();
  const idOf = ({ key }: KeyedEntry) => key.slice(INBOUND_PREFIX.length);
  const copies = valueOr(folder, new Map());
  const copied = (id: string): Attempt<boolean> =>
    'unknown' in folder ? { unknown: folder.unknown } : { value: copies.has(routedKey(wallet, id)) };
  for (const [key, { at }] of copies) {
    const id = key.slice(routedPrefix(wallet).length);
    found.set(id, { id, at: at.getTime(), copied: { value: true } });
  }
  for (const entry of entries) {
    const id = idOf(entry);
    found.set(id, { at: entry.at, ...found.get(id), id, last: entry, copied: copied(id) });
  }
  const uncertain = new Map<string, FoundMessage>();
  for (const entry of failed) {
    const id = idOf(entry);
    const known = found.get(id);
    if (known !== undefined) known.last = known.last === undefined || known.last.at < entry.at ? entry : known.last;
    else uncertain.set(id, { id, at: entry.at, last: entry, copied: copied(id) });
  }
  const candidates = [...uncertain.values(), ...(subject.kind === 'address' ? found.values() : [])].sort(
    (a, b) => b.at - a.at,
  );
  const read = await readHeaders(candidates.slice(0, MOST_READ), settings, scope);
  scope.signal.throwIfAborted();
  const skipped = candidates.length - read.size;
  if (skipped > 0) unseen.push(`Only the newest ${MOST_READ} headers were read: ${skipped} messages may be missing.`);
  const messages = [...found.values(), ...uncertain.values()].filter((one) =>
    isOf(one, uncertain, read.get(one.id), subject),
  );
  const unread = [...read.values()].flatMap((one) => ('unknown' in one ? [one.unknown] : []));
  return { messages: messages.sort((a, b) => a.at - b.at), unseen: [...new Set([...unseen, ...unread])] };
}

function valueOr<Value>(one: Attempt<Value>, other: Value): Value {
  return 'value' in one ? one.value : other;
}

async function readHeaders(
  messages: FoundMessage[],
  settings: RoutingSettings,
  scope: Scope,
): Promise<Map<string, Attempt<Decided>>> {
  const read = new Map<string, Attempt<Decided>>();
  const queue = messages.values();
  const work = async () => {
    for (const { id } of queue)
      read.set(id, await attempt(decideNow(`${INBOUND_PREFIX}${id}`, settings, scope), scope.settings));
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return read;
}

/** Whether a message is one of the subject's. One whose header can't be read is, unless only the header could tell. */
function isOf(
  { id }: FoundMessage,
  uncertain: Map<string, FoundMessage>,
  read: Attempt<Decided> | undefined,
  subject: Exclude<Subject, { kind: 'message' }>,
): boolean {
  if (read === undefined || 'unknown' in read)
    return !uncertain.has(id) && (subject.kind === 'wallet' || read !== undefined);
  const { recipients } = read.value;
  return subject.kind === 'address'
    ? recipients.some(({ address }) => canonicalAddress(address) === subject.address)
    : recipients.some(({ address }) => parseAddress(address)?.wallet === subject.wallet) || !uncertain.has(id);
}
