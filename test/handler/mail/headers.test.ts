import t from 'tap';
import { type HeaderField, readHeaderBlock } from '../../../handler/mail/headers.js';

type Pairs = Array<[name: string, value: string]>;

const pairs = (fields: HeaderField[]): Pairs => fields.map(({ name, value }) => [name, value]);

t.test('a whole message', async (t) => {
  const cases: Record<string, [message: string, fields: Pairs]> = {
    'CRLF, and a body that looks like a header': [
      'From: a@example.com\r\nTo: b@example.com\r\n\r\nCc: c@example.com\r\n',
      [
        ['from', 'a@example.com'],
        ['to', 'b@example.com'],
      ],
    ],
    'bare LF': [
      'To: b@example.com\nCc: c@example.com\n\nbody',
      [
        ['to', 'b@example.com'],
        ['cc', 'c@example.com'],
      ],
    ],
    'folded lines, with blanks and with tabs': [
      'To: one@example.com,\r\n two@example.com,\r\n\tthree@example.com\r\nCc: x@example.com\r\n\r\n',
      [
        ['to', 'one@example.com, two@example.com,\tthree@example.com'],
        ['cc', 'x@example.com'],
      ],
    ],
    'a line of white space alone continues its field': [
      'To: a@example.com,\r\n \r\n b@example.com\r\n\r\nbody',
      [['to', 'a@example.com,  b@example.com']],
    ],
    'the same name twice, in any case': [
      'TO: a@example.com\r\nto: b@example.com\r\n\r\n',
      [
        ['to', 'a@example.com'],
        ['to', 'b@example.com'],
      ],
    ],
    'white space before the colon, none after, an empty value': [
      'To \t: a@example.com\r\nCc:b@example.com\r\nX-Empty:\r\n\r\n',
      [
        ['to', 'a@example.com'],
        ['cc', 'b@example.com'],
        ['x-empty', ''],
      ],
    ],
    'CR CR LF, folded, and an empty line of it': [
      'To: a@example.com,\r\r\n b@example.com\r\r\nCc: c@example.com\r\r\n\r\r\nBcc: never@example.com\r\r\n',
      [
        ['to', 'a@example.com, b@example.com'],
        ['cc', 'c@example.com'],
      ],
    ],
    'every line with another break': [
      'A: 1\nB: 2\r\nC: 3\r\r\r\nD: 4\n\r\nE: 5',
      [
        ['a', '1'],
        ['b', '2'],
        ['c', '3'],
        ['d', '4'],
      ],
    ],
    'a lone CR does not end a line': [
      'To: a@example.com\rCc: b@example.com\r\rbody\n\n',
      [['to', 'a@example.com\rCc: b@example.com\r\rbody']],
    ],
    'an empty line of CR alone, at the end': ['To: a@example.com\r\n\r', [['to', 'a@example.com']]],
    'a value that begins on the next line': ['To:\r\n a@example.com\r\n\r\n', [['to', ' a@example.com']]],
    'a name that ends on the next line': [
      'To\r\n : never@example.com\r\nCc: c@example.com\r\n\r\n',
      [['cc', 'c@example.com']],
    ],
    'no name': [': never\r\nCc: c@example.com\r\n\r\n', [['cc', 'c@example.com']]],
    'a name with bytes beyond US-ASCII': ['T\xf6: never\r\nCc: c@example.com\r\n\r\n', [['cc', 'c@example.com']]],
    'a name with a NUL': ['To\0: never\r\nCc: c@example.com\r\n\r\n', [['cc', 'c@example.com']]],
    'names of every kind of character': ["!#$%&'*+-.^_`|~9: a\r\n\r\n", [["!#$%&'*+-.^_`|~9", 'a']]],
    "mbox's From line at the top": [
      'From bounce@example.com Thu Aug 28 19:24:08 2025\nReturn-Path: <a@example.com>\nTo: b@example.com\n\n',
      [
        ['return-path', '<a@example.com>'],
        ['to', 'b@example.com'],
      ],
    ],
    'a byte order mark at the top': ['\xef\xbb\xbfTo: a@example.com\r\n\r\n', [['to', 'a@example.com']]],
    'a byte order mark alone': ['\xef\xbb\xbf', []],
    'UTF-8 and invalid UTF-8': [
      'Subject: gr\xc3\xbcn \xff\xfe \xc3\r\nTo: \xe2\x82 <a@example.com>\r\n\r\n',
      [
        ['subject', 'gr\xc3\xbcn \xff\xfe \xc3'],
        ['to', '\xe2\x82 <a@example.com>'],
      ],
    ],
    'no-break spaces and next-line characters are text': [
      'To:\xa0a\x85\r\n\x85Cc: never\r\n\r\n',
      [['to', '\xa0a\x85']],
    ],
    'lines of 100 kB': [
      `Subject: ${'s'.repeat(100_000)}\r\n ${'t'.repeat(100_000)}\r\nTo: a@example.com\r\n\r\n`,
      [
        ['subject', `${'s'.repeat(100_000)} ${'t'.repeat(100_000)}`],
        ['to', 'a@example.com'],
      ],
    ],
    'a value with a colon and a NUL in it': ['Subject: a: \0b\r\n\r\n', [['subject', 'a: \0b']]],
    'bytes beyond US-ASCII': ['Subject: gr\xfcn\r\n\r\n', [['subject', 'gr\xfcn']]],
    'lines that are not fields, with their continuations': [
      ' To: never@example.com\r\nFrom a@example.com Thu Aug 28\r\n To: never@example.com\r\nno field: never\r\nCc: c@example.com\r\n\r\n',
      [['cc', 'c@example.com']],
    ],
    'no empty line, no line break: the last field is whole': ['To: a@example.com', [['to', 'a@example.com']]],
    'no empty line, but a line break': ['To: a@example.com\r\n', [['to', 'a@example.com']]],
    'an empty line at once': ['\r\nTo: a@example.com\r\n\r\n', []],
    'an empty line at once, bare LF': ['\nTo: a@example.com\n\n', []],
    'nothing at all': ['', []],
  };
  for (const [name, [message, fields]] of Object.entries(cases)) {
    const block = readHeaderBlock(Buffer.from(message, 'latin1'), true);
    t.strictSame([pairs(block.fields), block.complete], [fields, true], name);
  }
});

t.test('the first bytes of a message', async (t) => {
  const cases: Record<string, [bytes: string, fields: Pairs, complete: boolean]> = {
    'nothing yet': ['', [], false],
    'half a field': ['To: a@exam', [], false],
    'a field whose line ends: it may be continued': ['To: a@example.com\r\n', [], false],
    'a field that is being continued': ['To: a@example.com,\r\n b@ex', [], false],
    'a field that the next one ends': ['To: a@example.com\r\nC', [['to', 'a@example.com']], false],
    'a field that half a CRLF ends': ['To: a@example.com\r\n\r', [['to', 'a@example.com']], false],
    'a field that ends in the first half of CRLF': ['To: a@example.com\r', [], false],
    'a field that ends in CR CR LF': ['To: a@example.com\r\r\n\r', [['to', 'a@example.com']], false],
    'half of an empty line': ['To: a@example.com\n\r', [['to', 'a@example.com']], false],
    'half of a byte order mark': ['\xef\xbb', [], false],
    'a field before one that is being continued': [
      'To: a@example.com\r\nCc: b@example.com\r\n c',
      [['to', 'a@example.com']],
      false,
    ],
    'with the empty line': ['To: a@example.com\r\n\r\n', [['to', 'a@example.com']], true],
    'with the empty line and a part of the body': ['To: a@example.com\r\n\r\nCc: c', [['to', 'a@example.com']], true],
  };
  for (const [name, [bytes, fields, complete]] of Object.entries(cases)) {
    const block = readHeaderBlock(Buffer.from(bytes, 'latin1'), false);
    t.strictSame([pairs(block.fields), block.complete], [fields, complete], name);
  }
});

t.test('reads only the view into a larger buffer', async (t) => {
  const larger = new TextEncoder().encode('To: a@example.com\r\nCc: b@example.com\r\n\r\n');
  const block = readHeaderBlock(larger.subarray(19, 38), true);
  t.strictSame(pairs(block.fields), [['cc', 'b@example.com']]);
});

t.test('cut anywhere, no field is ever seen in part', async (t) => {
  // Within CRLF and CR CR LF, within a fold, within a letter of two bytes.
  const message = Buffer.from('A: 1\r\nB: 2,\r\n 3\r\nC: \xfc\nD: 5\r\r\n\t6\r\n\r\nE: 7\r\n');
  const all = pairs(readHeaderBlock(message, true).fields);
  t.equal(all.length, 4);
  for (let length = 0; length <= message.length; length++) {
    const block = readHeaderBlock(message.subarray(0, length), false);
    const seen = pairs(block.fields);
    t.strictSame(seen, all.slice(0, seen.length), `${length} bytes`);
    t.equal(block.complete, length >= message.indexOf('\r\n\r\n') + 4, `${length} bytes: complete`);
  }
});
