/**
 * Sign-up mails as services send them: what is to be read in each is in fixtures/signups/index.json.
 */
import { readFile } from 'node:fs/promises';
import t from 'tap';
import { match } from '../../../src/mailbox/match.js';
import { readMessage } from '../../../src/mailbox/reading/message.js';

interface Signup {
  file: string;
  about: string;
  subject: string;
  pattern: { code?: string; link?: string };
  code?: string;
  link?: string;
  links?: string[];
}

const { messages }: { messages: Signup[] } = JSON.parse(await readFile('fixtures/signups/index.json', 'utf8'));

t.equal(messages.length, 20);

for (const { file, about, subject, pattern, code, link, links } of messages)
  t.test(`${file}: ${about}`, async (t) => {
    const bytes = await readFile(`fixtures/signups/${file}`);
    const read = await readMessage({ id: 'x', arrived: new Date() }, bytes, true);
    t.equal(read.message.subject, subject);
    t.notOk(read.message.truncated);
    const extracted = (extract: { code: string } | { link: string }) => {
      const matched = match(read, { extract });
      return typeof matched === 'string' ? matched : matched.extracted;
    };
    t.notSame(pattern, {}, 'something is to be found in it');
    if (pattern.code !== undefined) t.equal(extracted({ code: pattern.code }), code);
    if (pattern.link !== undefined) t.equal(extracted({ link: pattern.link }), link);
    if (links !== undefined) t.strictSame(read.message.links, links);
  });

const place = { id: 'x', arrived: new Date('2026-01-31T12:00:00Z') };

t.test('all fields of a message', async (t) => {
  const raw = [
    'X-One: a',
    ' b',
    'From: =?UTF-8?Q?J=C3=BCrgen?= <j@example.com>',
    'To: a@example.com, Team: b@example.com, C <c@example.com>;',
    'Subject: Hi',
    '',
    'text',
  ].join('\r\n');
  const { message, searched } = await readMessage(place, Buffer.from(raw), true);
  t.strictSame(message, {
    ...place,
    from: 'Jürgen <j@example.com>',
    to: 'a@example.com, Team: b@example.com, C <c@example.com>;',
    subject: 'Hi',
    headers: [
      { name: 'X-One', value: 'a b' },
      { name: 'From', value: '=?UTF-8?Q?J=C3=BCrgen?= <j@example.com>' },
      { name: 'To', value: 'a@example.com, Team: b@example.com, C <c@example.com>;' },
      { name: 'Subject', value: 'Hi' },
    ],
    verdicts: {},
    text: 'text',
    links: [],
    truncated: false,
  });
  t.strictSame(searched, { subject: 'Hi', body: ['text', '', '', ''] });
});

t.test('searched in turn: the text, the visible HTML, the links, the HTML source', async (t) => {
  const html = '<p><a href="https://example.org/v?a=1&amp;b=2">Go</a></p>';
  const raw = `Subject: s\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\ntext\n--b\nContent-Type: text/html\n\n${html}\n--b--`;
  const { searched } = await readMessage(place, Buffer.from(raw), true);
  t.strictSame(searched, { subject: 's', body: ['text', 'Go', 'https://example.org/v?a=1&b=2', html] });
});

t.test('an empty message', async (t) => {
  const { message } = await readMessage(place, Buffer.from('\r\n'), true);
  t.match(message, { from: '', to: '', subject: '', text: '', headers: [], links: [] });
});

t.test('HTML only: the text is what a reader sees of it', async (t) => {
  const { message } = await readMessage(place, Buffer.from('Content-Type: text/html\n\n<p>a</p><p>b'), true);
  t.equal(message.text, 'a\nb');
  t.equal(message.html, '<p>a</p><p>b');
});

t.test('a truncated message is read up to the cut', async (t) => {
  const raw = await readFile('fixtures/signups/nested-multipart.eml');
  const end = raw.indexOf('Almost there! The code is');
  const { message } = await readMessage(place, raw.subarray(0, end), false);
  t.match(message.text, /the code is 275031/);
  t.ok(message.truncated);
});

t.test('a megabyte of line breaks is read completely', async (t) => {
  const { message } = await readMessage(place, Buffer.from(`Subject: x\n\ny${'\n'.repeat(1024 * 1024)}z`), true);
  t.match(message, { subject: 'x', text: /^y\n+z$/, truncated: false });
});

t.test('parts nested too deeply and headers that are too long are refused', async (t) => {
  const nested = Array.from(
    { length: 40 },
    (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\n\n--b${n}\n`,
  ).join('');
  await t.rejects(readMessage(place, Buffer.from(nested), true), /nesting depth/);
  await t.rejects(readMessage(place, Buffer.from(`X: ${'x'.repeat(300_000)}\n\n`), true), /header size/i);
});
