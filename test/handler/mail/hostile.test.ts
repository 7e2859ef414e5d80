/**
 * Text made to be slow to read, at eight times the size that is ever read. What is linear ends in a moment; work that grows with the
 * square of the length takes a minute for each of several forms, and does not end within tap's time-out.
 */
import t from 'tap';
import { readAddressList } from '../../../handler/mail/address-list.js';
import { decide } from '../../../handler/mail/decide.js';
import { readHeaderBlock } from '../../../handler/mail/headers.js';
import { readTraceHeader } from '../../../handler/mail/trace-header.js';

const SIZE = 8 * 64 * 1024;
/** What follows the repetition is not part of it: what was tried over and over has failed by then. */
const filled = (unit: string) => `${unit.repeat(Math.ceil(SIZE / unit.length))}x`;

const CLAUSES = ' by inbound-smtp.us-east-1.amazonaws.com with SMTP id abc';
const SETTINGS = { mailDomain: 'bots.litentry.org', prefixes: ['or'] };

const UNITS = [
  ...[' ', '\t', '\r', '\n', '\r\n', '\r\r\n', '\r\n ', '\r ', '\0', '\xff', 'a:\r\n', 'a:\n\t', ' by ', ' for ', '; '],
  ...String.raw`a a: , " \ \" ( ) () (\ < > <> <@ @ . a. a@b, ; a:; [ [] (a) <a@b>, <@a, "a"@[b], =?utf-8?Q?a?=`.split(
    ' ',
  ),
  'a <b ',
  ...[CLAUSES, `${CLAUSES} for `, `${CLAUSES};`, `${CLAUSES} for a;`, ' by inbound-smtp.', ' for ;', ' id a'],
];

for (const unit of UNITS) {
  t.test(`${JSON.stringify(unit)}, repeated`, async (t) => {
    const text = filled(unit);
    t.ok(Array.isArray(readAddressList(`"${text}`)), 'as a quoted string');
    t.ok(Array.isArray(readAddressList(`(${text}`)), 'as a comment');
    t.ok(Array.isArray(readAddressList(`<${text}`)), 'within angle brackets');
    t.ok(readTraceHeader(`from ${text}`).by, 'as a trace header');
    t.ok(readTraceHeader(`from a${CLAUSES}${text}; date`).by, 'in a trace header');
    t.type(readHeaderBlock(Buffer.from(text, 'latin1'), false).complete, 'boolean', 'as a header block');
    t.ok(decide(Buffer.from(`To: ${text}`, 'latin1'), true, SETTINGS).kind, 'as the To of a message');
  });
}
