/**
 * Sign-up mails as services send them: what is to be read in each is in fixtures/signups/index.json.
 */
import { readFile } from 'node:fs/promises';
import t from 'tap';
import { match } from '../../src/mailbox/match.js';
import { readMessage } from '../../src/mailbox/message.js';

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
