import t from 'tap';
import { parseAddress } from '../../handler/mail/address.js';
import { readWallet } from '../../src/agentkeys/wallet.js';
import { signupAddress } from '../../src/mailbox/address.js';

const wallet = '0xABCDEF0123456789abcdef0123456789ABCDEF01';
const now = new Date('2026-01-31T12:00:00.999Z');

t.test('an address that the function routes to the wallet', async (t) => {
  const lower = wallet.toLowerCase();
  t.equal(signupAddress({ wallet, now }), `or-${lower}-1769860800@bots.litentry.org`);
  t.equal(
    signupAddress({ wallet: lower, service: 'openrouter', domain: 'Mail.Example.ORG', now }),
    `or-${lower}-1769860800@mail.example.org`,
  );
  t.strictSame(parseAddress(signupAddress({ wallet, now })), {
    prefix: 'or',
    wallet: lower,
    digits: '1769860800',
    domain: 'bots.litentry.org',
  });
  t.equal(signupAddress({ wallet, service: 'brave-search', now }), `brave-${lower}-1769860800@bots.litentry.org`);
  const before = Math.floor(Date.now() / 1_000);
  const digits = Number(parseAddress(signupAddress({ wallet }))?.digits);
  t.ok(digits >= before && digits <= Date.now() / 1_000, 'of the present, when no other time is named');
});

t.test('AGENTKEYS_MAIL_DOMAIN is the domain, unless one is given', async (t) => {
  const before = process.env.AGENTKEYS_MAIL_DOMAIN;
  t.teardown(() => {
    if (before === undefined) delete process.env.AGENTKEYS_MAIL_DOMAIN;
    else process.env.AGENTKEYS_MAIL_DOMAIN = before;
  });
  const domainOf = (options = {}) => signupAddress({ wallet, now, ...options }).split('@')[1];
  process.env.AGENTKEYS_MAIL_DOMAIN = 'Bots.Example.org';
  t.equal(domainOf(), 'bots.example.org');
  t.equal(domainOf({ domain: 'other.example.org' }), 'other.example.org');
  process.env.AGENTKEYS_MAIL_DOMAIN = 'not a domain';
  t.throws(() => domainOf(), { code: 'INVALID_ARGUMENT' });
  process.env.AGENTKEYS_MAIL_DOMAIN = '';
  t.equal(domainOf(), 'bots.litentry.org');
});

t.test('addresses that the function would not route are refused', async (t) => {
  const refused = (options: Partial<Parameters<typeof signupAddress>[0]>, message: RegExp) =>
    t.throws(() => signupAddress({ wallet, now, ...options }), { code: 'INVALID_ARGUMENT', message });
  for (const wrong of [
    // What a variable that is not set gives, where nothing checks types.
    undefined as unknown as string,
    '',
    '0x',
    wallet.slice(0, -1),
    `${wallet}0`,
    wallet.slice(2),
    `0X${wallet.slice(2)}g`,
    `${wallet}-1`,
    ` ${wallet}`,
  ])
    refused({ wallet: wrong }, /^The wallet must be 0x and 40 hexadecimal digits\.$/);
  for (const domain of ['', 'localhost', 'a b.org', 'a@b.org', 'bots.litentry.org>'])
    refused({ domain }, /^The domain must be/);
  for (const time of [new Date(Number.NaN), new Date(-1)]) refused({ now: time }, /^The time must be/);
  // What JavaScript code may hand in.
  for (const service of ['nothing', 'toString'])
    refused({ service: service as 'openrouter' }, /^The service must be one of openrouter, brave-search, .*gemini\.$/);
  refused(
    { service: 'x' as 'openrouter' },
    /^The service can't be x, which is not supported: its Authenticity policy .*\.$/,
  );
});

t.test('wallets', async (t) => {
  t.equal(readWallet(`0X${wallet.slice(2)}`), wallet.toLowerCase());
  t.equal(readWallet(`${wallet}-0@x`), undefined);
  t.equal(readWallet(`y-${wallet}`), undefined);
});
