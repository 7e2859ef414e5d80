/**
 * What became of a message, in one sentence, and what to do next. Pure.
 */
import { type Reason, reasons } from '../../../handler/mail/decide.js';
import type { Verdict } from './decision.js';
import type { MessageTrace } from './message.js';

export interface Advice {
  /** What became of it. */
  summary: string;
  /** What to do; empty if there is nothing to do. */
  next: string[];
  /** Whether backfill routes it, once that is done. */
  backfill: boolean;
}

const nothing = (summary: string): Advice => ({ summary, next: [], backfill: false });

/** Why a message stays, where its recipients do not say more. */
const stays: Record<Exclude<Reason, 'not-a-routed-address'>, Advice> = {
  'outside-inbound': nothing('It is not a message in inbound/.'),
  'set-up-notice': nothing('It is the notice that SES stores when a receipt rule is created, not mail.'),
  'empty-object': nothing('The object is empty.'),
  'client-side-encrypted': {
    summary: "SES encrypted it with the receipt rule's KMS key: its header can't be read.",
    next: ["Remove the KMS key from the receipt rule's S3 action. This message can't be routed."],
    backfill: false,
  },
  'no-recipient-found': nothing(
    "Neither SES's trace header nor To, Cc, Delivered-To or X-Original-To names a recipient: it stays in inbound/.",
  ),
  'header-too-long': nothing('Its header is longer than what is read of it (64 kB): it stays in inbound/.'),
  'too-many-wallets': {
    summary: "The sender's header fields name more wallets than a message is copied to (10).",
    next: ['Copy it by hand, if it is wanted.'],
    backfill: false,
  },
  'key-too-long': {
    summary: "The copy's key would be longer than S3 allows.",
    next: ["Shorten the object key prefix of the receipt rule's S3 action."],
    backfill: false,
  },
  'already-routed': nothing('It is routed.'),
  archived: {
    summary: "It is archived: it can't be read before it is restored.",
    next: ['Restore it (aws s3api restore-object), then route it.'],
    backfill: true,
  },
  gone: nothing('It is no longer in inbound/.'),
};

/** Why no recipient is routed, the most telling first. */
const notRouted: Array<[verdict: Verdict, advice: Advice]> = [
  [
    'domain',
    {
      summary: "It is addressed to a wallet, at another domain than the function's MAIL_DOMAIN: it stays in inbound/.",
      next: ['If that domain is yours, deploy with --mail-domain, then route it.'],
      backfill: true,
    },
  ],
  [
    'prefix',
    {
      summary:
        "It is addressed to a wallet, with a prefix that is not one of the function's PREFIXES: it stays in inbound/.",
      next: ['If its service is to be routed, deploy with --service or --prefix, then route it.'],
      backfill: true,
    },
  ],
  ['no-wallet', nothing("No recipient is a wallet's address: it stays in inbound/, as it should.")],
];

function isReason(text: string | undefined): text is Reason {
  return reasons.some((reason) => reason === text);
}

export function adviseOn({ message, log, now, copies }: Omit<MessageTrace, 'readers'>): Advice {
  const entries = 'value' in log ? log.value : [];
  const last = entries.at(-1);
  const all = 'value' in copies ? copies.value : [];
  const there = all.filter(({ object }) => 'value' in object && object.value !== undefined);
  const missing = all.filter(({ object }) => 'value' in object && object.value === undefined);
  const hidden = 'unknown' in copies || there.length + missing.length < all.length;
  const gone = 'value' in message && message.value === undefined;
  if (gone) {
    const deleted = entries.some((entry) => entry.deleted);
    const where = deleted ? 'the function deleted it from inbound/' : 'it is no longer in inbound/';
    if (there.length > 0 && missing.length === 0) return nothing(`It was routed, and ${where}.`);
    if ('unknown' in log) return nothing(`Whether it was routed is unknown, and ${where}.`);
    if (entries.some(({ wallets }) => wallets.length > 0))
      return nothing(
        `It was routed, and ${where}; ${hidden ? 'whether its copies are there is unknown' : 'a copy was deleted since'}.`,
      );
    return nothing(`It was not routed as far as the log shows, and ${where}.`);
  }
  if (now !== undefined && 'value' in now) {
    const { decision, recipients } = now.value;
    if (decision.kind === 'stay' && there.length === 0) {
      if (decision.reason !== 'not-a-routed-address') return stays[decision.reason];
      const [, advice] = notRouted.find(([verdict]) => recipients.some((one) => one.verdict === verdict)) ?? [];
      return advice ?? nothing('It stays in inbound/.');
    }
  }
  if (there.length > 0 && missing.length === 0 && !hidden) return nothing('It is routed: every copy is there.');
  if (last?.outcome === 'failed')
    return {
      summary: 'It is not routed: the last attempt failed.',
      next: ['Remove the cause that the log names. If nothing tries it again, route it.'],
      backfill: true,
    };
  // Of a message that can't be read, the log says what was decided.
  const reason = now !== undefined && 'unknown' in now ? last?.reason : undefined;
  if (isReason(reason) && reason !== 'already-routed')
    return reason === 'not-a-routed-address'
      ? nothing('No recipient was a routed address: it stays in inbound/.')
      : stays[reason];
  if (hidden)
    return { summary: "Whether it is routed is unknown: its copies can't be seen.", next: [], backfill: false };
  if (missing.some(({ wallet }) => entries.some(({ wallets }) => wallets.includes(wallet))))
    return {
      summary: 'It was routed, and a copy was deleted since.',
      next: ['If the copy is wanted again, route it again.'],
      backfill: true,
    };
  if (now !== undefined && 'unknown' in now)
    return {
      summary: "It is not routed. Whether it is to be is unknown: its header can't be read.",
      next: ['Run this with access to the message, as `policy trace` prints it.'],
      backfill: false,
    };
  const unlogged = 'value' in log && log.value.length === 0;
  return {
    summary: `It is not routed${unlogged ? ', and the function logged nothing about it' : ''}.`,
    next: ['See with `status` and `verify` whether new mail is routed, then route it.'],
    backfill: true,
  };
}
