import t from 'tap';
import { readAddressList } from '../../../handler/mail/address-list.js';

/** A routed address, wherever none must be seen. */
const HIDDEN = `or-0x${'1'.repeat(40)}-1756409000@bots.litentry.org`;

const check = (name: string, cases: Record<string, [list: string, addresses: string[]]>) =>
  t.test(name, async (t) => {
    for (const [what, [list, addresses]] of Object.entries(cases)) {
      t.strictSame(readAddressList(list), addresses, what);
    }
  });

check('addresses, in every form that RFC 5322 has', {
  'one alone': ['a@example.com', ['a@example.com']],
  'angle brackets': ['<a@example.com>', ['a@example.com']],
  'a display name of words, quoted strings and dots': ['Jane "Q," Doe Jr. <a@example.com>', ['a@example.com']],
  'several, with and without names': [
    'a@example.com, B <b@example.com>,c@example.com',
    ['a@example.com', 'b@example.com', 'c@example.com'],
  ],
  'a group': ['Agents: a@example.com, "B" <b@example.com>;', ['a@example.com', 'b@example.com']],
  'groups between addresses': [
    'a@example.com, "X:" y: b@example.com;, z.:;, c@example.com',
    ['a@example.com', 'b@example.com', 'c@example.com'],
  ],
  'an empty group': ['undisclosed-recipients:;', []],
  'comments everywhere, nested and with quoted parentheses': [
    '(a (b \\) c)) J (d) <(e)a(f)@(g)example(h).com(i)> (j), b@example.com (k)',
    ['a@example.com', 'b@example.com'],
  ],
  'dots with white space about them': ['a . b @ example . com', ['a.b@example.com']],
  'empty elements': [', ,a@example.com,,\tb@example.com,', ['a@example.com', 'b@example.com']],
  'a route': [
    '<@x.example,@y.example:a@example.com>, B <,@x.example,,@[192.0.2.1],:b@example.com>',
    ['a@example.com', 'b@example.com'],
  ],
  'a domain literal, IPv4 and IPv6': ['a@[192.0.2.1], b@[IPv6:2001:db8::1]', ['a@[192.0.2.1]', 'b@[IPv6:2001:db8::1]']],
  'a quoted local part, which keeps its quotes': [
    '"a b"@example.com, "a\\"b".c@example.com',
    ['"a b"@example.com', '"a\\"b".c@example.com'],
  ],
  'anything past US-ASCII': [
    'Gr\xfcn <gr\xfcn@example.com>, \xa0a@example.com',
    ['gr\xfcn@example.com', '\xa0a@example.com'],
  ],
  'nothing at all': ['', []],
  'white space alone': [' \t ', []],
});

check('what a strict reader does not read as an address is none', {
  'a display name': [`"${HIDDEN}" <a@example.com>`, ['a@example.com']],
  'a display name, quoted quotes in it': [`"\\" ${HIDDEN}, \\"" <a@example.com>`, ['a@example.com']],
  'a display name of one encoded word that decodes to an angle address': [
    `=?utf-8?Q?=3C${HIDDEN.replace('@', '=40')}=3E?=`,
    [],
  ],
  'a display name of one encoded word, with an address': [
    `=?utf-8?B?${btoa(`<${HIDDEN}>, `)}?= <a@example.com>`,
    ['a@example.com'],
  ],
  'encoded words within an address, as they stand': ['<=?utf-8?Q?a?=@example.com>', ['=?utf-8?Q?a?=@example.com']],
  'a comment': [`a@example.com (${HIDDEN})`, ['a@example.com']],
  'a comment alone': [`(${HIDDEN})`, []],
  'a comment after a nested one': [`a@example.com (x (y), ${HIDDEN}, z)`, ['a@example.com']],
  'a comment after a quoted parenthesis': [`a@example.com (\\), ${HIDDEN}, )`, ['a@example.com']],
  'a comment before the address': [`(<${HIDDEN}>) a@example.com`, ['a@example.com']],
  'a quoted local part': [`"${HIDDEN}"@example.com`, [`"${HIDDEN}"@example.com`]],
  'a quoted local part with more in it': [`"${HIDDEN} x"@example.com`, [`"${HIDDEN} x"@example.com`]],
  'a quoted local part that seems to end its angle brackets': [
    `<"a>, ${HIDDEN}, "@example.com>`,
    [`"a>, ${HIDDEN}, "@example.com`],
  ],
  'a quoted string that seems to end its group': [`g: "a;${HIDDEN}" <a@example.com>;`, ['a@example.com']],
  'a domain literal': [`a@[x, ${HIDDEN} , y]`, [`a@[x, ${HIDDEN} , y]`]],
  'a route': [`<@x.example,@y.example,@${HIDDEN.split('@')[1]}:a@example.com>`, ['a@example.com']],
  'words about it': [`for ${HIDDEN} alone`, []],
  'words after it': [`${HIDDEN} Jane`, []],
});

check('an element that is no address is passed over', {
  'a bare name': ['Jane, a@example.com', ['a@example.com']],
  'a name whose comma nobody quoted': ['Doe, Jane <a@example.com>', ['a@example.com']],
  'an address without a domain': ['a@, b@example.com', ['b@example.com']],
  'an address without a local part': ['@example.com, b@example.com', ['b@example.com']],
  'two at signs': ['a@b@example.com, b@example.com', ['b@example.com']],
  'two dots, and one at either end': [
    'a..b@example.com, .a@example.com, a.@example.com, a@example.com., b@example.com',
    ['b@example.com'],
  ],
  'a quoted domain': ['a@"example.com", b@example.com', ['b@example.com']],
  'a domain literal beside a domain': ['a@[192.0.2.1].com, a@x[192.0.2.1], b@example.com', ['b@example.com']],
  'empty angle brackets': ['<>, b@example.com', ['b@example.com']],
  'a route that is none': [
    '<x:a@example.com>, <@:a@example.com>, <:a@example.com>, <@x,y:a@example.com>, b@example.com',
    ['b@example.com'],
  ],
  'a display name with a domain literal in it': ['x [y] <a@example.com>, b@example.com', ['b@example.com']],
  'a display name that begins with a dot': ['. <a@example.com>, b@example.com', ['b@example.com']],
  'a display name that begins with an at sign': ['@x y <a@example.com>, b@example.com', ['b@example.com']],
  'a display name of an at sign': ['@ <a@example.com>, b@example.com', ['b@example.com']],
});

t.test('a display name may be an address that nobody quoted', async (t) => {
  t.strictSame(readAddressList(`${HIDDEN} <a@example.com>`), ['a@example.com']);
});

check('a list whose parts are in doubt names nobody', {
  'a quoted string that does not end': [`${HIDDEN}, "a`, []],
  'a quoted string whose end is quoted': [`${HIDDEN}, "a\\"`, []],
  'a comment that does not end': [`${HIDDEN} (a (b)`, []],
  'a comment whose end is quoted': [`${HIDDEN} (a\\`, []],
  'a domain literal that does not end': [`${HIDDEN}, a@[192.0.2.1`, []],
  'a domain literal within another': [`a@[x[y]z], ${HIDDEN}`, []],
  'angle brackets that do not end': [`${HIDDEN}, <a@example.com`, []],
  'angle brackets within others': [`a <b <${HIDDEN}>`, []],
  'a group that does not end': [`g: ${HIDDEN}`, []],
  'a group within a group': [`g: h: ${HIDDEN};;`, []],
  'a group without a name': [`: ${HIDDEN};`, []],
  'a group whose name is an address': [`a@example.com: ${HIDDEN};`, []],
  'a scheme': [`mailto:${HIDDEN}`, []],
  'a semicolon for a comma': [`a@example.com; ${HIDDEN}`, []],
  'a second semicolon': [`g: ${HIDDEN};;`, []],
  'words after angle brackets': [`<${HIDDEN}> a`, []],
  'words after a group': [`g: ${HIDDEN}; a`, []],
  'angle brackets after angle brackets': [`<a@example.com> <${HIDDEN}>`, []],
  'a closing angle bracket alone': [`${HIDDEN}>`, []],
  'a closing parenthesis alone': [`${HIDDEN})`, []],
  'a closing bracket alone': [`${HIDDEN}, ]`, []],
  'a backslash outside quotes': [`${HIDDEN}, \\a`, []],
  'a control character': [`or-0x\x01${HIDDEN.slice(5)}`, []],
  'a NUL, in a comment too': [`${HIDDEN} (\0)`, []],
  'a lone carriage return, in a quoted string too': [`${HIDDEN}, "\r" <a@example.com>`, []],
  'a line feed': [`${HIDDEN}\n`, []],
});
