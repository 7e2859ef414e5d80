import t from 'tap';
import {
  INBOUND_PREFIX,
  isMessageId,
  isRoutedKey,
  parseAddress,
  routedKey,
  routedPrefix,
} from '../../../handler/mail/address.js';

const wallet = `0x${'1'.repeat(40)}`;

t.test('a routed address comes apart', async (t) => {
  const cases: Array<[address: string, parts: ReturnType<typeof parseAddress>]> = [
    [
      `or-${wallet}-1756409000@bots.litentry.org`,
      { prefix: 'or', wallet, digits: '1756409000', domain: 'bots.litentry.org' },
    ],
    [
      'OR-0XAbCdEf0123456789aBcDeF0123456789AbCdEf01-7@Bots.Litentry.ORG',
      { prefix: 'or', wallet: '0xabcdef0123456789abcdef0123456789abcdef01', digits: '7', domain: 'bots.litentry.org' },
    ],
    [
      `or-${wallet}-1756409000@bots.litentry.org.`,
      { prefix: 'or', wallet, digits: '1756409000', domain: 'bots.litentry.org' },
    ],
    [`gh2-${wallet}-000@localhost`, { prefix: 'gh2', wallet, digits: '000', domain: 'localhost' }],
  ];
  for (const [address, parts] of cases) t.strictSame(parseAddress(address), parts, address);
});

t.test('anything else is none', async (t) => {
  const cases = {
    'the login address': 'login@bots.litentry.org',
    'no address at all': '',
    'no domain': `or-${wallet}-1`,
    'an empty domain': `or-${wallet}-1@`,
    'a wallet of 39 digits': `or-${wallet.slice(0, -1)}-1@bots.litentry.org`,
    'a wallet of 41 digits': `or-${wallet}1-1@bots.litentry.org`,
    'a wallet with a letter past f': `or-${wallet.slice(0, -1)}g-1@bots.litentry.org`,
    'no 0x': `or-${wallet.slice(2)}-1@bots.litentry.org`,
    'no digits': `or-${wallet}-@bots.litentry.org`,
    'no digits and no dash': `or-${wallet}@bots.litentry.org`,
    'letters for digits': `or-${wallet}-1a@bots.litentry.org`,
    'digits of another script': `or-${wallet}-١٢@bots.litentry.org`,
    'no prefix': `${wallet}-1@bots.litentry.org`,
    'an empty prefix': `-${wallet}-1@bots.litentry.org`,
    'text before': `x.or-${wallet}-1@bots.litentry.org`,
    'text after': `or-${wallet}-1.x@bots.litentry.org`,
    'two at signs': `or-${wallet}-1@bots.litentry.org@example.com`,
    'a routed address quoted in another': `"or-${wallet}-1@bots.litentry.org"@example.com`,
    'angle brackets': `<or-${wallet}-1@bots.litentry.org>`,
    'a space after': `or-${wallet}-1@bots.litentry.org `,
    'a line break after': `or-${wallet}-1@bots.litentry.org\n`,
    'a Kelvin sign, k in lower case': `\u212A-${wallet}-1@bots.litentry.org`,
  };
  for (const [name, address] of Object.entries(cases)) t.equal(parseAddress(address), undefined, name);
});

t.test('keys', async (t) => {
  t.equal(INBOUND_PREFIX, 'inbound/');
  t.equal(routedPrefix(wallet), `bots/${wallet}/inbound/`);
  t.equal(routedKey(wallet, 'jsj8ehfd70nqi6tn'), `bots/${wallet}/inbound/jsj8ehfd70nqi6tn`);
});

t.test('message ids', async (t) => {
  const ids = ['jsj8ehfd70nqi6tn50oaic5jne9ichtfbn9t91ee', 'a.eml', '...', '2026/01/a', 'a b+c%2Fd/é 漢字 (1).eml'];
  t.strictSame(ids.filter(isMessageId), ids);
  const others = ['', '.', '..', '../x', 'a/..', 'a/./b', '\u2028/../a', 'a/', 'a\n', '\u001b[2J', 'a\u0085b'];
  t.strictSame(others.filter(isMessageId), []);
});

t.test('which keys are those of routed copies', async (t) => {
  t.equal(isRoutedKey(routedKey(wallet, 'jsj8ehfd70nqi6tn')), true);
  t.equal(isRoutedKey(routedKey(wallet, '2026/01/a')), true);
  for (const key of [
    routedPrefix(wallet),
    `bots/${wallet}/x/inbound/a`,
    'bots/0x12/inbound/a',
    routedKey(wallet, 'folder/'),
    'inbound/a',
    `x/${routedKey(wallet, 'a')}`,
  ])
    t.equal(isRoutedKey(key), false, key);
});
