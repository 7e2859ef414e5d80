import t from 'tap';
import { type HeaderField, readHeaderBlock } from '../../handler/headers.js';

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
    'a value with a colon and a NUL in it': ['Subject: a: \0b\r\n\r\n', [['subject', 'a: \0b']]],
    'bytes past US-ASCII': ['Subject: gr\xfcn\r\n\r\n', [['subject', 'gr\xfcn']]],
    'lines that are no fields, with their continuations': [
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
    'a field before one that is being continued': [
      'To: a@example.com\r\nCc: b@example.com\r\n c',
      [['to', 'a@example.com']],
      false,
    ],
    'the empty line is there': ['To: a@example.com\r\n\r\n', [['to', 'a@example.com']], true],
    'the empty line is there, and part of the body': [
      'To: a@example.com\r\n\r\nCc: c',
      [['to', 'a@example.com']],
      true,
    ],
  };
  for (const [name, [bytes, fields, complete]] of Object.entries(cases)) {
    const block = readHeaderBlock(Buffer.from(bytes), false);
    t.strictSame([pairs(block.fields), block.complete], [fields, complete], name);
  }
});

t.test('a view into a larger buffer is read alone', async (t) => {
  const larger = new TextEncoder().encode('To: a@example.com\r\nCc: b@example.com\r\n\r\n');
  const block = readHeaderBlock(larger.subarray(19, 38), true);
  t.strictSame(pairs(block.fields), [['cc', 'b@example.com']]);
});

t.test('cut anywhere, no field is ever seen in part', async (t) => {
  const message = Buffer.from('A: 1\r\nB: 2,\r\n 3\r\nC: 4\nD: 5\r\n\t6\r\n\r\nE: 7\r\n');
  const all = pairs(readHeaderBlock(message, true).fields);
  t.equal(all.length, 4);
  for (let length = 0; length <= message.length; length++) {
    const block = readHeaderBlock(message.subarray(0, length), false);
    const seen = pairs(block.fields);
    t.strictSame(seen, all.slice(0, seen.length), `${length} bytes`);
    t.equal(block.complete, length >= message.indexOf('\r\n\r\n') + 4, `${length} bytes: complete`);
  }
});
