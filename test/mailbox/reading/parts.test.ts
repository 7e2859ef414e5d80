/**
 * The parts of a message, and what is rare in them: each case is a short message and what is read in it.
 */
import t from 'tap';
import { decodeText, encodingOf } from '../../../src/mailbox/reading/charset.js';
import { readHtml } from '../../../src/mailbox/reading/html.js';
import { codesIn } from '../../../src/mailbox/reading/layout.js';
import { readMessage } from '../../../src/mailbox/reading/message.js';
import { MOST_PARTS } from '../../../src/mailbox/reading/mime.js';
import { decodeBase64, decodeTransfer } from '../../../src/mailbox/reading/transfer.js';

const read = async (...lines: string[]) => {
  const { message } = await readMessage({ id: 'x', arrived: new Date() }, Buffer.from(lines.join('\n')), true);
  return message;
};

t.test('labels of encodings', async (t) => {
  const cases: Array<[label: string, name: string | undefined]> = [
    [' "UTF-8" ', 'utf-8'],
    ['utf_8', 'utf-8'],
    ['x-cp1251', 'windows-1251'],
    ['win-1250', 'windows-1250'],
    ['cp949', 'euc-kr'],
    ['ISO_8859_2', 'iso-8859-2'],
    ['iso-8859-1:1987', 'windows-1252'],
    ['iso-2022-jp-ms', 'iso-2022-jp'],
    ['x-big5', 'big5'],
    ['hz-gb-2312', undefined],
    ['x-user-defined', undefined],
    ['iso-8859-1//TRANSLIT', 'windows-1252'],
    ['utf-8 (Unicode)', 'utf-8'],
    ['unicode-1-1-utf-7', 'utf-7'],
    ['latin_2', 'iso-8859-2'],
    ['MacRoman', 'macintosh'],
    ['nonsense', undefined],
    ['', undefined],
  ];
  for (const [label, name] of cases) t.equal(encodingOf(label), name, label);
});

t.test('UTF-8 that is cut off within a character is UTF-8', async (t) => {
  const bytes = Buffer.from('Zoë €');
  for (const cut of [1, 2]) t.equal(decodeText(bytes.subarray(0, -cut), 'us-ascii'), 'Zoë ');
  t.equal(decodeText(Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80])), '€€€€€');
});

t.test('UTF-7 and UTF-16', async (t) => {
  const cases: Array<[label: string, bytes: string, text: string]> = [
    ['utf-7', '1 +- 2 +AD0 3 +2D3eAA-', '1 + 2 = 3 😀'],
    ['utf-7', 'a+b', 'a'],
    ['utf-16', '\xe5\x65\x2c\x67', '日本'],
    ['utf-16', '\xe4\xb8\x96', '世'],
    ['utf-16be', '\x00a', 'a'],
  ];
  for (const [label, bytes, text] of cases) t.equal(decodeText(Buffer.from(bytes, 'latin1'), label), text, bytes);
});

t.test('transfer encodings', async (t) => {
  const cases: Array<[encoding: string, body: string, decoded: string]> = [
    ['QUOTED-PRINTABLE', 'a=3db=e9=E9', 'a=b\xe9\xe9'],
    ['quoted-printable', 'a=b=\n=zz=', 'a=b=zz'],
    ['"base64"', 'YQ==\nYg==\n', 'ab'],
    ['(x) base64; y', 'YQ==', 'a'],
    ['base64', '', ''],
    ['base64', '\nIs it? Yes', '\nIs it? Yes'],
    ['x-unknown', 'a=3D', 'a=3D'],
  ];
  for (const [encoding, body, decoded] of cases)
    t.equal(decodeTransfer(Buffer.from(body), encoding).toString('latin1'), decoded, `${encoding}: ${body}`);
  t.equal(decodeBase64(Buffer.from('_-8*=')).toString('hex'), 'ffef');
});

t.test('parts', async (t) => {
  const cases: Array<[what: string, lines: string[], text: string]> = [
    [
      'a preamble, an epilogue, white space after delimiters',
      ['Content-Type: multipart/mixed; boundary="b"', '', 'x', '--b \t', '', 'a', '--bb', '--b', '', '--b--', 'y'],
      'a\n--bb',
    ],
    [
      'a boundary in pieces',
      ["Content-Type: multipart/mixed; boundary*0=b; boundary*1*=us''c", '', '--bc', '', 'a', '--bc--'],
      'a',
    ],
    [
      'a message within the message',
      [
        'Content-Type: multipart/mixed; boundary=b',
        '',
        '--b',
        'Content-Type: message/rfc822',
        '',
        'Subject: s',
        '',
        'a',
        '--b--',
      ],
      'a',
    ],
    ['a digest', ['Content-Type: multipart/digest; boundary=b', '', '--b', '', 'Subject: s', '', 'a', '--b--'], 'a'],
    [
      'an attachment',
      [
        'Content-Type: multipart/mixed; boundary=b',
        '',
        '--b',
        '',
        'a',
        '--b',
        'Content-Disposition: attachment',
        '',
        'x',
        '--b--',
      ],
      'a',
    ],
    [
      'a calendar entry and an image',
      [
        'Content-Type: multipart/mixed; boundary=b',
        '',
        '--b',
        'Content-Type: text/calendar',
        '',
        'x',
        '--b',
        'Content-Type: image/png',
        '',
        'x',
        '--b',
        '',
        'a',
      ],
      'a',
    ],
    ['an empty alternative', ['Content-Type: multipart/alternative; boundary=b', '', '--b', '', ' ', '--b--'], ''],
    [
      'a comment, a missing semicolon, a parameter twice',
      ['Content-Type: text/html (x) charset=utf-8 charset="x\\"y" ; flag', '', '<b>a</b>'],
      'a',
    ],
    ['a line that is no field, and a fold before any field', [' fold', 'From someone', 'Subject : s', '', 'a'], 'a'],
    [
      'quotes in format=flowed',
      ['Content-Type: text/plain; format=flowed', '', '> a ', '> b', 'c ', '-- ', 'd'],
      '>a b\nc \n-- \nd',
    ],
    [
      'HTML labelled as plain, without a charset',
      ['Content-Type: text/plain', '', '<html><meta charset=utf-16>a'],
      'a',
    ],
    [
      'no line end after the last delimiter, and a header without an end',
      ['Content-Type: multipart/mixed; boundary=b; =', '', '--b', '', 'a', '--b', 'X: y', '--b'],
      'a',
    ],
    ['a header alone', ['Subject: s'], ''],
    [
      'a part that begins with an indented line, or with a line that ends with a semicolon',
      ['Content-Type: multipart/mixed; boundary=b', '', '--b', '  a', '--b', 'b;', 'c', '--b--'],
      '  a\nb;\nc',
    ],
    [
      'fields and text without an empty line between them',
      ['Content-Type: multipart/mixed; boundary=b', '', '--b', 'X: y;', 'z=1', 'a', '--b--'],
      'a',
    ],
    [
      'text that no boundary is in',
      ['Content-Type: multipart/mixed; boundary=b', '', 'a', '--', 'b: c'],
      'a\n--\nb: c',
    ],
    [
      'addresses in quoted text',
      ['', '> a', '> b', '>> c', 'd', '> <https://a.example/', '> b>'],
      '> a\n> b\n>> c\nd\n> <https://a.example/b>',
    ],
    ['lone carriage returns', ['', 'a\r\rb'], 'a\n\nb'],
  ];
  for (const [what, lines, text] of cases) t.equal((await read(...lines)).text, text, what);
});

t.test('more parts than are read', async (t) => {
  const parts = Array.from({ length: MOST_PARTS + 1 }, (_, n) => `--b\n\n${n}`);
  const { text, truncated } = await read('Content-Type: multipart/mixed; boundary=b', '', ...parts);
  t.ok(truncated);
  t.equal(text.split('\n').length, MOST_PARTS);
});

t.test('messages nested deeper than is read are attachments', async (t) => {
  const inner = 'Content-Type: message/rfc822\n\n'.repeat(3);
  t.equal((await read(`${inner}a`)).text, '');
});

t.test('styles', async (t) => {
  const cases: Array<[html: string, text: string]> = [
    [
      '<style>/* .a{} */ @import "x"; @media x { .a { display: none } } .a, #b > c, { color: red }</style><p class=a>x',
      'x',
    ],
    ['<style>#b { display: none } P.c { visibility: hidden } /* open</style><p id=b>1<p class="x c">2<p>x', 'x'],
    ['<style>.a{display:none!important}</style><p class=a style="display:block">1</p><i>x</i>', 'x'],
    ['<style>.a{display:none', ''],
    ['<style>.a{display:none</style><p class=a>1</p>x', 'x'],
    ['<style>.a</style>x', 'x'],
    ['<p style="display"></p>x', 'x'],
    ['<p hidden style="display:block">x', 'x'],
    ['<p style="font:bold 12px a">x</p><p style="font-size:0"><b style="font-size:2em">1</b>', 'x'],
    ['<p style="font:inherit">x', 'x'],
    [
      '<pre>one\ntwo</pre><p style="white-space:pre-line">three\nfour<b style="white-space:normal">\n</b>',
      'one\ntwo\nthree\nfour',
    ],
    ['<p style="height:0;overflow:hidden">1</p>x', 'x'],
    ['<p style="color:#0000">1<b style="color:inherit">2</b><b style="color:red">x</b>', 'x'],
    ['<p style="color:rgb(0 0 0 / 0%)">1</p><p style="color:rgba(0,0,0,0.5)">x', 'x'],
    ['<p style="color:hsla(0,0%,0%,0)">1</p><p style="color:#00000000">2</p><p style="color:#000">x', 'x'],
    ['<style media="only screen and (max-width:600px)">p{display:none}</style><p>x', 'x'],
    ['<style media=" Screen">i{display:none}</style><i>1</i>x', 'x'],
  ];
  for (const [html, text] of cases) t.equal(readHtml(html).text, text, html);
});

t.test('elements that are not closed, or closed twice', async (t) => {
  const cases: Array<[html: string, text: string]> = [
    ['<p hidden>1<div>x</div>', 'x'],
    ['<ul><li hidden>1<li>x</ul>y', 'x\ny'],
    ['<div hidden><table><td></div>1</table></div>x', 'x'],
    ['<table><tr hidden><td>1<tr><td>x</table>', 'x'],
    ['</p>x</table>', 'x'],
    [`${'<b>'.repeat(300)}x${'</b>'.repeat(300)}<i hidden>1</i>y`, 'xy'],
  ];
  for (const [html, text] of cases) t.equal(readHtml(html).text, text, html.slice(0, 60));
});

t.test('links in hidden elements are left out, unless only Outlook hides them', async (t) => {
  const { hrefs } = readHtml(
    '<a hidden href="https://a.example/">1</a><p style="font-size:0"><a href="https://b.example/"><img></a></p><a style="mso-hide:all" href="https://c.example/">3</a>',
  );
  t.strictSame(hrefs, ['https://b.example/', 'https://c.example/']);
});

t.test('a boundary within a line is not a delimiter', async (t) => {
  const { text } = await read('Content-Type: multipart/mixed; boundary=b', '', '--b', '', 'a --b in a line', '--b--');
  t.equal(text, 'a --b in a line');
});

t.test('codes in other digits', async (t) => {
  t.strictSame(codesIn('４８２９ ４８２９ or ٤٨٢٩ or 𝟒𝟖𝟐𝟗 or 𝟺𝟾𝟸𝟿, not ４８２'), [
    '4829',
    '4829',
    '4829',
    '4829',
    '4829',
  ]);
  t.strictSame(codesIn('4 8 2 9, 4-8-2-9, 4 8 - 2 9; not 4-8-2, 14-8-2-9, 4-8-2-9-10'), ['4829', '4829', '4829']);
});

t.test('a sender without an address', async (t) => {
  t.equal((await read('From: Example', '', '')).from, 'Example');
});
