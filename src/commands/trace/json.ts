/**
 * A trace as the document that `--json` prints. Pure.
 */
import { asTime } from '../../terminal/text.js';
import type { Attempt } from '../status/attempt.js';
import type { Advice } from './advice.js';
import type { Decided } from './decision.js';
import type { KeyedEntry } from './log.js';
import type { MessageTrace } from './message.js';
import type { MessageDocument } from './schema.js';
import type { StoredMessage, StoredObject } from './stored.js';

/** @param showRecipient whether the recipients' addresses are in it. */
export function messageAsJson(
  trace: MessageTrace,
  { summary, next }: Advice,
  command: string | undefined,
  showRecipient: boolean,
): MessageDocument {
  const { id, key, message, log, logSince, now, whyGiven, copies, readers } = trace;
  return {
    version: 1,
    kind: 'message',
    id,
    key,
    summary,
    message: mapped(message, (stored) => (stored === undefined ? null : messageJson(stored))),
    logSince: asTime(logSince),
    log: mapped(log, (entries) => entries.map(entryJson)),
    ...(now && { now: mapped(now, (decided) => decisionJson(decided, whyGiven, showRecipient)) }),
    copies: mapped(copies, (all) =>
      all.map(({ wallet, key, object }) => ({
        wallet,
        key,
        copy: mapped(object, (one) => (one === undefined ? null : objectJson(one))),
      })),
    ),
    readers,
    next,
    ...(command === undefined ? {} : { command }),
  };
}

export function mapped<From, To>(one: Attempt<From>, map: (value: From) => To): To | { unknown: string } {
  return 'unknown' in one ? one : map(one.value);
}

function objectJson({ at, ...rest }: StoredObject) {
  return { at: asTime(at), ...rest };
}

function messageJson({ encryption, ...rest }: StoredMessage) {
  return { ...objectJson(rest), encryption: mapped(encryption, (value) => value) };
}

function entryJson({ kind: _, needsAttention, at, ...rest }: KeyedEntry) {
  return { ...rest, at: new Date(at).toISOString() };
}

function decisionJson(
  { decision, recipients, headerBytesRead }: Decided,
  settingsGiven: string | undefined,
  showRecipient: boolean,
) {
  const { kind, ...rest } = decision;
  return {
    decision: kind,
    ...rest,
    headerBytesRead,
    recipients: recipients.map(({ address, ...one }) => (showRecipient ? { ...one, address } : one)),
    settingsGiven,
  };
}
