/** What `trace` says of a message, and what to do, for every state that its parts can be in. */
import t from 'tap';
import { type Reason, reasons } from '../../../handler/mail/decide.js';
import { adviseOn } from '../../../src/commands/trace/advice.js';
import type { Verdict } from '../../../src/commands/trace/decision.js';
import type { KeyedEntry } from '../../../src/commands/trace/log.js';
import type { MessageTrace } from '../../../src/commands/trace/message.js';
import { renderMessage } from '../../../src/commands/trace/render.js';

const wallet = `0x${'1'.repeat(40)}`;
const at = new Date('2026-11-25T22:00:00Z');
const object = { at, size: 1, storageClass: 'STANDARD' };
const unknown = { unknown: 'denied' };

const entry = (more: Partial<KeyedEntry>): KeyedEntry => ({
  kind: 'message',
  at: at.getTime(),
  outcome: 'routed',
  needsAttention: false,
  wallets: [],
  deleted: false,
  dropped: false,
  key: 'inbound/a',
  ...more,
});
const copyOf = (there: boolean | undefined): MessageTrace['copies'] => ({
  value: [
    {
      wallet,
      key: `bots/${wallet}/inbound/a`,
      object: there === undefined ? unknown : { value: there ? object : undefined },
    },
  ],
});
const stay = (reason: Reason, ...verdicts: Verdict[]): MessageTrace['now'] => ({
  value: {
    decision: { kind: 'stay', reason },
    recipients: verdicts.map((verdict) => ({ field: 'to', address: 'a@b', verdict })),
    headerBytesRead: 1,
  },
});
const route: MessageTrace['now'] = {
  value: { decision: { kind: 'route', wallets: [wallet], by: 'envelope' }, recipients: [], headerBytesRead: 1 },
};
const trace = (more: Partial<MessageTrace>): MessageTrace => ({
  id: 'a',
  key: 'inbound/a',
  message: { value: { ...object, encryption: { value: 'AES256' } } },
  log: { value: [] },
  logSince: at.getTime(),
  copies: { value: [] },
  readers: [],
  ...more,
});
const gone = { message: { value: undefined } };

const cases: Array<[found: Partial<MessageTrace>, summary: RegExp, backfill?: boolean]> = [
  [{ now: route, copies: copyOf(true) }, /^It is routed: every copy is there\.$/],
  [
    { now: route, copies: copyOf(false), log: { value: [entry({ wallets: [wallet] })] } },
    /a copy was deleted since/,
    true,
  ],
  [
    {
      now: route,
      copies: copyOf(false),
      log: { value: [entry({ outcome: 'skipped', reason: 'already-routed', wallets: [wallet] })] },
    },
    /a copy was deleted since/,
    true,
  ],
  [
    { now: route, copies: copyOf(false), log: { value: [entry({ outcome: 'failed' })] } },
    /the last attempt failed/,
    true,
  ],
  [{ now: route, copies: copyOf(false) }, /^It is not routed, and the function logged nothing about it\.$/, true],
  [{ now: route, copies: copyOf(false), log: unknown }, /^It is not routed\.$/, true],
  [{ now: route, copies: copyOf(undefined) }, /Whether it is routed is unknown/],
  [{ now: route, copies: unknown }, /Whether it is routed is unknown/],
  [{ now: stay('archived') }, /archived/, true],
  [{ now: stay('not-a-routed-address', 'no-wallet', 'prefix') }, /PREFIXES/, true],
  [{ now: stay('not-a-routed-address', 'prefix', 'domain') }, /MAIL_DOMAIN/, true],
  [{ now: stay('not-a-routed-address', 'no-wallet') }, /as it should/],
  [{ now: stay('not-a-routed-address') }, /^It stays in inbound\/\.$/],
  // It was routed under other settings.
  [{ now: stay('not-a-routed-address', 'prefix'), copies: copyOf(true) }, /every copy is there/],
  [{ now: unknown, log: { value: [entry({ outcome: 'skipped', reason: 'archived' })] } }, /archived/, true],
  [
    { now: unknown, log: { value: [entry({ outcome: 'skipped', reason: 'not-a-routed-address' })] } },
    /No recipient was a routed/,
  ],
  [
    { now: unknown, log: { value: [entry({ outcome: 'skipped', reason: 'of a later version' })] } },
    /its header can't be read/,
  ],
  [{ now: unknown }, /its header can't be read/],
  [{ ...gone, copies: copyOf(true) }, /^It was routed, and it is no longer in inbound\/\.$/],
  [{ ...gone, copies: copyOf(true), log: { value: [entry({ deleted: true })] } }, /the function deleted it/],
  [
    { ...gone, copies: copyOf(undefined), log: { value: [entry({ wallets: [wallet] })] } },
    /whether its copies are there is unknown/,
  ],
  [{ ...gone, copies: copyOf(false), log: { value: [entry({ wallets: [wallet] })] } }, /a copy was deleted since/],
  [{ ...gone, copies: copyOf(false), log: unknown }, /^Whether it was routed is unknown/],
  [{ ...gone, log: { value: [entry({ outcome: 'failed' })] } }, /not routed as far as the log shows/],
];

t.test('each state', async (t) => {
  for (const [found, summary, backfill = false] of cases) {
    const advice = adviseOn(trace(found));
    t.match(advice.summary, summary);
    t.equal(advice.backfill, backfill, advice.summary);
    if (backfill) t.not(advice.next.length, 0, 'what to do before');
  }
});

t.test('each reason has a sentence', async (t) => {
  for (const reason of reasons) t.match(adviseOn(trace({ now: stay(reason) })).summary, /^[A-Z].*\.$/s, reason);
});

t.test('what is unknown is shown as unknown', async (t) => {
  const found = trace({
    message: { value: { ...object, restore: 'restored for now', encryption: unknown } },
    log: unknown,
    now: unknown,
    copies: unknown,
  });
  const look = { paint: (text: string) => text, width: 80, now: at.getTime() - 1_000, showRecipient: false };
  const lines = renderMessage(found, adviseOn(found), undefined, look);
  t.equal(lines.filter((line) => line.includes('unknown: denied')).length, 4);
  t.match(lines.join(' ').replace(/\s+/g, ' '), '(0 s ago), 1 bytes, STANDARD (restored for now)');
  const away = trace({
    message: unknown,
    copies: copyOf(undefined),
    now: stay('set-up-notice'),
    whyGiven: 'no function',
  });
  const text = renderMessage(
    {
      ...away,
      now: {
        value: {
          decision: { kind: 'stay', reason: 'set-up-notice' },
          headerBytesRead: 0,
          recipients: [
            { field: 'cc', address: 'a@b', verdict: 'no-wallet' },
            { field: 'cc', address: 'c@d', verdict: 'no-wallet' },
          ],
        },
      },
    },
    adviseOn(away),
    undefined,
    look,
  ).join('\n');
  t.match(text, '  inbound/    unknown: denied');
  t.match(text, `  copy        ${wallet}: unknown: denied`);
  t.match(text, "  Cc names an address that is no wallet's (2 times)");
  t.match(text, "decided with the settings given here, because the function's are unknown: no\n    function");
  t.notMatch(text, 'bytes of its header');
});
