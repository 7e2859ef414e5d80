/**
 * Messages written for what is hard to read in real ones: character sets, links, HTML, codes in boxes. What is to be read in each is in
 * fixtures/reading/index.json.
 */
import { readFile } from 'node:fs/promises';
import t from 'tap';
import { match } from '../../../src/mailbox/match.js';
import { readMessage } from '../../../src/mailbox/reading/message.js';

interface Case {
  file: string;
  about: string;
  /** An expression, and what it is to find. */
  code?: [pattern: string, found: string];
  link?: [pattern: string, found: string];
  links?: string[];
  text?: string;
  expectSubject?: string;
  expectFrom?: string;
}

const { messages }: { messages: Case[] } = JSON.parse(await readFile('fixtures/reading/index.json', 'utf8'));

t.ok(messages.length >= 60);

for (const { file, about, code, link, links, text, expectSubject, expectFrom } of messages)
  t.test(`${file}: ${about}`, async (t) => {
    const bytes = await readFile(`fixtures/reading/${file}`);
    const read = await readMessage({ id: 'x', arrived: new Date() }, bytes, true);
    const { message } = read;
    const extracted = (extract: { code: string } | { link: string }) => {
      const matched = match(read, { extract });
      return typeof matched === 'string' ? matched : matched.extracted;
    };
    if (code !== undefined) t.equal(extracted({ code: code[0] }), code[1]);
    if (link !== undefined) t.equal(extracted({ link: link[0] }), link[1]);
    if (links !== undefined) t.strictSame(message.links, links);
    if (text !== undefined) t.equal(message.text, text);
    if (expectSubject !== undefined) t.equal(message.subject, expectSubject);
    if (expectFrom !== undefined) t.equal(message.from, expectFrom);
  });
