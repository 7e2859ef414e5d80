import { readdirSync } from 'node:fs';
import t from 'tap';
import { bytesOf, messages } from './messages.js';

const positionOf = (file: string, text: string) => bytesOf(file).indexOf(text);

t.test('the index lists every message', async (t) => {
  const files = readdirSync(new URL('../../fixtures/messages/', import.meta.url)).filter((file) =>
    file.endsWith('.eml'),
  );
  t.strictSame(messages.map(({ file }) => file).sort(), files.sort());
});

for (const { file, key } of messages) {
  t.test(file, async (t) => {
    const text = bytesOf(file).toString('latin1');
    t.notMatch(text, /[^\r]\n/, 'every line ends in CRLF');
    if (file === 'setup-notice.eml') return;

    t.match(text, /^Return-Path: <[^>]+>\r\nReceived: from /, 'begins as SES begins it');
    const id = /with SMTP id ([0-9a-v]{40});?\r\n/.exec(text);
    t.equal(`inbound/${id?.[1]}`, key, 'its key is the SMTP id');
    const end = text.indexOf('+0000 (UTC)\r\n') + '+0000 (UTC)\r\n'.length;
    t.ok(end < 353, `the trace header ends at byte ${end}, before 353`);
  });
}

t.test('what the fixtures are there for', async (t) => {
  const to = '\r\nTo: ';
  t.ok(positionOf('google-to-past-2048.eml', to) + 2 >= 2048, 'To: begins past byte 2048');
  t.ok(positionOf('outlook-arc-8k.eml', to) + 2 >= 8192, 'To: begins past byte 8192');
  t.equal(positionOf('bcc-no-to.eml', to), -1, 'no To: at all');
  t.equal(positionOf('no-for.eml', '\r\n for '), -1, 'no for clause');
  t.equal(positionOf('no-for-two-wallets.eml', '\r\n for '), -1, 'no for clause');
  t.equal(positionOf('setup-notice.eml', 'Received:'), -1, 'no Received header');
  t.ok(Math.abs(bytesOf('setup-notice.eml').length - 645) < 10, 'as long as the set-up notice');
});
