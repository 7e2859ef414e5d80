/**
 * What is read in generated sign-up mail, against two independent readers: mailparser, which decodes by iconv-lite, reduces HTML with
 * html-to-text and finds links with linkify-it; and postal-mime, which decodes by Node.js's own decoder. What is to be read is known from how a
 * message was made. A reader that differs from it does so for a reason that is named here, or the test fails.
 */
import assert from 'node:assert/strict';
import { Parser } from 'htmlparser2';
import { simpleParser } from 'mailparser';
import PostalMime from 'postal-mime';
import t from 'tap';
import { search } from '../../../src/mailbox/pattern.js';
import { readMessage } from '../../../src/mailbox/reading/message.js';
import { property } from '../../handler/mail/generated/run.js';
import { type GeneratedMessage, message } from './generated/messages.js';
import type { Trait } from './generated/traits.js';

/** More with `PROPERTY_CASES=20000`. */
const CASES = Number(process.env.PROPERTY_CASES ?? 500);

/** What a reader reads in a message. White space is one space. */
interface Reading {
  subject: string;
  from: string;
  /** Undefined where the reader makes no text of HTML. */
  text: string | undefined;
  html: string;
  links: string[];
  code: string | undefined;
}

type Field = keyof Reading;
type Reader = 'mailparser' | 'postal-mime';

/** A reason for which a reader differs. */
interface Exception {
  reason: string;
  readers: Reader[];
  fields: Field[];
  /** One of these is in the message. */
  traits: Trait[];
}

const BOTH: Reader[] = ['mailparser', 'postal-mime'];

/** Whether this Node.js decodes windows-1252 wrongly (nodejs/node#60888). */
const NODE_IS_WRONG = new TextDecoder('windows-1252').decode(Uint8Array.of(0x80)) !== '€';

const EXCEPTIONS: Record<string, Exception> = {
  'hidden text': {
    reason:
      'No other reader looks at styles: invisible text is text to them, and a number in it the code (CSS 2.2 §9.2.4, §11.2).',
    readers: BOTH,
    fields: ['text', 'code'],
    traits: ['hidden'],
  },
  'a digit in each box': {
    reason: 'A row of elements with a digit each is one code to a reader, and several words to a program.',
    readers: BOTH,
    fields: ['text', 'code'],
    traits: ['boxes'],
  },
  'zero-width space': {
    reason: 'Default_Ignorable_Code_Point (Unicode, UAX #44): it takes no room.',
    readers: BOTH,
    fields: ['text', 'code'],
    traits: ['zero-width'],
  },
  'UTF-8 under another label': {
    reason: 'They take the label at its word (RFC 2046 §4.1.2). Bytes beyond ASCII that are valid UTF-8 are UTF-8.',
    readers: BOTH,
    fields: ['text', 'html', 'links'],
    traits: ['mislabelled'],
  },
  'a label that no standard has': {
    reason: 'mailparser detects UTF-8, too; postal-mime falls back to windows-1252 at once.',
    readers: ['postal-mime'],
    fields: ['text', 'html', 'links'],
    traits: ['label no standard has'],
  },
  'an unencoded subject that ends with byte A0': {
    reason:
      'mailparser removes the byte as a no-break space before it decodes: half of a character of UTF-8 (RFC 6532 §3.1).',
    readers: ['mailparser'],
    fields: ['subject'],
    traits: ['unencoded subject that ends with byte A0'],
  },
  'an address broken over lines': {
    reason: 'RFC 3986 appendix C: white space within angle brackets is no part of the address.',
    readers: BOTH,
    fields: ['text', 'links'],
    traits: ['broken url'],
  },
  'text directly after an address': {
    reason: 'Scripts without spaces: RFC 3986 has no such characters in an address, linkify-it and AgentKeys have.',
    readers: BOTH,
    fields: ['links'],
    traits: ['text after url'],
  },
  'punctuation after an address': {
    reason:
      "A full stop or bracket at the end belongs to the sentence (RFC 3986 appendix C). AgentKeys' expression takes it along.",
    readers: ['postal-mime'],
    fields: ['links'],
    traits: ['punctuation after url', 'parenthesis after url'],
  },
  ...(NODE_IS_WRONG
    ? {
        'windows-1252 by Node.js': {
          reason: 'Node.js decodes bytes 80 to 9F as control characters (nodejs/node#60888).',
          readers: ['postal-mime'] satisfies Reader[],
          fields: ['subject', 'from', 'text', 'html'] satisfies Field[],
          traits: ['windows-1252 beyond iso-8859-1'] satisfies Trait[],
        },
      }
    : {}),
};

const shown = (text: string) => text.replace(/\s+/g, ' ').trim();
const codeIn = (text: string) => /\b(\d{6})\b/.exec(text)?.[1];

function expected({ subject, from, text, html = '', links, code }: GeneratedMessage): Reading {
  return { subject, from: `${from.name} <${from.address}>`, text: shown(text), html: shown(html), links, code };
}

async function ours(raw: Buffer): Promise<Reading> {
  const { message, searched } = await readMessage({ id: 'x', arrived: new Date() }, raw, true);
  const { subject, from, text, html = '', links } = message;
  const code = search(/\b(\d{6})\b/, searched.body, 'group');
  return { subject, from, text: shown(text), html: shown(html), links, code };
}

async function byMailparser(raw: Buffer): Promise<Reading> {
  const { subject = '', from, text = '', html, textAsHtml = '' } = await simpleParser(raw);
  const [sender] = from?.value ?? [];
  return {
    subject,
    from: `${sender?.name} <${sender?.address}>`,
    // Of HTML, it puts the address of each link behind its text.
    text: shown(text).replace(/ \[https?:\S*?\]/g, ''),
    html: shown(html || ''),
    links: [...new Set([...hrefsIn(html || ''), ...(hasPlainText(raw) ? hrefsIn(textAsHtml) : [])])],
    code: codeIn(text),
  };
}

/** Links in text by the expression that AgentKeys searches with. */
async function byPostalMime(raw: Buffer): Promise<Reading> {
  const { subject = '', from, text, html = '' } = await PostalMime.parse(raw);
  return {
    subject,
    from: `${from?.name} <${from?.address}>`,
    text: text === undefined ? undefined : shown(text),
    html: shown(html),
    links: [...new Set([...hrefsIn(html), ...((text ?? '').match(/https?:\/\/[^\s<>"]+/g) ?? [])])],
    code: codeIn(text ?? textOf(html)),
  };
}

/** mailparser makes text of HTML, and then HTML of that. */
const hasPlainText = (raw: Buffer) => raw.includes('text/plain');

function hrefsIn(html: string): string[] {
  const hrefs: string[] = [];
  const onopentag = (name: string, { href }: Record<string, string>) => {
    if (name === 'a' && href !== undefined) hrefs.push(href);
  };
  new Parser({ onopentag }).end(html);
  return hrefs;
}

function textOf(html: string): string {
  const pieces: string[] = [];
  new Parser({ ontext: (piece) => void pieces.push(piece) }).end(html);
  return pieces.join('');
}

const count = { messages: 0, compared: 0 };
const differences = new Map<string, number>();

/** Compares a reader with what is to be read. @throws {AssertionError} where it differs for none of the reasons above. */
function compare(reader: Reader, read: Reading, right: Reading, traits: Set<Trait>): void {
  for (const field of Object.keys(right) as Field[]) {
    if (read[field] === undefined && field === 'text') continue;
    count.compared += 1;
    if (JSON.stringify(read[field]) === JSON.stringify(right[field])) continue;
    const reasons = Object.entries(EXCEPTIONS).filter(
      ([, one]) =>
        one.readers.includes(reader) && one.fields.includes(field) && one.traits.some((trait) => traits.has(trait)),
    );
    if (reasons.length === 0) assert.deepEqual(read[field], right[field], `${reader}: ${field}; ${[...traits].join()}`);
    for (const [name] of reasons) differences.set(name, (differences.get(name) ?? 0) + 1);
  }
}

property(t, 'sign-up mail in many forms', CASES, message, async (generated) => {
  const right = expected(generated);
  const { traits } = generated;
  const raw = Buffer.from(generated.raw, 'latin1');
  assert.deepEqual(await ours(raw), right, 'this library');
  compare('mailparser', await byMailparser(raw), right, traits);
  compare('postal-mime', await byPostalMime(raw), right, traits);
  count.messages += 1;
});

t.test('the differences and their reasons', async (t) => {
  // What is rare is not in a few hundred messages each time.
  const common = Object.keys(EXCEPTIONS).filter((name) => name !== 'an unencoded subject that ends with byte A0');
  const found = [...differences.values()].reduce((sum, one) => sum + one, 0);
  t.comment(`${count.messages} messages, ${count.compared} fields compared; ${found} differences:`);
  for (const [name, { reason }] of Object.entries(EXCEPTIONS)) {
    t.comment(`${name}: ${differences.get(name) ?? 0}. ${reason}`);
  }
  for (const name of common) t.ok(differences.has(name), name);
});
