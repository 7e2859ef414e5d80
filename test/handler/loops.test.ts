/**
 * The function can't feed itself: it writes under `bots/<wallet>/inbound/` and nowhere else, whatever a key or a message says, and what it
 * has written is none of its business.
 */
import fc from 'fast-check';
import t from 'tap';
import { objectAt } from '../../handler/event.js';
import { routedKey } from '../../handler/mail/address.js';
import { decide } from '../../handler/mail/decide.js';
import { eventFor, handlerOn, startAccount } from './account.js';
import { bytesOf, mailDomain } from './messages.js';

const one = `0x${'1'.repeat(40)}`;
const toOne = bytesOf('routed-signup.eml');

t.test('a message is copied to bots/<wallet>/inbound/<id>, whatever its key', async (t) => {
  const account = await startAccount(t);
  const { invoke } = handlerOn(account);
  const ids = [
    `bots/${one}/inbound/x`,
    'inbound/x',
    '/x',
    '%2e%2e%2finbound%2fx',
    '%',
    '%%30%30',
    'a b+c%2Fd/é 漢字 (1).eml',
    "~!*'();:@&=$,?#[]",
    'a//b/...c',
    '\u{1f4e8}\u200b',
    'x'.repeat(968),
  ];
  for (const id of ids) {
    const name = JSON.stringify(id.slice(0, 40));
    await account.put(`inbound/${id}`, toOne);
    const before = account.keys();
    t.match(await invoke(eventFor(`inbound/${id}`)), { outcome: 'routed', wallets: [one] }, name);
    t.strictSame(account.keys(), [...before, `bots/${one}/inbound/${id}`].sort(), `${name}: one copy, its id the same`);
    account.calls();
    t.match(await invoke(eventFor(`bots/${one}/inbound/${id}`)), { reason: 'outside-inbound' }, name);
    t.strictSame(account.calls(), [], `${name}: what was written is not even read`);
  }
});

t.test('a key that is no message id is neither read nor copied', async (t) => {
  const account = await startAccount(t);
  const { invoke } = handlerOn(account);
  const ids = ['../inbound/x', '../../inbound/x', '..', './x', '//', 'a//b/../c/', '\u{1f4e8}\u200b\r\n\t'];
  for (const id of ids) {
    await account.put(`inbound/${id}`, toOne);
    const before = account.keys();
    account.calls();
    t.match(await invoke(eventFor(`inbound/${id}`)), { outcome: 'skipped', reason: 'outside-inbound' }, id);
    t.strictSame(account.calls(), [], id);
    t.strictSame(account.keys(), before, id);
  }
});

t.test('a key that is not under inbound/ is none of its business', async (t) => {
  const account = await startAccount(t);
  const { invoke } = handlerOn(account);
  const others = ['inbound', 'inbound/', 'Inbound/x', '/inbound/x', 'xinbound/x', 'in%62ound/x', 'x', 'bots/inbound/x'];
  for (const key of others) t.match(await invoke(eventFor(key)), { reason: 'outside-inbound' }, key);
  t.strictSame(account.calls(), []);
});

t.test('by any key and any recipients', async () => {
  const text = fc.string({ unit: 'binary', maxLength: 60 });
  const wallet = fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF'), minLength: 40, maxLength: 40 });
  const recipient = fc.oneof(
    wallet.map((hex) => `OR-0x${hex}-1@${mailDomain}`),
    fc.tuple(wallet, text).map(([hex, more]) => `or-0x${hex}-1${more}@${mailDomain}`),
    fc.tuple(text, wallet).map(([more, hex]) => `"${more}" <or-0x${hex}-1@${mailDomain}>`),
    text,
  );
  const key = fc.oneof(
    text,
    text.map((id) => `inbound/${id}`),
    fc
      .array(fc.constantFrom('inbound', 'bots', '..', '.', '', '%2f', one, 'x'), { maxLength: 8 })
      .map((parts) => parts.join('/')),
  );
  const property = fc.property(key, fc.array(recipient, { maxLength: 4 }), (key, recipients) => {
    const { messageId, skip } = objectAt(key);
    const decision = decide(Buffer.from(`To: ${recipients.join(', ')}\r\n\r\n`), true, {
      mailDomain,
      prefixes: ['or'],
    });
    if (skip !== undefined || decision.kind !== 'route') return true;
    return decision.wallets.every((wallet) => {
      const copy = routedKey(wallet, messageId);
      const [bots, owner = '', inbound, ...id] = copy.split('/');
      const placed = bots === 'bots' && /^0x[0-9a-f]{40}$/.test(owner) && inbound === 'inbound';
      return placed && id.join('/') === messageId && objectAt(copy).skip === 'outside-inbound';
    });
  });
  // It prints its seed when it fails.
  fc.assert(property, { numRuns: 5_000 });
});
