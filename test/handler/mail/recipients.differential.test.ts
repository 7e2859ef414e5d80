/**
 * Whom a message without a `for` clause is routed to, against three independent readers: the strict grammar of RFC 5322
 * (email-addresses), and two of common ancestry that read leniently (mailparser, which is given the whole message, and postal-mime).
 */
import assert from 'node:assert/strict';
import emailAddresses from 'email-addresses';
import fc from 'fast-check';
import { type EmailAddress, type HeaderValue, simpleParser } from 'mailparser';
import { addressParser } from 'postal-mime';
import t from 'tap';
import { parseAddress } from '../../../handler/mail/address.js';
import { readAddressList } from '../../../handler/mail/address-list.js';
import { decide, MOST_WALLETS } from '../../../handler/mail/decide.js';
import { anyList, everydayList, soup } from './generated/address-lists.js';
import { SETTINGS } from './generated/addresses.js';
import { property } from './generated/run.js';

/** What email-addresses reads; undefined where the list is not of RFC 5322's grammar. */
function strictly(list: string, options: { atInDisplayName?: boolean } = {}): string[] | undefined {
  const read = emailAddresses.parseAddressList({ input: list, rfc6532: true, simple: true, ...options });
  return read?.flatMap((entry) => (entry.type === 'group' ? entry.addresses : [entry])).map(({ address }) => address);
}

/** What mailparser reads in a message's fields. */
async function byMailparser(message: string, fields: string[]): Promise<string[]> {
  const { headers } = await simpleParser(Buffer.from(message, 'latin1'));
  return fields.flatMap((field) => mailboxesOf(headers.get(field)));
}

function mailboxesOf(value: HeaderValue | undefined): string[] {
  const addresses = typeof value === 'object' && 'value' in value && Array.isArray(value.value) ? value.value : [];
  const flat = (address: EmailAddress): string[] => address.group?.flatMap(flat) ?? [address.address ?? ''];
  return addresses.flatMap(flat).filter((address) => address !== '');
}

const byPostalMime = (list: string) => addressParser(list, { flatten: true }).flatMap(({ address }) => address || []);

const unfolded = (list: string) => list.replaceAll('\r\n', '');

/** One spelling for all readers, in lower case and without white space, which email-addresses leaves in obsolete forms. */
const spelled = (address: string) => address.replace(/[ \t]/g, '').toLowerCase();

/** Without quotes, as email-addresses gives addresses. */
const unquoted = (address: string) =>
  spelled(address.replace(/"((?:[^"\\]|\\.)*)"/g, (_, text: string) => text.replace(/\\(.)/g, '$1')));

/** Of addresses as `readAddressList` gives them: quoted ones are not routed. */
const walletsOf = (addresses: string[]) =>
  new Set(
    addresses.flatMap((text) => {
      const address = parseAddress(text.toLowerCase());
      return address && SETTINGS.prefixes.includes(address.prefix) && address.domain === SETTINGS.mailDomain
        ? [address.wallet]
        : [];
    }),
  );

const decided = (message: string) => {
  const decision = decide(Buffer.from(message, 'latin1'), true, SETTINGS);
  return new Set(decision.kind === 'route' ? decision.wallets : []);
};

const FIELDS = ['To', 'Cc', 'Delivered-To'];

property(
  t,
  'messages of everyday forms: the same addresses and wallets as mailparser and the strict grammar',
  2_000,
  fc.array(everydayList, { minLength: 1, maxLength: FIELDS.length }),
  async (lists) => {
    const fields = lists.map(({ text }, index) => `${FIELDS[index]}: ${text}\r\n`);
    const message = `Return-Path: <a@example.com>\r\nReceived: from a by mx.example.com; now\r\n${fields.join('')}\r\nbody`;
    const ours = lists.flatMap(({ text }) => readAddressList(unfolded(text)));
    const strict = lists.flatMap(({ text }) => strictly(unfolded(text)) ?? ['not of the grammar']);
    const lenient = await byMailparser(
      message,
      FIELDS.map((field) => field.toLowerCase()),
    );
    assert.deepEqual(ours.map(unquoted), strict.map(spelled), 'the strict grammar');
    assert.deepEqual(ours.map(spelled), lenient.map(spelled), 'mailparser');
    const wallets = walletsOf(lenient);
    assert.deepEqual(decided(message), wallets.size > MOST_WALLETS ? new Set() : wallets, 'the wallets');
  },
);

property(t, 'lists of every form: the same addresses as the strict grammar', 2_000, anyList, ({ text }) => {
  const list = unfolded(text);
  assert.deepEqual(readAddressList(list).map(unquoted), strictly(list)?.map(spelled));
});

const seen = { sound: 0, unquotedAt: 0, passedOver: 0, refused: 0, postalMime: 0 };

property(t, 'malformed lists: no address that the strict grammar does not see', 2_000, soup, (list) => {
  const ours = readAddressList(list).map(unquoted);
  if ([...walletsOf(byPostalMime(list))].some((wallet) => !walletsOf(readAddressList(list)).has(wallet)))
    seen.postalMime += 1;

  const strict = strictly(list);
  const withAt = strictly(list, { atInDisplayName: true });
  if (strict !== undefined) seen.sound += 1;
  else if (withAt !== undefined) seen.unquotedAt += 1;
  else if (ours.length > 0) seen.passedOver += 1;
  else seen.refused += 1;

  if (withAt !== undefined) assert.deepEqual(ours, withAt.map(spelled));
  else
    for (const address of ours)
      assert.ok(
        partsOf(list).some((part) => strictly(part, { atInDisplayName: true })?.map(spelled).includes(address)),
        address,
      );
});

/** What could be an element of the list, or several: everything between two commas. */
function partsOf(list: string): string[] {
  const pieces = list.split(',');
  return pieces.flatMap((_, start) =>
    pieces.slice(start).map((_, end) => pieces.slice(start, start + end + 1).join(',')),
  );
}

t.test('the malformed lists', async (t) => {
  t.comment(JSON.stringify(seen));
  for (const [kind, count] of Object.entries(seen)) t.ok(count > 0, kind);
});

/** The routed address of the table below, and how it is written there. */
const ROUTED = `or-0x${'1'.repeat(40)}-1756409000@bots.litentry.org`;
const [LOCAL = ''] = ROUTED.split('@');

/** A form, a list of it, and which readers see the routed address in it. */
type Disagreement = [
  form: string,
  list: string,
  ours: boolean,
  strict: boolean,
  mailparser: boolean,
  postalMime: boolean,
];

/** Where the readers disagree, and why this project's reads as it does. docs/routing.md tells it in words. */
const DISAGREEMENTS: Record<string, Disagreement[]> = {
  'not an address, but a lenient parser takes it for one': [
    [
      'an encoded word that decodes to angle brackets',
      `=?utf-8?Q?=3C${ROUTED.replace('@', '=40')}=3E?=`,
      false,
      false,
      false,
      true,
    ],
    ['an encoded word as a local part', `=?utf-8?Q?${LOCAL}?=@bots.litentry.org`, false, false, true, false],
    ['a comment after a quoted parenthesis', `a@example.com (\\), ${ROUTED}, )`, false, false, false, true],
    ['a comment after a nested one', `a@example.com ((x), ${ROUTED}, )`, false, false, false, true],
    ['a comment alone', `(${ROUTED})`, false, false, false, true],
    ['a quoted local part within angle brackets', `<"a>, ${ROUTED}, "@example.com>`, false, false, false, true],
    ['a quoted name within a group', `g: "a;${ROUTED}" <a@example.com>;`, false, false, false, true],
    ['a domain literal', `a@[x, ${ROUTED}, y]`, false, false, true, true],
    ['control characters', ROUTED.replace('0x', '0\x01x'), false, false, true, true],
    ['words about an address', `for ${ROUTED} alone`, false, false, true, true],
    ['a semicolon for a comma', `a@example.com; ${ROUTED}`, false, false, true, true],
    ['a scheme', `mailto:${ROUTED}`, false, false, true, true],
    ['angle brackets within others', `a <b <${ROUTED}>`, false, false, true, true],
    ['angle brackets that do not end', `<${ROUTED}`, false, false, true, true],
  ],
  'an address that a lenient parser misses': [
    ['a route', `<@x.example,@y.example:${ROUTED}>`, true, true, true, false],
    ['white space within it', ROUTED.replace('@', ' @ '), true, true, true, false],
  ],
  'not in the grammar, but unambiguous and in real use': [
    ['an unquoted @ in a display name', `a@example.com <${ROUTED}>`, true, false, true, true],
    ['a bare name beside it', `Doe, Jane <${ROUTED}>`, true, false, true, true],
  ],
  "of the grammar, but nobody's in earnest": [
    ['a routed local part in quotes', `"${LOCAL}"@bots.litentry.org`, false, true, true, true],
  ],
};

for (const [why, rows] of Object.entries(DISAGREEMENTS)) {
  t.test(`the parsers disagree: ${why}`, async (t) => {
    for (const [form, list, ours, strict, mailparser, postalMime] of rows) {
      const sees = (addresses: string[]) => addresses.includes(ROUTED);
      const readings = {
        ours: sees(readAddressList(list)),
        strict: sees((strictly(list) ?? []).map(spelled)),
        mailparser: sees(await byMailparser(`To: ${list}\r\n\r\n`, ['to'])),
        postalMime: sees(byPostalMime(list)),
      };
      t.strictSame(readings, { ours, strict, mailparser, postalMime }, form);
    }
  });
}
