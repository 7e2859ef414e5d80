/**
 * Messages that are built to be costly are read to their end, and what is made of them is no more than they hold: nothing that comes after has
 * more work than the message is long. What that costs is measured by a bench: `npm run bench -- --only hostile`.
 */
import t from 'tap';
import { readMessage } from '../../../src/mailbox/reading/message.js';
import { hostileMessages } from './generated/hostile.js';

const lengthOf = (texts: string[]) => texts.reduce((length, text) => length + text.length, 0);

for (const [shape, raw] of hostileMessages(64 * 1024))
  t.test(shape, async (t) => {
    const { message, searched } = await readMessage({ id: 'x', arrived: new Date() }, raw, true);
    const { text, links, subject, from, to, html = '', headers } = message;
    const fields = [subject, from, to, ...headers.flatMap(({ name, value }) => [name, value])];
    const made = { text: [text], html: [html], links, fields, searched: [searched.subject, ...searched.body] };
    for (const [what, texts] of Object.entries(made))
      t.ok(lengthOf(texts) <= 5 * raw.length, `${what}: ${lengthOf(texts)} characters`);
  });
